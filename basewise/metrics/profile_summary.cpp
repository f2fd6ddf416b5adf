#include "basewise/metrics/profile_summary.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/median.h"

namespace basewise::metrics {
namespace {

BootstrapResult interval_of_mean(std::span<const double> values, std::span<const std::int64_t> blocks, const BootstrapOptions& options) {
  const DenseBlocks dense = dense_blocks(blocks);
  const std::int64_t units = blocks.empty() ? static_cast<std::int64_t>(values.size()) : dense.count;
  std::vector<double> sum(static_cast<std::size_t>(units)), size(sum.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const std::size_t unit = blocks.empty() ? i : dense.block[i];
    sum[unit] += values[i];
    size[unit] += 1;
  }
  return bootstrap(
      units,
      [&](std::span<const std::uint32_t> counts) {
        double total = 0, examples = 0;
        for (std::size_t b = 0; b < counts.size(); ++b) {
          total += counts[b] * sum[b];
          examples += counts[b] * size[b];
        }
        return examples > 0 ? MetricResult::of(total / examples) : MetricResult::undefined("undefined in every example");
      },
      options);
}

}  // namespace

ExampleSummary summarise_examples(std::span<const double> values, std::span<const std::int64_t> blocks,
                                  const std::optional<BootstrapOptions>& options) {
  detail::check_size(values.size(), blocks.size(), "blocks", true);
  ExampleSummary s;
  s.examples = static_cast<std::int64_t>(values.size());
  std::vector<double> defined;
  for (const double v : values)
    if (!std::isnan(v)) defined.push_back(v);
  s.undefined = s.examples - static_cast<std::int64_t>(defined.size());
  if (defined.empty()) {
    s.mean = s.median = MetricResult::undefined(values.empty() ? "no examples" : "undefined in every example");
    return s;
  }
  const auto infinite = std::count_if(defined.begin(), defined.end(), [](double v) { return std::isinf(v); });
  if (infinite > 0) {
    s.mean = MetricResult::undefined(format("{} examples have reads where the prediction gives no probability", infinite));
  } else {
    s.mean = MetricResult::of(std::accumulate(defined.begin(), defined.end(), 0.0) / static_cast<double>(defined.size()));
  }
  s.median = MetricResult::of(detail::median_of(std::move(defined)));
  if (options && infinite == 0) s.interval = interval_of_mean(values, blocks, *options);
  return s;
}

}  // namespace basewise::metrics
