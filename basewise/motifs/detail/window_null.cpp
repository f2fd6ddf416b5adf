#include "basewise/motifs/detail/window_null.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/parallel.h"
#include "basewise/core/numpy_random.h"

namespace basewise::motifs::detail {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Bin {
  double left = 0;
  double right = 0;
};

/// The fullest (first, of equals) of 1000 equal bins, as numpy.histogram counts: bins are
/// half-open, the last one closed; around no values they lie in [0, 1], around equal ones in +-0.5.
Bin fullest_bin(std::span<const double> sorted) {
  constexpr std::int64_t kBins = 1000;
  double first = sorted.empty() ? 0 : sorted.front(), last = sorted.empty() ? 1 : sorted.back();
  if (first == last) first -= 0.5, last += 0.5;
  const double step = (last - first) / static_cast<double>(kBins);
  const auto edge = [&](std::int64_t i) { return i == kBins ? last : static_cast<double>(i) * step + first; };
  Bin best = {edge(0), edge(1)};
  std::int64_t most = 0;
  auto from = sorted.begin();
  for (std::int64_t b = 0; b < kBins; ++b) {
    const auto to = b + 1 == kBins ? sorted.end() : std::lower_bound(from, sorted.end(), edge(b + 1));
    if (to - from > most) {
      most = to - from;
      best = {edge(b), edge(b + 1)};
    }
    from = to;
  }
  return best;
}

double largest_rate(std::span<const double> tail, double centre, bool upper) {
  double largest = 0;
  for (int percent = 5; percent <= 95; percent += 5) {
    const double share = percent / 100.0;
    const double value = quantile(tail, upper ? share : (100 - percent) / 100.0);
    const double distance = std::abs(value - centre);
    largest = std::max(largest, distance > 0 ? -std::log(1 - share) / distance : kInfinity);
  }
  return largest;
}

/// A block of the isotonic fit: where it begins, and the weighted mean of the labels in it.
struct Block {
  double from = 0;
  double weight = 0;
  double mean = 0;
};

/// Labels 1 of values and 0 of the null, which weigh as much together, pooled until means ascend
/// (pool adjacent violators).
std::vector<Block> isotonic_fit(std::span<const double> values, std::span<const double> null) {
  const double null_weight = static_cast<double>(values.size()) / static_cast<double>(null.size());
  constexpr double kSame = 1e-15;  // values this close are one, as in scikit-learn
  std::vector<Block> blocks;
  std::size_t i = 0, j = 0;
  while (i < values.size() || j < null.size()) {
    const double from = i == values.size() ? null[j] : j == null.size() ? values[i] : std::min(values[i], null[j]);
    double ones = 0, zeros = 0;
    for (; i < values.size() && values[i] - from < kSame; ++i) ones += 1;
    for (; j < null.size() && null[j] - from < kSame; ++j) zeros += null_weight;
    Block block = {from, ones + zeros, ones / (ones + zeros)};
    while (!blocks.empty() && blocks.back().mean >= block.mean) {
      const Block& last = blocks.back();
      const double weight = last.weight + block.weight;
      block = {last.from, weight, (last.mean * last.weight + block.mean * block.weight) / weight};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }
  return blocks;
}

}  // namespace

double quantile(std::span<const double> sorted, double q) {
  const double place = static_cast<double>(sorted.size() - 1) * q;
  const double below = std::floor(place), t = place - below;
  const double a = sorted[static_cast<std::size_t>(below)], b = sorted[std::min(static_cast<std::size_t>(below) + 1, sorted.size() - 1)];
  return t >= 0.5 ? b - (b - a) * (1 - t) : a + (b - a) * t;
}

ModiscoNull fit_null(std::span<const double> sorted) {
  const Bin coarse = fullest_bin(sorted);
  const auto inside_begin = std::upper_bound(sorted.begin(), sorted.end(), coarse.left);
  const auto inside_end = std::lower_bound(inside_begin, sorted.end(), coarse.right);
  const Bin fine = fullest_bin({inside_begin, inside_end});
  ModiscoNull null;
  // The ends only matter where all values of the fullest bin are its left edge.
  null.centre = std::clamp((fine.left + fine.right) / 2, sorted.front(), sorted.back());
  const std::span<const double> upper(std::lower_bound(sorted.begin(), sorted.end(), null.centre), sorted.end());
  const std::span<const double> lower(sorted.begin(), std::upper_bound(sorted.begin(), sorted.end(), null.centre));
  null.positive_rate = largest_rate(upper, null.centre, true);
  null.negative_rate = largest_rate(lower, null.centre, false);
  null.positive_share = static_cast<double>(upper.size()) / static_cast<double>(upper.size() + lower.size());
  return null;
}

std::vector<double> null_samples(const ModiscoNull& null, std::int64_t count, std::uint64_t seed) {
  NumpyRandom random(static_cast<std::uint32_t>(seed));
  std::vector<double> samples;
  for (std::int64_t i = 0; i < count; ++i) {
    const bool upper = random.uniform() < null.positive_share;
    const double distance = std::log(1 - random.uniform());
    samples.push_back(upper ? -distance / null.positive_rate + null.centre : null.centre + distance / null.negative_rate);
  }
  return samples;
}

double isotonic_threshold(std::span<const double> values, std::span<const double> null, double fdr) {
  constexpr double kLeast = 1e-7, kLeastNullShare = 0.95;
  if (values.empty()) return kInfinity;
  if (null.empty()) return values.front();
  const std::vector<Block> blocks = isotonic_fit(values, null);
  // Precision where sums are weakest tells how much of the data the null explains.
  const double weakest = std::max(blocks.front().mean, kLeast);
  const double explained = weakest < 1 ? -1 / (1 - 1 / weakest) : -kInfinity;
  const double null_share = std::max(std::min(1.0, explained), kLeastNullShare);
  std::size_t b = 0;
  for (const double value : values) {
    while (b + 1 < blocks.size() && blocks[b + 1].from <= value) ++b;
    const double precision = std::clamp(1 + null_share * (1 - 1 / std::max(blocks[b].mean, kLeast)), 0.0, 1.0);
    if (precision >= 1 - fdr) return value;
  }
  return values.back();
}

double tail(const ModiscoNull& null, double sum) {
  // At the centre itself a rate may be infinite.
  const auto beyond = [](double share, double rate, double distance) { return distance > 0 ? share * std::exp(-rate * distance) : share; };
  const double distance = sum - null.centre, lower_share = 1 - null.positive_share;
  const double above = distance >= 0 ? beyond(null.positive_share, null.positive_rate, distance)
                                     : 1 - beyond(lower_share, null.negative_rate, -distance);
  const double below = distance <= 0 ? beyond(lower_share, null.negative_rate, -distance)
                                     : 1 - beyond(null.positive_share, null.positive_rate, distance);
  return sum >= 0 ? above : below;
}

void sort_ascending(std::vector<double>& values) {
  const auto n = static_cast<std::int64_t>(values.size());
  std::int64_t piece = std::int64_t{1} << 18;
  const auto in_pieces = [&](std::int64_t length, const auto& body) {
    parallel_for((n + length - 1) / length, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t p = begin; p < end; ++p) body(values.begin() + p * length, values.begin() + std::min(n, (p + 1) * length));
    });
  };
  in_pieces(piece, [](auto first, auto last) { std::sort(first, last); });
  for (; piece < n; piece *= 2)
    in_pieces(2 * piece, [&](auto first, auto last) {
      if (last - first > piece) std::inplace_merge(first, first + piece, last);
    });
}

}  // namespace basewise::motifs::detail
