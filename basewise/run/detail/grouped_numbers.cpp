#include "basewise/run/detail/grouped_numbers.h"

namespace basewise::run::detail {

evaluate::GroupedOptions grouped_options(const BinnedSet& binned, const std::vector<std::string>& metrics, std::int64_t memory) {
  evaluate::GroupedOptions options{.exponential = binned.head.exponential};
  options.head = {.output = binned.head.output, .target = binned.head.target, .metrics = metrics, .names = binned.tracks.names};
  options.settings.memory = memory << 20;
  return options;
}

void add_metrics(MeasureNumbers& numbers, const std::string& prefix, const std::vector<std::string>& names, const TrackFacts& tracks,
                 const results::HeadEvaluation& found) {
  for (std::size_t m = 0; m < names.size(); ++m) {
    std::vector<metrics::MetricResult> values;
    for (const results::OutputEvaluation& output : found.outputs) values.push_back(output.metrics[m].value);
    add_tracks(numbers, prefix, names[m], tracks, values);
  }
}

void append_fields(std::vector<std::string>& row, const results::OutputEvaluation& track) {
  for (const results::MetricValue& value : track.metrics) row.push_back(field_of(value.value));
}

}  // namespace basewise::run::detail
