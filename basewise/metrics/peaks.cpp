#include "basewise/metrics/peaks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/metrics/detail/checks.h"
#include "basewise/motifs/q_values.h"

namespace basewise::metrics {
namespace {

double log_probability(double k, double mean) { return k * std::log(mean) - mean - std::lgamma(k + 1); }

/// P(X >= k) where k is above the mean: terms fall from the first one on.
double tail_above(double k, double mean) {
  double term = 1, sum = 1;
  for (double i = k + 1; term > sum * 1e-17; ++i) {
    term *= mean / i;
    sum += term;
  }
  return std::exp(log_probability(k, mean)) * sum;
}

/// P(X < k) where k is not above the mean: terms fall towards zero.
double below(double k, double mean) {
  double term = 1, sum = 1;
  for (double i = k - 1; i > 0 && term > sum * 1e-17; --i) {
    term *= i / mean;
    sum += term;
  }
  return std::exp(log_probability(k - 1, mean)) * sum;
}

void check_probabilities(std::span<const double> p) {
  for (std::size_t i = 0; i < p.size(); ++i)
    if (!(p[i] >= 0 && p[i] <= 1)) throw ArgumentError(format("p-value is {} at index {}: expected a number from 0 to 1", p[i], i));
}

/// Places of p-values, rising; equal ones in their order.
std::vector<std::size_t> rising(std::span<const double> p) {
  check_probabilities(p);
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return p[a] < p[b]; });
  return order;
}

}  // namespace

double poisson_upper_tail(double count, double mean) {
  if (!(mean >= 0) || std::isinf(mean)) throw ArgumentError(format("the mean of a Poisson distribution is {}: expected 0 or more", mean));
  if (std::isnan(count)) throw ArgumentError("a count is NaN: leave out what was not measured");
  const double k = std::nearbyint(count);
  if (k <= 0) return 1;
  if (mean == 0 || std::isinf(k)) return 0;
  return k > mean ? std::min(1.0, tail_above(k, mean)) : std::clamp(1 - below(k, mean), 0.0, 1.0);
}

std::vector<double> benjamini_hochberg(std::span<const double> p) {
  check_probabilities(p);
  return motifs::q_values(p);
}

std::vector<double> floor_division_q(std::span<const double> p) {
  const std::vector<std::size_t> order = rising(p);
  const auto m = static_cast<double>(p.size());
  std::vector<double> q(p.size());
  for (std::size_t i = 0; i < order.size(); ++i) q[order[i]] = std::floor(p[order[i]] * m / static_cast<double>(i + 1));
  return q;
}

Peaks call_peaks(std::span<const float> observed, const PeakOptions& options) {
  detail::check_finite(observed, "observed value");
  Peaks peaks;
  if (observed.empty()) return peaks;
  peaks.mean = std::accumulate(observed.begin(), observed.end(), 0.0) / static_cast<double>(observed.size());
  if (peaks.mean < 0)
    throw ArgumentError(format("the mean of the observed values is {}: peaks are of counts, which are not negative", peaks.mean));
  std::vector<double> p(observed.size());
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = poisson_upper_tail(observed[i], peaks.mean);
  const std::vector<double> q = options.rule == PeakRule::benjamini_hochberg ? benjamini_hochberg(p) : floor_division_q(p);
  for (const double value : q) peaks.labels.push_back(value < options.fdr);
  peaks.count = std::count(peaks.labels.begin(), peaks.labels.end(), std::uint8_t{1});
  return peaks;
}

}  // namespace basewise::metrics
