// Numbers of IEEE 754 half precision (float16), which files hold and nothing computes in.
#pragma once

#include <cstdint>
#include <span>

namespace basewise::io {

inline constexpr float kLargestHalf = 65'504;  ///< the largest finite one

/// Exact. Both spans have the same length.
void half_to_float(std::span<const std::uint16_t> halves, std::span<float> values);

/// Rounds to the nearest, ties to even; NaN stays NaN. Beyond 65,519 the result is infinite.
void float_to_half(std::span<const float> values, std::span<std::uint16_t> halves);

}  // namespace basewise::io
