#include "basewise/metrics/detail/percentile.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace basewise::metrics::detail {

BootstrapResult percentile_interval(std::vector<double> values, double confidence) {
  BootstrapResult result;
  result.undefined = static_cast<std::int64_t>(std::erase_if(values, [](double x) { return std::isnan(x); }));
  result.replicates = static_cast<std::int64_t>(values.size());
  if (values.empty()) {
    result.reason = "the metric is undefined in every replicate";
    return result;
  }
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double q) {
    const double place = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - static_cast<double>(below)) * (values[above] - values[below]);
  };
  result.low = quantile(0.5 * (1 - confidence));
  result.high = quantile(0.5 * (1 + confidence));
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  if (values.size() > 1) result.standard_error = std::sqrt(squares / (n - 1));
  return result;
}

}  // namespace basewise::metrics::detail
