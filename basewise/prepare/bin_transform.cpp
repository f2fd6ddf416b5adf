#include "basewise/prepare/bin_transform.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::prepare {
namespace {

constexpr double kOldPower = 0.75;

// Four sums at a time: one would wait for itself at every addition.
double sum_of(std::span<const float> bases) {
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= bases.size(); i += 4)
    for (std::size_t k = 0; k < 4; ++k) sums[k] += static_cast<double>(bases[i + k]);
  for (; i < bases.size(); ++i) sums[0] += static_cast<double>(bases[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

double median_of(std::span<const float> bases) {
  std::vector<float> copy(bases.begin(), bases.end());
  const auto middle = copy.begin() + static_cast<std::ptrdiff_t>(copy.size() / 2);
  std::nth_element(copy.begin(), middle, copy.end());
  if (copy.size() % 2 == 1) return static_cast<double>(*middle);
  return (static_cast<double>(*middle) + static_cast<double>(*std::max_element(copy.begin(), middle))) / 2;
}

bool is_mean(BinStatistic statistic) {
  return statistic == BinStatistic::mean || statistic == BinStatistic::mean_sqrt || statistic == BinStatistic::peak;
}

/// S, M, the largest or the middle value.
double plain_statistic(std::span<const float> bases, BinStatistic statistic) {
  if (statistic == BinStatistic::max) return static_cast<double>(*std::max_element(bases.begin(), bases.end()));
  if (statistic == BinStatistic::median) return median_of(bases);
  const double sum = sum_of(bases);
  return is_mean(statistic) ? sum / static_cast<double>(bases.size()) : sum;
}

/// NaN where a root of a negative number is asked for.
double curved(double x, const BinTransform& t) {
  switch (t.statistic) {
    case BinStatistic::sum_sqrt:
    case BinStatistic::mean_sqrt:
      return t.form == TransformForm::old ? std::pow(x, kOldPower) : std::sqrt(1 + x) - 1;
    case BinStatistic::sum_exp75:
      return std::pow(1 + x, kOldPower) - 1;
    case BinStatistic::peak:
      return std::clamp(std::sqrt(4 * x), 0.0, 1.0);
    case BinStatistic::sum:
    case BinStatistic::mean:
    case BinStatistic::max:
    case BinStatistic::median:
      return x;
  }
  throw InternalError("a statistic of bins without a formula");
}

double clipped(double v, const BinTransform& t) {
  if (t.clip_soft && v > *t.clip_soft) {
    const double over = v - *t.clip_soft;
    v = t.form == TransformForm::old ? *t.clip_soft + std::sqrt(over) : *t.clip_soft - 1 + std::sqrt(over + 1);
  }
  return t.clip ? std::clamp(v, -*t.clip, *t.clip) : v;
}

/// The curve backwards.
double straightened(double v, const BinTransform& t) {
  switch (t.statistic) {
    case BinStatistic::sum_sqrt:
    case BinStatistic::mean_sqrt: {
      if (t.form == TransformForm::old) return std::pow(std::max(v, 0.0), 1 / kOldPower);
      const double root = std::max(v, -1.0) + 1;
      return root * root - 1;
    }
    case BinStatistic::sum_exp75:
      return std::pow(std::max(v, -1.0) + 1, 1 / kOldPower) - 1;
    case BinStatistic::peak: {
      const double root = std::clamp(v, 0.0, 1.0);
      return root * root / 4;
    }
    case BinStatistic::sum:
    case BinStatistic::mean:
    case BinStatistic::max:
    case BinStatistic::median:
      return v;
  }
  throw InternalError("a statistic of bins without a formula");
}

}  // namespace

void check(const BinTransform& t, std::string_view what) {
  const auto refuse = [&](std::string_view name, double value, std::string_view bound) {
    throw ArgumentError(format("{}: {} is {}; it must be {}", what, name, value, bound));
  };
  // Written so that NaN is refused too.
  if (!(t.scale > 0) || std::isinf(t.scale)) refuse("scale", t.scale, "a number above 0");
  if (t.clip && !(*t.clip > 0)) refuse("clip", *t.clip, "above 0");
  if (t.clip_soft && !(*t.clip_soft >= 0)) refuse("clip_soft", *t.clip_soft, "0 or more");
  if (t.form == TransformForm::old && t.statistic == BinStatistic::sum_exp75)
    throw ArgumentError(format("{}: sum_exp75 belongs to the current transforms; sum_sqrt is S^0.75 in the old ones", what));
}

void bin_values(std::span<const float> bases, std::int64_t width, const BinTransform& t, std::span<float> bins) {
  if (width < 1 || bases.size() != bins.size() * static_cast<std::size_t>(width))
    throw ArgumentError(format("{} bases are not {} bins of {}", bases.size(), bins.size(), width));
  const bool old = t.form == TransformForm::old;
  const auto size = static_cast<std::size_t>(width);
  for (std::size_t i = 0; i < bins.size(); ++i) {
    // All statistics go along with a factor, so that bases need not be scaled one by one.
    const double plain = plain_statistic(bases.subspan(i * size, size), t.statistic) * (old ? 1 : t.scale);
    const double v = clipped(curved(plain, t), t) * (old ? t.scale : 1);
    if (std::isnan(v))
      throw DataError(format("the {} of bin {} is {}, of which {} takes a root; take sum, mean or max for tracks with negative values",
                             is_mean(t.statistic) ? "mean" : "sum", i, plain, t.statistic));
    bins[i] = static_cast<float>(v);
  }
}

double undone(double v, const BinTransform& t, UndoScale scale) {
  const bool old = t.form == TransformForm::old;
  if (old) v /= t.scale;
  if (t.clip_soft && v > *t.clip_soft) {
    const double over = v - *t.clip_soft;
    v = old ? *t.clip_soft + over * over : *t.clip_soft - 1 + (over + 1) * (over + 1);
  }
  v = straightened(v, t);
  if (old) return scale == UndoScale::keep ? v * t.scale : v;
  return scale == UndoScale::keep ? v : v / t.scale;
}

void undo(std::span<float> values, const BinTransform& t, UndoScale scale) {
  check(t, "undo");
  for (float& v : values) v = static_cast<float>(undone(static_cast<double>(v), t, scale));
}

}  // namespace basewise::prepare
