#include "basewise/io/half.h"

#include <bit>
#include <cstddef>

namespace basewise::io {

namespace {

// No branches and no arithmetic on numbers below float's normal range, so that the loops become
// vector code and a processor set to flush such numbers to zero changes nothing.
float widened(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t rest = half & 0x7fffu;
  // Normal numbers get float's exponent offset (127 - 15), infinities and NaN the largest exponent.
  const std::uint32_t normal = (rest << 13) + (rest >= 0x7c00u ? 0x70000000u : 0x38000000u);
  const auto small = std::bit_cast<std::uint32_t>(static_cast<float>(static_cast<std::int32_t>(rest)) * 0x1p-24f);
  return std::bit_cast<float>((rest < 0x0400u ? small : normal) | sign);
}

std::uint16_t narrowed(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000u, rest = bits & 0x7fffffffu;
  // Adding just under half a unit of the last place kept, and one more where that place is odd.
  const std::uint32_t normal = (rest - 0x38000000u + 0xfffu + ((rest >> 13) & 1u)) >> 13;
  // Below 2^-14: adding 0.5 leaves the number's multiple of 2^-24, rounded, in the last bits.
  const std::uint32_t small = std::bit_cast<std::uint32_t>(std::bit_cast<float>(rest) + 0.5f) - 0x3f000000u;
  const std::uint32_t large = rest > 0x7f800000u ? 0x7e00u : 0x7c00u;
  const std::uint32_t half = rest >= 0x477ff000u ? large : rest < 0x38800000u ? small : normal;
  return static_cast<std::uint16_t>(half | sign);
}

}  // namespace

void half_to_float(std::span<const std::uint16_t> halves, std::span<float> values) {
  const std::uint16_t* from = halves.data();
  float* to = values.data();
  for (std::size_t i = 0, n = halves.size(); i < n; ++i) to[i] = widened(from[i]);
}

void float_to_half(std::span<const float> values, std::span<std::uint16_t> halves) {
  const float* from = values.data();
  std::uint16_t* to = halves.data();
  for (std::size_t i = 0, n = values.size(); i < n; ++i) to[i] = narrowed(from[i]);
}

}  // namespace basewise::io
