#include "basewise/report/binning.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"

namespace basewise::report {

BinnedTrack bin_track(std::span<const float> values, std::int64_t width) {
  if (width < 1) throw ArgumentError(format("a bin of {} bases: expected at least 1", width));
  BinnedTrack track{.width = width, .mean = {}, .peak = {}};
  const auto step = static_cast<std::size_t>(width);
  for (std::size_t first = 0; first < values.size(); first += step) {
    double sum = 0;
    std::int64_t n = 0;
    float peak = std::numeric_limits<float>::quiet_NaN();
    for (const float v : values.subspan(first, std::min(step, values.size() - first))) {
      if (std::isnan(v)) continue;
      if (n == 0 || std::abs(v) > std::abs(peak)) peak = v;
      sum += v;
      ++n;
    }
    track.mean.push_back(n == 0 ? peak : static_cast<float>(sum / static_cast<double>(n)));
    track.peak.push_back(peak);
  }
  return track;
}

std::vector<std::int64_t> zoom_widths(std::int64_t length) {
  constexpr std::int64_t kFewest = 100;
  std::vector<std::int64_t> widths{1};
  while (length / (widths.back() * kZoomFactor) >= kFewest) widths.push_back(widths.back() * kZoomFactor);
  return widths;
}

}  // namespace basewise::report
