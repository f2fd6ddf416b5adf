// Bundles as safetensors files.
#pragma once

#include <filesystem>
#include <iosfwd>

#include "basewise/tensor/bundle.h"

namespace basewise::train {

/// Writes every tensor (copied to the CPU) atomically.
/// Errors: DataError (disk), InternalError for a type that the format lacks.
void save_bundle(const Bundle& bundle, const std::filesystem::path& file);

/// The same bytes onto a stream, whose state the caller checks.
void save_bundle(const Bundle& bundle, std::ostream& out);

/// Errors: DataError for a file that is not whole.
Bundle load_bundle(const std::filesystem::path& file);

}  // namespace basewise::train
