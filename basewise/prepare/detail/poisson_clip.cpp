#include "basewise/prepare/detail/poisson_clip.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::prepare::detail {
namespace {

// P(X = k)
double probability(double mean, double k) { return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1)); }

// P(X > k), from the largest term on, until terms say nothing more.
// Only for k >= mean - 1, where the terms fall.
double upper_tail(double mean, double k) {
  double term = probability(mean, k + 1), sum = 0;
  for (double j = k + 1; term > 0; ++j) {
    sum += term;
    if (term < sum * 1e-17) break;
    term *= mean / (j + 1);
  }
  return sum;
}

}  // namespace

double poisson_limit(double mean, double tail) {
  if (!(mean >= 0) || !(tail > 0) || !(tail <= 0.5))
    throw ArgumentError(format("no Poisson limit for mean {} and tail {}; expected a mean from 0 on and a tail up to 0.5", mean, tail));
  if (mean == 0) return 0;
  // The median lies within 1 of the mean, so that for tails up to a half no smaller k can do.
  double k = std::max(0.0, std::floor(mean) - 1);
  double above = upper_tail(mean, k);
  while (above > tail) above -= probability(mean, ++k);
  return k;
}

double poisson_clipped(double value, double mean, double tail) {
  if (value <= std::floor(mean) - 1 || value <= 0) return value;
  return std::min(value, poisson_limit(mean, tail));
}

}  // namespace basewise::prepare::detail
