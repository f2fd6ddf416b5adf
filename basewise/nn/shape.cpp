#include "basewise/nn/shape.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::nn {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }
std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return -floor_div(-a, b); }

// Sums of a few distances within this bound cannot overflow.
constexpr std::int64_t kFar = 1'000'000'000'000'000'000;

std::int64_t within_reach(std::int64_t x, bool overflow) {
  if (overflow || x > kFar || x < -kFar)
    throw ShapeError(
        format("it and the layers before it reach over more than {} input positions; use smaller strides, dilations and factors", kFar));
  return x;
}

std::int64_t times(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  const bool overflow = __builtin_mul_overflow(a, b, &product);
  return within_reach(product, overflow);
}

std::int64_t plus(std::int64_t a, std::int64_t b) { return within_reach(a + b, false); }

// Each activation keeps what the cells of one period read.
std::int64_t checked_period(std::int64_t cells) {
  constexpr std::int64_t kMost = 10'000;
  if (cells > kMost)
    throw ShapeError(format(
        "what its positions read repeats only after {} positions; at most {} are allowed: use smaller upsampling factors", cells, kMost));
  return cells;
}

}  // namespace

std::string Shape::to_string() const {
  if (!positions) return format("(N, {})", channels);
  return length == kVaries ? format("(N, {}, L)", channels) : format("(N, {}, {})", channels, length);
}

Alignment Alignment::pointwise() { return window(1, 1, 0, 0); }

Alignment Alignment::everything() {
  Alignment a = pointwise();
  a.reads_all = a.positions_end = true;
  return a;
}

Alignment Alignment::among_all() {
  Alignment a = pointwise();
  a.reads_all = true;
  return a;
}

Alignment Alignment::window(std::int64_t span, std::int64_t stride, std::int64_t pad_left, std::int64_t pad_right, bool causal) {
  Alignment a;
  a.reads = [=](std::int64_t i) { return std::pair{i * stride - pad_left, i * stride - pad_left + span - 1}; };
  a.in_period = stride;
  // A stride beyond the window skips positions at the right of each cell: nothing is cut.
  const std::int64_t overhang = std::max<std::int64_t>(span - stride, 0);
  a.cut_left = (causal ? overhang : overhang / 2) - pad_left;
  a.cut_right = overhang - pad_left - pad_right - a.cut_left;
  return a;
}

Alignment Alignment::crop(std::int64_t left, std::int64_t right) {
  Alignment a;
  a.reads = [=](std::int64_t i) { return std::pair{i + left, i + left}; };
  a.cut_left = left;
  a.cut_right = right;
  return a;
}

Alignment Alignment::upsample(std::int64_t factor, bool linear) {
  Alignment a;
  a.out_period = factor;
  if (!linear) {
    a.reads = [=](std::int64_t i) { return std::pair{floor_div(i, factor), floor_div(i, factor)}; };
  } else {
    // (i + 1/2) / f - 1/2 = (2 i + 1 - f) / 2 f; a whole number reads one position,
    // anything else its two neighbours.
    a.reads = [=](std::int64_t i) {
      return std::pair{floor_div(2 * i + 1 - factor, 2 * factor), ceil_div(2 * i + 1 - factor, 2 * factor)};
    };
  }
  return a;
}

Geometry::Geometry(int source) : source_(source), reads_{{0, 1}} {}

void Geometry::refine(std::int64_t factor) {
  unit_ = times(unit_, factor);
  stride_ = times(stride_, factor);
  left_ = times(left_, factor);
  right_ = times(right_, factor);
  for (auto& [first, last] : reads_) first = times(first, factor), last = times(last, factor);
}

std::pair<std::int64_t, std::int64_t> Geometry::interval(std::int64_t i) const {
  const auto period = static_cast<std::int64_t>(reads_.size());
  const std::int64_t turn = floor_div(i, period);
  const auto& [first, last] = reads_[static_cast<std::size_t>(i - turn * period)];
  const std::int64_t shift = times(times(turn, period), stride_);
  return {plus(first, shift), plus(last, shift)};
}

