#include "basewise/prepare/detail/gaussian.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::prepare::detail {
namespace {

constexpr double kEnd = 3;  // standard deviations

}  // namespace

Gaussian::Gaussian(double sd) {
  if (!(sd > 0)) throw ArgumentError(format("a Gaussian with a standard deviation of {}; expected more than 0", sd));
  const auto radius = static_cast<std::int64_t>(kEnd * sd + 0.5);
  double total = 0;
  for (std::int64_t d = 0; d <= radius; ++d) {
    weights_.push_back(std::exp(-0.5 * static_cast<double>(d * d) / (sd * sd)));
    total += (d == 0 ? 1 : 2) * weights_.back();
  }
  sums_.assign(1, 0);
  for (double& w : weights_) {
    w /= total;
    sums_.push_back(sums_.back() + w);
  }
  for (std::int64_t d = -radius; d <= radius; ++d) mirrored_.push_back(static_cast<float>(weight(std::abs(d))));
}

double Gaussian::inside(std::int64_t position, std::int64_t length) const {
  const auto side = [&](std::int64_t room) { return sums_[static_cast<std::size_t>(std::min(room, radius()) + 1)]; };
  return side(position) + side(length - 1 - position) - weights_[0];
}

void Gaussian::smooth(std::span<const float> values, std::int64_t values_start, std::int64_t start, std::int64_t length,
                      std::span<float> out) const {
  std::fill(out.begin(), out.end(), 0.0F);
  const std::int64_t r = radius();
  const auto end = start + static_cast<std::int64_t>(out.size());
  const auto values_end = values_start + static_cast<std::int64_t>(values.size());
  for (std::int64_t at = std::max(values_start, start - r); at < std::min(values_end, end + r); ++at) {
    const float value = values[static_cast<std::size_t>(at - values_start)];
    if (value == 0) continue;
    const std::int64_t from = std::max(start, at - r), to = std::min(end, at + r + 1);
    float* target = out.data() + (from - start);
    const float* weights = mirrored_.data() + (from - at + r);
    for (std::int64_t i = 0; i < to - from; ++i) target[i] += value * weights[i];
  }
  const auto mend = [&](std::int64_t from, std::int64_t to) {
    for (std::int64_t at = std::max(from, start); at < std::min(to, end); ++at)
      out[static_cast<std::size_t>(at - start)] /= static_cast<float>(inside(at, length));
  };
  mend(0, std::min(r, length));
  mend(std::max(length - r, std::min(r, length)), length);
}

}  // namespace basewise::prepare::detail
