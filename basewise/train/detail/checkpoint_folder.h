// Single checkpoints: folders <step-12 digits>/{state.json, tensors.safetensors}.
#pragma once

#include <filesystem>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/train/checkpoint.h"

namespace basewise::train::detail {

/// A version that this program does not know: no reason to fall back to an older checkpoint, which
/// would be of that version too.
class VersionError : public StateError {
 public:
  using StateError::StateError;
};

/// Writes the checkpoint of this step below `folder`, atomically; one of the same step is replaced.
void write_checkpoint(const std::filesystem::path& folder, const TrainingState& state);

/// Reads one checkpoint folder. Errors: StateError naming the file and what is wrong with it.
TrainingState load_checkpoint(const std::filesystem::path& folder);

/// Checkpoint folders, newest first.
std::vector<std::filesystem::path> list_checkpoints(const std::filesystem::path& folder);

}  // namespace basewise::train::detail
