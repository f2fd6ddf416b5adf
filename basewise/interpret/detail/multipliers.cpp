#include "basewise/interpret/detail/multipliers.h"

#include <algorithm>
#include <cmath>

namespace basewise::interpret::detail {
namespace {

constexpr auto kSmall = static_cast<float>(kSmallDifference);

/// The largest of one window and its place, channel by channel.
void find_largest(const float* x, std::int64_t begin, std::int64_t end, std::int64_t channels, float* largest, std::int32_t* place) {
  std::copy_n(x + begin * channels, channels, largest);
  std::fill_n(place, channels, static_cast<std::int32_t>(begin));
  for (std::int64_t p = begin + 1; p < end; ++p) {
    const float* at = x + p * channels;
    const auto here = static_cast<std::int32_t>(p);
    for (std::int64_t c = 0; c < channels; ++c) {
      const bool larger = at[c] > largest[c];
      largest[c] = larger ? at[c] : largest[c];
      place[c] = larger ? here : place[c];
    }
  }
}

}  // namespace

void through_function(const FunctionRow& row, float* dx) {
  const float* __restrict x = row.x, * __restrict y = row.y, * __restrict other_x = row.other_x, * __restrict other_y = row.other_y;
  const float* __restrict slope = row.slope, * __restrict dy = row.dy;
  float* __restrict to = dx;
  for (std::int64_t i = 0; i < row.n; ++i) {
    const float in = other_x[i] - x[i], ratio = (other_y[i] - y[i]) / in, still = slope[i];
    to[i] = dy[i] * (std::abs(in) < kSmall ? still : ratio);
  }
}

void through_rectifier(const FunctionRow& row, float* dx) {
  const float* __restrict x = row.x, * __restrict other_x = row.other_x, * __restrict slope = row.slope, * __restrict dy = row.dy;
  float* __restrict to = dx;
  for (std::int64_t i = 0; i < row.n; ++i) {
    const float in = other_x[i] - x[i], ratio = (std::max(other_x[i], 0.0f) - std::max(x[i], 0.0f)) / in;
    const float still = slope[i] > 0.0f ? 1.0f : 0.0f;
    to[i] = dy[i] * (std::abs(in) < kSmall ? still : ratio);
  }
}

LargestOfWindows::LargestOfWindows(const WindowRow& shape) : shape_(shape) {
  const auto channels = static_cast<std::size_t>(shape.channels);
  for (std::vector<float>* v : {&largest_, &largest_before_, &share_, &share_before_}) v->resize(channels);
  place_.resize(channels), place_before_.resize(channels);
}

void LargestOfWindows::operator()(const float* sequence, const float* reference, const float* dy, float* dx) {
  const std::int64_t channels = shape_.channels;
  std::fill_n(dx, shape_.length * channels, 0.0f);
  float *largest = largest_.data(), *before = largest_before_.data(), *share = share_.data(), *share_before = share_before_.data();
  std::int32_t *place = place_.data(), *place_before = place_before_.data();
  for (std::int64_t w = 0; w < shape_.windows; ++w, dy += channels) {
    const std::int64_t first = w * shape_.stride - shape_.left;
    const std::int64_t begin = std::max<std::int64_t>(first, 0), end = std::min(first + shape_.width, shape_.length);
    if (begin >= end) continue;
    find_largest(sequence, begin, end, channels, largest, place);
    find_largest(reference, begin, end, channels, before, place_before);
    for (std::int64_t c = 0; c < channels; ++c) {
      const float top = std::max(largest[c], before[c]);
      share[c] = dy[c] * (top - before[c]);
      share_before[c] = dy[c] * (largest[c] - top);
    }
    for (std::int64_t p = begin; p < end; ++p) share_out(p, sequence + p * channels, reference + p * channels, dy, dx + p * channels);
  }
}

void LargestOfWindows::share_out(std::int64_t position, const float* sequence, const float* reference, const float* dy, float* dx) const {
  const float* __restrict s = sequence, * __restrict r = reference, * __restrict m = dy;
  const float* __restrict share = share_.data(), * __restrict share_before = share_before_.data();
  const std::int32_t* __restrict place = place_.data(), * __restrict place_before = place_before_.data();
  float* __restrict to = dx;
  const auto here = static_cast<std::int32_t>(position);
  for (std::int64_t c = 0; c < shape_.channels; ++c) {
    const float own = place[c] == here ? 1.0f : 0.0f, before = place_before[c] == here ? 1.0f : 0.0f;
    const float in = s[c] - r[c], ratio = (own * share[c] + before * share_before[c]) / in, still = own * m[c];
    to[c] += in == 0.0f ? still : ratio;
  }
}

}  // namespace basewise::interpret::detail
