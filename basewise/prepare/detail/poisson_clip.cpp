#include "basewise/prepare/detail/poisson_clip.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/metrics/peaks.h"

namespace basewise::prepare::detail {
namespace {

// P(X = k)
double probability(double mean, double k) { return std::exp(k * std::log(mean) - mean - std::lgamma(k + 1)); }

}  // namespace

double poisson_limit(double mean, double tail) {
  if (!(mean >= 0) || !(tail > 0) || !(tail <= 0.5))
    throw ArgumentError(format("no Poisson limit for mean {} and tail {}; expected a mean from 0 on and a tail up to 0.5", mean, tail));
  if (mean == 0) return 0;
  // The median lies within 1 of the mean, so that for tails up to a half no smaller k can do.
  double k = std::max(0.0, std::floor(mean) - 1);
  double above = metrics::poisson_upper_tail(k + 1, mean);
  while (above > tail) above -= probability(mean, ++k);
  return k;
}

double poisson_clipped(double value, double mean, double tail) {
  if (value <= std::floor(mean) - 1 || value <= 0) return value;
  return std::min(value, poisson_limit(mean, tail));
}

}  // namespace basewise::prepare::detail
