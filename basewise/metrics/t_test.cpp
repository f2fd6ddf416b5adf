#include "basewise/metrics/t_test.h"

#include <cmath>

#include "basewise/core/error.h"

namespace basewise::metrics {
namespace {

struct Moments {
  double n = 0, mean = 0, variance = 0;  ///< n - 1 in the denominator
};

Moments moments(std::span<const double> x, const char* sample) {
  Moments m{.n = static_cast<double>(x.size())};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!std::isfinite(x[i])) throw ArgumentError(format("t-test: value {} of sample {} is {}, no finite number", i, sample, x[i]));
    m.mean += x[i] / m.n;
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
    result.p_two_sided = t_two_sided(result.t, degrees);
  }
  return result;
}

/// Continued fraction of the incomplete beta function, by the modified Lentz algorithm.
double beta_fraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double v) { return std::abs(v) < kTiny ? kTiny : v; };
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), fraction = d;
  for (int m = 1; m < 10'000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step = 1;
    for (const double term : {even, odd}) {
      d = 1 / away_from_zero(1 + term * d);
      c = away_from_zero(1 + term / c);
      step = c * d;
      fraction *= step;
    }
    if (std::abs(step - 1) < 1e-15) break;
  }
  return fraction;
}

/// std::lgamma writes a global.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

/// log(x^a y^b / (a B(a, b))), the factor before the fraction.
double log_factor(double x, double y, double a, double b) {
  return a * std::log(x) + b * std::log(y) + log_gamma(a + b) - log_gamma(a) - log_gamma(b) - std::log(a);
}

}  // namespace

double t_two_sided(double t, double degrees) {
  const double a = degrees / 2, b = 0.5, x = degrees / (degrees + t * t), y = t * t / (degrees + t * t);
  if (std::isinf(t)) return 0;
  if (y <= 0) return 1;
  // The fraction converges fast below the mean of the beta distribution, else that of the other
  // tail does.
  if (x < (a + 1) / (a + b + 2)) return std::exp(log_factor(x, y, a, b)) * beta_fraction(x, a, b);
  return 1 - std::exp(log_factor(y, x, b, a)) * beta_fraction(y, b, a);
}

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
