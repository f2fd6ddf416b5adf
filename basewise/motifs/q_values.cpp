#include "basewise/motifs/q_values.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <utility>

namespace basewise::motifs {
namespace {

struct Ranked {
  double p_value = 0;
  std::uint32_t place = 0;
};

/// The leading bits of a number that is not negative; they are ordered as the numbers.
std::uint32_t leading_bits(double value) { return static_cast<std::uint32_t>(std::bit_cast<std::uint64_t>(value) >> 31); }

/// Sorted by p-value: by leading bits, 11 at a time, then the few that these leave out of order.
std::vector<Ranked> ranked(std::span<const double> p_values) {
  constexpr std::uint32_t kDigit = 11, kDigits = 1u << kDigit;
  const std::size_t n = p_values.size();
  std::vector<Ranked> order(n), next(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = {p_values[i] + 0.0, static_cast<std::uint32_t>(i)};
  for (std::uint32_t shift = 0; shift < 33; shift += kDigit) {
    std::vector<std::uint32_t> starts(kDigits + 1, 0);
    for (const Ranked& r : order) ++starts[(leading_bits(r.p_value) >> shift & (kDigits - 1)) + 1];
    for (std::uint32_t d = 0; d < kDigits; ++d) starts[d + 1] += starts[d];
    for (const Ranked& r : order) next[starts[leading_bits(r.p_value) >> shift & (kDigits - 1)]++] = r;
    order.swap(next);
  }
  for (std::size_t i = 1; i < n; ++i)
    for (std::size_t k = i; k > 0 && order[k].p_value < order[k - 1].p_value; --k) std::swap(order[k], order[k - 1]);
  return order;
}

}  // namespace

std::vector<double> q_values(std::span<const double> p_values, double true_nulls) {
  const std::size_t n = p_values.size();
  const std::vector<Ranked> order = ranked(p_values);
  std::vector<double> q(n);
  double least = 1;
  for (std::size_t rank = n; rank > 0; --rank) {
    const Ranked& at = order[rank - 1];
    least = std::min(least, true_nulls * at.p_value * static_cast<double>(n) / static_cast<double>(rank));
    q[at.place] = least;
  }
  return q;
}

double true_null_share(std::vector<double> p_values) {
  constexpr std::size_t kFewest = 100;
  constexpr int kThresholds = 100;
  constexpr double kHighest = 0.5;
  constexpr double kResampled = 1000;
  if (p_values.size() <= kFewest) return 1;
  std::sort(p_values.begin(), p_values.end());
  const auto n = static_cast<double>(p_values.size());
  const auto share_above = [&](double threshold) {
    return static_cast<double>(p_values.end() - std::lower_bound(p_values.begin(), p_values.end(), threshold)) / n;
  };
  const auto threshold_of = [](int i) { return kHighest * (i + 1) / kThresholds; };

  // A threshold that no p-value reaches says nothing.
  double least = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kThresholds; ++i) {
    const double share = share_above(threshold_of(i));
    if (share > 0) least = std::min(least, share / (1 - threshold_of(i)));
  }
  double best = 1, best_error = std::numeric_limits<double>::infinity();
  for (int i = 0; i < kThresholds; ++i) {
    const double share = share_above(threshold_of(i)), above = 1 - threshold_of(i);
    if (share <= 0) continue;
    const double bias = share / above - least;
    const double error = bias * bias + share * (1 - share) / (kResampled * above * above);
    if (error >= best_error) continue;
    best_error = error;
    best = share / above;
  }
  return std::clamp(best, 0.0, 1.0);
}

}  // namespace basewise::motifs
