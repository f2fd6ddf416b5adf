// Winograd: sums over a few taps with fewer multiplications (Toom, 1963; Cook, 1966; Winograd,
// 1980; Lavin and Gray, 2016).
#pragma once

namespace basewise::kernels::detail {

/// M outputs of a filter of R taps over n = M + R - 1 inputs: y = output ((weight w) * (input
/// x)), * number by number, so that n multiplications do the work of M R. Inputs and weights are
/// the values of polynomials at n - 1 points and at infinity.
template <int M, int R>
struct WinogradScheme {
  static constexpr int outputs = M;
  static constexpr int taps = R;
  static constexpr int inputs = M + R - 1;
  double output[M][inputs] = {};
  double weight[inputs][R] = {};
  double input[inputs][inputs] = {};
};

/// From the points (all different). Powers of two are moved between `weight` and `input`, so that
/// rows of `input` are neither large nor small.
template <int M, int R>
constexpr WinogradScheme<M, R> winograd_scheme(const double (&points)[M + R - 2]) {
  WinogradScheme<M, R> s;
  constexpr int n = M + R - 1;
  const auto times = [](double(&polynomial)[n], double root) {
    for (int i = n - 1; i >= 0; --i) polynomial[i] = (i > 0 ? polynomial[i - 1] : 0.0) - root * polynomial[i];
  };
  for (int j = 0; j < n - 1; ++j) {
    double scale = 1, power = 1;
    s.input[j][0] = 1;
    for (int l = 0; l < n - 1; ++l)
      if (l != j) scale *= points[j] - points[l], times(s.input[j], points[l]);
    for (int k = 0; k < (M > R ? M : R); ++k, power *= points[j]) {
      if (k < M) s.output[k][j] = power;
      if (k < R) s.weight[j][k] = power / scale;
    }
  }
  s.output[M - 1][n - 1] = s.weight[n - 1][R - 1] = s.input[n - 1][0] = 1;
  for (int l = 0; l < n - 1; ++l) times(s.input[n - 1], points[l]);
  for (int j = 0; j < n; ++j) {
    double squares = 0, factor = 1;
    for (const double c : s.input[j]) squares += c * c;
    for (; squares * factor * factor > 12; factor /= 2) {
    }
    for (; squares * factor * factor < 3; factor *= 2) {
    }
    for (double& c : s.input[j]) c *= factor;
    for (double& c : s.weight[j]) c /= factor;
  }
  return s;
}

// The points were compared by the largest error of sums of random numbers in single precision: 6e-6
// and 8e-6 of their typical size, where plain sums have 2e-6 (256 channels).
inline constexpr WinogradScheme<4, 3> kWinograd3 = winograd_scheme<4, 3>({0, 1, -1, 2, -0.5});
inline constexpr WinogradScheme<4, 4> kWinograd4 = winograd_scheme<4, 4>({0, 1, -1, 0.5, -0.5, 2});

}  // namespace basewise::kernels::detail
