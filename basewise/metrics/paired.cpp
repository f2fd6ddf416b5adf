#include "basewise/metrics/paired.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::metrics {
namespace {

constexpr std::int64_t kMostExact = 50;

void require_finite(std::span<const double> values, const char* what) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i])) throw ArgumentError(format("{}: value {} is {}; expected finite numbers", what, i, values[i]));
}

/// Twice the ranks of the absolute values, so that means of tied ranks are whole numbers;
/// `tie_sum` is the sum of t^3 - t.
std::vector<std::int64_t> doubled_ranks(const std::vector<double>& values, double& tie_sum) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return std::abs(values[a]) < std::abs(values[b]); });
  std::vector<std::int64_t> ranks(values.size());
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    while (end < order.size() && std::abs(values[order[end]]) == std::abs(values[order[begin]])) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<std::int64_t>(begin + end + 1);
    const auto tied = static_cast<double>(end - begin);
    tie_sum += tied * tied * tied - tied;
  }
  return ranks;
}

struct Tails {
  double below = 0;  ///< P(W+ <= w)
  double above = 0;  ///< P(W+ >= w)
};

/// Over all signs of these ranks. Shares of 2^-n are exact in a double for n up to 50.
Tails exact_tails(const std::vector<std::int64_t>& ranks, std::int64_t observed) {
  const auto total = static_cast<std::size_t>(std::accumulate(ranks.begin(), ranks.end(), std::int64_t{0}));
  std::vector<double> share(total + 1, 0.0);
  share[0] = 1;
  for (const std::int64_t rank : ranks) {
    const auto r = static_cast<std::size_t>(rank);
    for (std::size_t s = total + 1; s-- > 0;) share[s] = (share[s] + (s >= r ? share[s - r] : 0)) / 2;
  }
  Tails tails;
  for (std::size_t s = 0; s <= total; ++s) {
    if (static_cast<std::int64_t>(s) <= observed) tails.below += share[s];
    if (static_cast<std::int64_t>(s) >= observed) tails.above += share[s];
  }
  return tails;
}

Tails normal_tails(double n, double w, double tie_sum) {
  const double mean = n * (n + 1) / 4, deviation = std::sqrt(n * (n + 1) * (2 * n + 1) / 24 - tie_sum / 48);
  const auto upper = [](double z) { return 0.5 * std::erfc(z / std::sqrt(2.0)); };
  return {.below = upper(-(w - mean + 0.5) / deviation), .above = upper((w - mean - 0.5) / deviation)};
}

}  // namespace

SignedRankResult wilcoxon_signed_rank(std::span<const double> differences) {
  require_finite(differences, "wilcoxon_signed_rank");
  SignedRankResult result;
  result.pairs = static_cast<std::int64_t>(differences.size());
  std::vector<double> values;
  for (const double d : differences)
    if (d != 0) values.push_back(d);
  const auto n = static_cast<std::int64_t>(values.size());
  result.zeros = result.pairs - n;
  if (n == 0) {
    result.reason = result.pairs == 0 ? "no pairs" : "all differences are zero";
    return result;
  }
  double tie_sum = 0;
  const std::vector<std::int64_t> ranks = doubled_ranks(values, tie_sum);
  std::int64_t doubled = 0;
  for (std::size_t i = 0; i < values.size(); ++i) doubled += values[i] > 0 ? ranks[i] : 0;
  result.rank_sum = static_cast<double>(doubled) / 2;
  result.exact = n <= kMostExact;
  const Tails tails = result.exact ? exact_tails(ranks, doubled) : normal_tails(static_cast<double>(n), result.rank_sum, tie_sum);
  result.p_greater = tails.above;
  result.p_two_sided = std::min(1.0, 2 * std::min(tails.below, tails.above));
  return result;
}

SampleSummary summarise(std::span<const double> values, const BootstrapOptions& options) {
  require_finite(values, "summarise");
  SampleSummary s;
  s.n = static_cast<std::int64_t>(values.size());
  if (s.n == 0) {
    s.interval.reason = "no values";
    return s;
  }
  const auto n = static_cast<double>(s.n);
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  s.mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / n;
  double squares = 0;
  for (const double v : sorted) squares += (v - s.mean) * (v - s.mean);
  if (s.n > 1) s.sd = std::sqrt(squares / (n - 1));
  const std::size_t middle = sorted.size() / 2;
  s.median = sorted.size() % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  s.minimum = sorted.front();
  s.maximum = sorted.back();
  if (s.n == 1) {
    s.interval.reason = "one value has no spread";
    return s;
  }
  s.interval = bootstrap(
      s.n,
      [&](std::span<const std::uint32_t> counts) {
        double sum = 0;
        for (std::size_t i = 0; i < counts.size(); ++i) sum += counts[i] * values[i];
        return MetricResult::of(sum / n);
      },
      options);
  return s;
}

}  // namespace basewise::metrics
