#include "basewise/metrics/two_samples.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/metrics/detail/t_distribution.h"

namespace basewise::metrics {
namespace {

struct Moments {
  double n = 0, mean = 0, variance = 0;  ///< n - 1 in the denominator; exactly 0 where all values are equal
};

Moments moments(std::span<const double> x, const char* sample) {
  Moments m{.n = static_cast<double>(x.size())};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) throw ArgumentError(format("t-test: value {} of sample {} is {}, no finite number", i, sample, x[i]));
    m.mean += x[i] / m.n;
  }
  // A mean of equal values is rounded: their spread would be that of the rounding.
  if (std::all_of(x.begin(), x.end(), [&](double value) { return value == x.front(); })) {
    if (!x.empty()) m.mean = x.front();
    return m;
  }
  for (const double value : x) m.variance += (value - m.mean) * (value - m.mean) / (m.n - 1);
  return m;
}

/// The test once the variance of the difference and its degrees of freedom are known.
TTestResult tested(const Moments& a, const Moments& b, double variance, double degrees) {
  TTestResult result{.n_a = static_cast<std::int64_t>(a.n), .n_b = static_cast<std::int64_t>(b.n)};
  if (a.n > 0 && b.n > 0) result.difference = a.mean - b.mean;
  if (a.n < 2 || b.n < 2) {
    result.reason = "each sample needs two values";
  } else if (!(variance > 0)) {
    result.reason = "no value differs from the others of its sample";
  } else {
    result.t = result.difference / std::sqrt(variance);
    result.degrees = degrees;
    result.p_two_sided = detail::t_two_sided(result.t, degrees);
  }
  return result;
}

}  // namespace

TTestResult student_t_test(std::span<const double> a, std::span<const double> b) {
  const Moments x = moments(a, "a"), y = moments(b, "b");
  const double degrees = x.n + y.n - 2, pooled = ((x.n - 1) * x.variance + (y.n - 1) * y.variance) / degrees;
  return tested(x, y, pooled * (1 / x.n + 1 / y.n), degrees);
}

TTestResult welch_t_test(std::span<const double> a, std::span<const double> b) {
  const Moments x = moments(a, "a"), y = moments(b, "b");
  const double of_x = x.variance / x.n, of_y = y.variance / y.n, sum = of_x + of_y;
  return tested(x, y, sum, sum * sum / (of_x * of_x / (x.n - 1) + of_y * of_y / (y.n - 1)));
}

}  // namespace basewise::metrics
