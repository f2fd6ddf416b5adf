// Outputs that would replace what a program reads, or each other.
#pragma once

#include <string>
#include <vector>

#include "basewise/core/files.h"

namespace basewise {

/// A path and the option that gave it: "fasta".
struct GivenPath {
  std::string option;
  fs::path path;  ///< empty: not given
};

/// No output may be one of the inputs, whatever it is called (links, "./x"), or another output, and
/// no output folder may hold an input.
/// Errors: ArgumentError that names both options and the file.
void require_apart(const std::vector<GivenPath>& inputs, const std::vector<GivenPath>& outputs);

}  // namespace basewise
