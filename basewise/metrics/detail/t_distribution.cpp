#include "basewise/metrics/detail/t_distribution.h"

#include <cmath>
#include <initializer_list>

namespace basewise::metrics::detail {
namespace {

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

}  // namespace basewise::metrics::detail