Geometry Geometry::through(const Alignment& layer) const {
  Geometry next = *this;
  if (positions_end_) return next;
  if (layer.positions_end) {
    next.positions_end_ = next.reads_all_ = true;
    return next;
  }
  next.reads_all_ = reads_all_ || layer.reads_all;
  if (times(stride_, layer.in_period) % layer.out_period != 0) {
    Geometry fine = *this;
    fine.refine(layer.out_period);
    return fine.through(layer);
  }
  const auto period = static_cast<std::int64_t>(reads_.size());
  const std::int64_t turns = std::lcm(period, layer.in_period) / layer.in_period;
  next.reads_.clear();
  for (std::int64_t i = 0, cells = checked_period(turns * layer.out_period); i < cells; ++i) {
    const auto [from, to] = layer.reads(i);
    std::pair<std::int64_t, std::int64_t> hull = interval(from);
    // Beyond one period the extremes only move outwards by whole turns, so both ends of the range
    // suffice.
    for (std::int64_t j = from; j <= std::min(to, from + period - 1); ++j) hull.first = std::min(hull.first, interval(j).first);
    for (std::int64_t j = to; j >= std::max(from, to - period + 1); --j) hull.second = std::max(hull.second, interval(j).second);
    next.reads_.push_back(hull);
  }
  next.left_ = plus(left_, times(stride_, layer.cut_left));
  next.right_ = plus(right_, times(stride_, layer.cut_right));
  next.stride_ = times(stride_, layer.in_period) / layer.out_period;
  return next;
}

Geometry Geometry::merge(const Geometry& a, const Geometry& b) {
  if (a.source_ != b.source_) return a.source_ < b.source_ ? a : b;
  if (a.positions_end_ || b.positions_end_) return a.positions_end_ ? a : b;
  if (a.unit_ != b.unit_) {
    const std::int64_t unit = times(a.unit_ / std::gcd(a.unit_, b.unit_), b.unit_);
    Geometry x = a;
    Geometry y = b;
    x.refine(unit / a.unit_);
    y.refine(unit / b.unit_);
    return merge(x, y);
  }
  const std::int64_t period = checked_period(static_cast<std::int64_t>(std::lcm(a.reads_.size(), b.reads_.size())));
  Geometry both = a;
  both.reads_all_ = a.reads_all_ || b.reads_all_;
  both.reads_.clear();
  for (std::int64_t i = 0; i < period; ++i) {
    const auto x = a.interval(i);
    const auto y = b.interval(i);
    both.reads_.emplace_back(std::min(x.first, y.first), std::max(x.second, y.second));
  }
  return both;
}

std::optional<std::pair<std::int64_t, std::int64_t>> Geometry::reach() const {
  if (reads_all_) return std::nullopt;
  std::int64_t left = 0;
  std::int64_t right = 0;
  for (std::size_t i = 0; i < reads_.size(); ++i) {
    const std::int64_t cell = plus(left_, times(static_cast<std::int64_t>(i), stride_));
    left = std::max(left, cell - reads_[i].first);
    right = std::max(right, reads_[i].second - (cell + stride_));
  }
  return std::pair{ceil_div(left, unit_), ceil_div(right, unit_)};
}

std::optional<std::int64_t> Geometry::receptive_field() const {
  if (reads_all_) return std::nullopt;
  std::int64_t widest = 0;
  for (const auto& [first, last] : reads_) widest = std::max(widest, ceil_div(last, unit_) - floor_div(first, unit_));
  return widest;
}

bool Geometry::same_stride(const Geometry& other) const { return times(stride_, other.unit_) == times(other.stride_, unit_); }

std::pair<std::int64_t, std::int64_t> Geometry::cut_since(const Geometry& before) const {
  // Stride in units of 1/(unit * before.unit) on both sides, so that no fraction is lost.
  const std::int64_t stride = times(stride_, before.unit_);
  const std::int64_t left = times(left_, before.unit_) - times(before.left_, unit_);
  const std::int64_t right = times(right_, before.unit_) - times(before.right_, unit_);
  return {floor_div(left, stride), floor_div(right, stride)};
}

std::string Geometry::stride_text() const {
  const std::int64_t shared = std::gcd(stride_, unit_);
  return unit_ == shared ? format("{}", stride_ / shared) : format("{}/{}", stride_ / shared, unit_ / shared);
}

}  // namespace basewise::nn
