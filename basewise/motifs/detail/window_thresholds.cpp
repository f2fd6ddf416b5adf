#include "basewise/motifs/detail/window_thresholds.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/numpy_random.h"
#include "basewise/motifs/detail/window_null.h"

namespace basewise::motifs::detail {
namespace {

/// A million of the sums where there are more, in ascending order; drawn as modiscolite draws them.
std::vector<double> thinned(const std::vector<double>& sums) {
  constexpr std::size_t kMost = 1'000'000, kPossible = std::size_t{1} << 31;
  if (sums.size() > kPossible) throw ArgumentError(format("{} windows are too many; at most {} are possible", sums.size(), kPossible));
  std::vector<double> some;
  if (sums.size() <= kMost) {
    some = sums;
  } else {
    const std::vector<std::uint32_t> order = NumpyRandom(1234).permutation(static_cast<std::uint32_t>(sums.size()));
    some.resize(kMost);
    for (std::size_t i = 0; i < kMost; ++i) some[i] = sums[order[i]];
  }
  sort_ascending(some);
  return some;
}

/// Values at or above zero, or those below it with their signs turned; ascending.
std::vector<double> side(std::span<const double> sorted, bool upper) {
  const auto zero = std::lower_bound(sorted.begin(), sorted.end(), 0.0);
  if (upper) return {zero, sorted.end()};
  std::vector<double> away(std::make_reverse_iterator(zero), sorted.rend());
  for (double& x : away) x = -x;
  return away;
}

/// Moves both thresholds to a quantile of absolute values where too few or too many pass.
void keep_share(std::span<const double> sorted, const ModiscoSeqletOptions& o, ModiscoNull& null, std::vector<std::string>& notes) {
  const auto passing = (sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), null.positive_threshold)) +
                       (std::upper_bound(sorted.begin(), sorted.end(), null.negative_threshold) - sorted.begin());
  const double share = static_cast<double>(passing) / static_cast<double>(sorted.size());
  if (share >= o.min_passing && share <= o.max_passing) return;
  const double wanted = share < o.min_passing ? o.min_passing : o.max_passing;
  std::vector<double> away(sorted.begin(), sorted.end());
  for (double& x : away) x = std::abs(x);
  std::sort(away.begin(), away.end());
  null.positive_threshold = quantile(away, 100 * (1 - wanted) / 100);
  null.negative_threshold = -null.positive_threshold;
  notes.push_back(format("at the false discovery rate of {:g}, {:.3g} % of the windows pass; the threshold is moved so that {:g} % do",
                         o.fdr, 100 * share, 100 * wanted));
}

/// Share of sorted values x with |x| < limit.
double share_within(std::span<const double> sorted, double limit) {
  const auto from = std::upper_bound(sorted.begin(), sorted.end(), -limit), to = std::lower_bound(from, sorted.end(), limit);
  return static_cast<double>(to - from) / static_cast<double>(sorted.size());
}

/// The absolute value of rank `rank`, from 0, of sorted values.
double absolute_at(std::span<const double> sorted, std::size_t rank) {
  auto above = std::lower_bound(sorted.begin(), sorted.end(), 0.0), below = above;  // `below` is behind the next one
  double value = 0;
  for (std::size_t i = 0; i <= rank; ++i)
    value = below == sorted.begin() || (above != sorted.end() && *above <= -*std::prev(below)) ? *above++ : -*--below;
  return value;
}

}  // namespace

std::vector<double> window_sums(std::span<const float> values, std::int64_t window) {
  std::vector<double> before(values.size() + 1, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) before[i + 1] = before[i] + values[i];
  std::vector<double> sums(values.size() - window + 1);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = before[i + window] - before[i];
  return sums;
}

std::vector<double> all_window_sums(const AttributionSet& set, std::int64_t window) {
  const std::int64_t windows = set.length - window + 1;
  std::vector<double> sums(set.examples * windows);
  parallel_for(set.examples, 16, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::vector<double> own = window_sums({set.contribution(i), static_cast<std::size_t>(set.length)}, window);
      std::copy(own.begin(), own.end(), sums.begin() + i * windows);
    }
  });
  return sums;
}

ModiscoNull thresholds_of(std::vector<double> sums, const ModiscoSeqletOptions& options, std::vector<std::string>& notes) {
  const std::vector<double> some = thinned(sums);
  sort_ascending(sums);
  ModiscoNull null = fit_null(sums);
  std::vector<double> samples = null_samples(null, options.null_samples, options.null_seed);
  sort_ascending(samples);
  const std::vector<double> above = side(some, true), below = side(some, false);
  const std::vector<double> null_above = side(samples, true), null_below = side(samples, false);
  if (!above.empty() && null_above.empty())
    notes.push_back("the null has no positive sums: every positive window is taken for significant");
  if (!below.empty() && null_below.empty())
    notes.push_back("the null has no negative sums: every negative window is taken for significant");
  null.positive_threshold = isotonic_threshold(above, null_above, options.fdr);
  null.negative_threshold = -isotonic_threshold(below, null_below, options.fdr);
  keep_share(some, options, null, notes);

  // The weaker of the thresholds as a quantile of absolute sums.
  // A little less, so that rounding takes no seqlet away.
  const double weaker = std::min(share_within(sums, null.positive_threshold), share_within(sums, -null.negative_threshold)) - 0.0001;
  const double rank = std::min(weaker, options.weak_quantile) * static_cast<double>(sums.size());
  const auto last = static_cast<double>(sums.size() - 1);
  null.sign_threshold = absolute_at(sums, static_cast<std::size_t>(std::clamp(rank, 0.0, last)));
  return null;
}

}  // namespace basewise::motifs::detail
