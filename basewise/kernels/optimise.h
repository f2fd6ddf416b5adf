// Steps of optimisers over flat parameters: everything that a rule reads and writes in one pass.
#pragma once

#include <cstdint>
#include <span>

#include "basewise/kernels/shape.h"
#include "basewise/kernels/update.h"

namespace basewise::kernels {

/// All parameters at once. Numbers too small for the full precision of a float (subnormal) count as
/// zero, so that old moments never slow a step down.
void update(std::span<const Update> updates, const Run& run = {});

/// n numbers in a row.
struct Numbers {
  float* data = nullptr;
  std::int64_t n = 0;
};

/// Euclidean norm of all numbers together, after each has been brought into [-bound, bound] in
/// place where bound is above zero (a NaN stays).
double bounded_norm(std::span<const Numbers> all, float bound, const Run& run = {});

/// Multiplies all numbers by a factor.
void scale(std::span<const Numbers> all, float factor, const Run& run = {});

/// to += share (from - to), number by number.
struct Blend {
  float* to = nullptr;
  const float* from = nullptr;
  std::int64_t n = 0;
};
void blend(std::span<const Blend> all, float share, const Run& run = {});

}  // namespace basewise::kernels
