// One row of a loss as the innermost loops take it. Plain data:
// read under several sets of compiler flags.
#pragma once

#include <cstdint>

namespace basewise::kernels {
enum class PointLoss;
}

namespace basewise::kernels::detail {

struct LossRow {
  PointLoss kind;
  std::int64_t n;
  const float* x;
  const float* y;
  const float* measured;  ///< 0 or 1; may be null
  const float* weight;    ///< may be null
  float epsilon;
  float smoothing;
  float factor;
  float* gradient;  ///< may be null
};

}  // namespace basewise::kernels::detail
