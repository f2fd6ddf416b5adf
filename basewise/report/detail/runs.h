// The runs of a document, and what its sections call them and their parts.
#pragma once

#include <string>
#include <vector>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

using Runs = std::vector<Run>;

std::vector<std::string> ids_of(const Runs& runs);

/// What the two strands are called as channels of an output.
std::vector<std::string> strand_names();

/// What an evaluation calls "pooled", in words.
std::string pooled_name(const Run& run);

/// "test set", "validation set" or "training set".
std::string set_name(results::Set set);

}  // namespace basewise::report::detail
