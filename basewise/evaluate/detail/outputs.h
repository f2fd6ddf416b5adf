// What measures of several outputs have in common.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "basewise/results/evaluation.h"

namespace basewise::evaluate::detail {

/// The names of `channels` outputs: those given, else "0", "1", ...
/// Errors: ArgumentError where another number was given.
std::vector<std::string> channel_names(const std::vector<std::string>& given, std::size_t channels);

/// Each metric averaged over the outputs where it is defined; no intervals.
std::vector<results::MetricValue> mean_over(const std::vector<results::OutputEvaluation>& outputs);

}  // namespace basewise::evaluate::detail
