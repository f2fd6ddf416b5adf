// FNV-1a: a number of bytes, the same everywhere. For names and streams, not against forgers.
#pragma once

#include <cstdint>
#include <string_view>

namespace basewise {

inline constexpr std::uint64_t kFnvStart = 0xcbf29ce484222325;

/// The 64-bit hash of Fowler, Noll and Vo; `before` is that of bytes in front of these.
constexpr std::uint64_t fnv1a(std::string_view bytes, std::uint64_t before = kFnvStart) {
  for (const char c : bytes) before = (before ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return before;
}

}  // namespace basewise
