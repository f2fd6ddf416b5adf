#include "basewise/prepare/window_bases.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::prepare {
namespace {

constexpr std::int64_t kBlackBuffer = 20;
constexpr std::int64_t kFewestBinsForBaseline = 8;

bool any_missing(std::span<const float> bases) {
  return std::any_of(bases.begin(), bases.end(), [](float x) { return std::isnan(x); });
}

void interpolate_missing(std::span<float> bases) {
  const std::int64_t size = std::ssize(bases);
  const auto at = [&](std::int64_t i) -> double {
    return i < 0 || i >= size ? 0 : static_cast<double>(bases[static_cast<std::size_t>(i)]);
  };
  for (std::int64_t i = 0; i < size; ++i) {
    if (!std::isnan(at(i))) continue;
    std::int64_t end = i;
    while (end < size && std::isnan(at(end))) ++end;
    const double left = at(i - 1), step = (at(end) - left) / static_cast<double>(end - i + 1);
    for (std::int64_t k = i; k < end; ++k)
      bases[static_cast<std::size_t>(k)] = static_cast<float>(left + step * static_cast<double>(k - i + 1));
    i = end;
  }
}

}  // namespace

Blacklist widened_blacklist(const std::vector<seq::Interval>& intervals, const seq::ChromSizes& sizes) {
  std::vector<seq::Interval> wide = intervals;
  for (seq::Interval& interval : wide) {
    interval.start = std::max<std::int64_t>(0, interval.start - kBlackBuffer);
    interval.end += kBlackBuffer;
  }
  Blacklist black(sizes.size());
  for (const seq::Interval& interval : seq::merge(std::move(wide)))
    if (const auto chrom = sizes.find(interval.chrom))
      black[*chrom].emplace_back(interval.start, std::min(interval.end, sizes[*chrom].length));
  return black;
}

double quantile(std::span<const float> values, double q) {
  if (values.empty()) throw ArgumentError("there is no quantile of no values");
  std::vector<float> sorted(values.begin(), values.end());
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::ptrdiff_t>(position);
  std::nth_element(sorted.begin(), sorted.begin() + below, sorted.end());
  const auto low = static_cast<double>(sorted[static_cast<std::size_t>(below)]);
  if (below + 1 >= std::ssize(sorted)) return low;
  const auto high = static_cast<double>(*std::min_element(sorted.begin() + below + 1, sorted.end()));
  return low + (position - static_cast<double>(below)) * (high - low);
}

std::int64_t mend_bases(std::span<float> bases, std::int64_t start, std::span<const std::pair<std::int64_t, std::int64_t>> black,
                        const CoverageRules& rules) {
  const std::int64_t end = start + std::ssize(bases);
  const std::int64_t missing = std::count_if(bases.begin(), bases.end(), [](float x) { return std::isnan(x); });
  if (rules.interpolate && missing > 0) interpolate_missing(bases);
  auto stretch = std::partition_point(black.begin(), black.end(), [&](const auto& b) { return b.second <= start; });
  if (stretch == black.end() || stretch->first >= end) {  // without a blacklist the baseline matters to nothing else: it is 0 with gaps
    if (missing > 0 && !rules.interpolate) std::replace_if(bases.begin(), bases.end(), [](float x) { return std::isnan(x); }, 0.0f);
    return missing;
  }
  const bool has_baseline = std::ssize(bases) / rules.width >= kFewestBinsForBaseline && !any_missing(bases);
  const auto baseline = has_baseline ? static_cast<float>(quantile(bases, rules.black_percentile)) : 0.0f;
  const float low = std::min(-baseline, baseline), high = std::max(-baseline, baseline);
  for (; stretch != black.end() && stretch->first < end; ++stretch)
    for (std::int64_t i = std::max(stretch->first, start); i < std::min(stretch->second, end); ++i) {
      float& base = bases[static_cast<std::size_t>(i - start)];
      if (!std::isnan(base)) base = std::clamp(base, low, high);
    }
  std::replace_if(bases.begin(), bases.end(), [](float x) { return std::isnan(x); }, baseline);
  return missing;
}

}  // namespace basewise::prepare
