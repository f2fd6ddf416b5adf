// The check that all readers of windows begin with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "basewise/core/error.h"

namespace basewise::io::detail {

/// Errors: ArgumentError unless `count` (at least 1) windows of `length` values, `stride` values
/// apart, fit into an array of `room`.
inline void check_window_room(const std::filesystem::path& path, std::int64_t count, std::int64_t length,
                              std::int64_t stride, std::size_t room) {
  if (length < 0 || stride < length || static_cast<std::int64_t>(room) < (count - 1) * stride + length)
    throw ArgumentError(format("{}: {} windows of {} bases, {} values apart, into an array of {}", path.string(), count,
                               length, stride, room));
}

}  // namespace basewise::io::detail
