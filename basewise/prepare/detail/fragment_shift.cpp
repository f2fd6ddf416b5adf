#include "basewise/prepare/detail/fragment_shift.h"

#include <algorithm>

#include "basewise/prepare/detail/gaussian.h"

namespace basewise::prepare::detail {
namespace {

constexpr double kSmooth = 12;

struct Counts {
  std::vector<std::pair<std::int64_t, double>> at;  // in order
  double total = 0;
};

Counts counts_of(std::vector<Event>& events) {
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) { return a.position < b.position; });
  Counts counts;
  for (const Event& e : events) {
    if (counts.at.empty() || counts.at.back().first != e.position) counts.at.emplace_back(e.position, 0);
    counts.at.back().second += static_cast<double>(e.weight);
    counts.total += static_cast<double>(e.weight);
  }
  return counts;
}

}  // namespace

std::vector<double> strand_covariance(std::vector<Event> forward, std::vector<Event> reverse, std::int64_t length, std::int64_t from,
                                      std::int64_t to) {
  const Counts left = counts_of(forward), right = counts_of(reverse);
  std::vector<double> products(static_cast<std::size_t>(to - from + 1), 0);
  std::size_t first = 0;
  for (const auto& [position, count] : left.at) {
    while (first < right.at.size() && right.at[first].first < position + from) ++first;
    for (std::size_t i = first; i < right.at.size() && right.at[i].first <= position + to; ++i)
      products[static_cast<std::size_t>(right.at[i].first - position - from)] += count * right.at[i].second;
  }
  const auto n = static_cast<double>(length);
  for (double& p : products) p = p / n - left.total / n * (right.total / n);
  return products;
}

std::optional<std::int64_t> estimate_fragment(std::vector<Event> forward, std::vector<Event> reverse, std::int64_t length) {
  if (forward.empty() || reverse.empty()) return std::nullopt;
  const Gaussian gaussian(kSmooth);
  const std::int64_t r = gaussian.radius(), from = kShortestFragment - r;
  const auto covariance = strand_covariance(std::move(forward), std::move(reverse), length, from, kLongestFragment + r);
  std::int64_t best = kShortestFragment;
  double highest = 0;
  for (std::int64_t d = kShortestFragment; d <= kLongestFragment; ++d) {
    double sum = 0;
    for (std::int64_t k = -r; k <= r; ++k) sum += gaussian.weight(std::abs(k)) * covariance[static_cast<std::size_t>(d + k - from)];
    if (d == kShortestFragment || sum > highest) {
      highest = sum;
      best = d;
    }
  }
  return best;
}

}  // namespace basewise::prepare::detail
