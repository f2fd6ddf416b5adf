#include "basewise/motifs/q_values.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

namespace basewise::motifs {

std::vector<double> q_values(std::span<const double> p_values, double true_nulls) {
  const std::size_t n = p_values.size();
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> q(n);
  double least = 1;
  for (std::size_t rank = n; rank > 0; --rank) {
    const std::uint32_t at = order[rank - 1];
    least = std::min(least, true_nulls * p_values[at] * static_cast<double>(n) / static_cast<double>(rank));
    q[at] = least;
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
