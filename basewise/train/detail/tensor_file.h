// Bundles as safetensors files.
#pragma once

#include <filesystem>

#include "basewise/tensor/bundle.h"

namespace basewise::train::detail {

/// Writes every tensor (copied to the CPU) atomically. Errors: DataError (disk), InternalError for a type that the format lacks.
void save_bundle(const Bundle& bundle, const std::filesystem::path& file);

/// Errors: DataError for a file that is not whole.
Bundle load_bundle(const std::filesystem::path& file);

}  // namespace basewise::train::detail
