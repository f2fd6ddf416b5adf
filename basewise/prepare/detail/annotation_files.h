// The files of `write_annotation`.
#pragma once

#include <filesystem>
#include <vector>

#include "basewise/prepare/annotation.h"

namespace basewise::prepare::detail {

/// All of them, in the order in which they are written.
std::vector<std::filesystem::path> annotation_files(const AnnotationOptions& options, const std::filesystem::path& folder);

/// Writes `result.files`, each whole or not at all.
void write_annotation_files(const AnnotationResult& result);

}  // namespace basewise::prepare::detail
