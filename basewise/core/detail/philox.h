// The block function under `Stream`.
#pragma once

#include <array>
#include <cstdint>

namespace basewise::detail {

/// Philox4x32 with 10 rounds (Salmon, Moraes, Dror, Shaw 2011):
/// 128 random bits from a counter and a key.
std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter, const std::array<std::uint32_t, 2>& key);

}  // namespace basewise::detail
