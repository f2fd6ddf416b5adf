#include "basewise/evaluate/detail/outputs.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::evaluate::detail {

std::vector<std::string> channel_names(const std::vector<std::string>& given, std::size_t channels) {
  if (!given.empty() && given.size() != channels)
    throw ArgumentError(format("{} names were given for {} outputs", given.size(), channels));
  std::vector<std::string> names = given;
  for (std::size_t c = names.size(); c < channels; ++c) names.push_back(std::to_string(c));
  return names;
}

std::vector<results::MetricValue> mean_over(const std::vector<results::OutputEvaluation>& outputs) {
  std::vector<results::MetricValue> means;
  for (std::size_t m = 0; !outputs.empty() && m < outputs[0].metrics.size(); ++m) {
    std::vector<metrics::MetricResult> values;
    results::MetricValue mean = outputs[0].metrics[m];
    for (const auto& output : outputs) {
      values.push_back(output.metrics[m].value);
      mean.bins = std::max(mean.bins, output.metrics[m].bins);
    }
    mean.value = metrics::mean_defined(values);
    mean.interval = {};
    means.push_back(mean);
  }
  return means;
}

}  // namespace basewise::evaluate::detail
