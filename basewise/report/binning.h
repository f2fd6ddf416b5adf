// A track at coarser zoom levels.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::report {

/// One value per bin: bin k stands for values [k * width, (k + 1) * width);
/// the last one may be shorter.
struct BinnedTrack {
  std::int64_t width = 1;
  std::vector<float> mean;
  std::vector<float> peak;  ///< the value furthest from zero, the first among equals
};

/// NaN values are passed over; a bin without any other value is NaN. width >= 1.
BinnedTrack bin_track(std::span<const float> values, std::int64_t width);

/// Each zoom level is this many times coarser than the one before.
inline constexpr std::int64_t kZoomFactor = 8;

/// Widths 1, 8, 64, ... as long as a level has at least 100 bins; always 1.
std::vector<std::int64_t> zoom_widths(std::int64_t length);

}  // namespace basewise::report
