#include "basewise/evaluate/detail/example_spread.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace basewise::evaluate::detail {

results::ExampleHistogram histogram_of(const std::string& metric, const std::vector<double>& values, const std::vector<double>* ceiling,
                              const std::vector<double>* floor) {
  constexpr std::int64_t kBins = 40;
  results::ExampleHistogram h{.metric = metric};
  std::vector<double> all;
  for (const auto* part : {&values, ceiling, floor})
    if (part != nullptr) std::copy_if(part->begin(), part->end(), std::back_inserter(all), [](double v) { return std::isfinite(v); });
  if (all.empty()) return h;
  std::sort(all.begin(), all.end());
  // The outermost thousandth at either end would squeeze the rest together.
  const std::size_t cut = all.size() / 1000;
  h.low = all[cut];
  h.high = all[all.size() - 1 - cut];
  if (!(h.high > h.low)) h.high = h.low + std::max(1e-9, std::abs(h.low) * 1e-9);
  const auto count = [&](const std::vector<double>* part) {
    std::vector<std::int64_t> counts;
    if (part == nullptr) return counts;
    counts.resize(kBins);
    for (const double v : *part) {
      if (!std::isfinite(v)) continue;
      if (v < h.low || v > h.high) {
        ++h.outside;
        continue;
      }
      ++counts[static_cast<std::size_t>(
          std::min<std::int64_t>(kBins - 1, static_cast<std::int64_t>((v - h.low) / (h.high - h.low) * kBins)))];
    }
    return counts;
  };
  h.counts = count(&values);
  h.ceiling = count(ceiling);
  h.floor = count(floor);
  return h;
}

}  // namespace basewise::evaluate::detail
