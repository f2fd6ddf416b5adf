// What one step of an optimiser does to one parameter.
// Plain data: read under several sets of compiler flags.
#pragma once

#include <cstdint>

namespace basewise::kernels {

/// Which numbers a step keeps from the one before it (slots); g is the gradient after the penalty:
///   sgd           b: direction                     b = momentum b + g; p -= rate b
///   nesterov      the same                         p -= rate (g + momentum b)
///   rmsprop       v: square, -, d: direction       v = memory v + rest g^2;
///                                                  d = momentum d + g / (sqrt(v) + epsilon);
///                                                  p -= rate d
///   centred       v, m: mean, d                    the same with sqrt(v - m^2), m += rest (g - m)
///   adam          m: first, v: second moment       m += lag (g - m); v = memory v + rest g^2;
///                                                  p -= rate m / (sqrt(v) root + epsilon)
enum class UpdateRule { sgd, nesterov, rmsprop, centred, adam };

/// One parameter of n numbers, in one step.
struct Update {
  UpdateRule rule = UpdateRule::sgd;
  float* parameter = nullptr;
  const float* gradient = nullptr;
  float* slots[3] = {};
  std::int64_t n = 0;
  float rate = 0;
  float momentum = 0;
  float lag = 0;
  float memory = 0;
  float rest = 0;
  float root = 1;
  float epsilon = 0;
  float penalty = 0;  ///< g = gradient + penalty p
  float keep = 1;     ///< p is multiplied by this first
};

}  // namespace basewise::kernels
