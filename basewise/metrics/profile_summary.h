// One number for the values of a metric over examples.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "basewise/metrics/bootstrap.h"
#include "basewise/metrics/result.h"

namespace basewise::metrics {

/// Values of one metric over examples as one number. An infinite value (no probability where there
/// are reads) leaves no mean.
struct ExampleSummary {
  MetricResult mean;  ///< over the examples where the metric is defined
  MetricResult median;
  BootstrapResult interval;  ///< of the mean; `replicates` is 0 where none was asked for
  std::int64_t examples = 0;
  std::int64_t undefined = 0;  ///< examples where the metric is not defined
};

/// `blocks` (N,), or empty: examples that the bootstrap draws together.
/// Without `options` there is no interval.
ExampleSummary summarise_examples(std::span<const double> values, std::span<const std::int64_t> blocks,
                                  const std::optional<BootstrapOptions>& options);

}  // namespace basewise::metrics
