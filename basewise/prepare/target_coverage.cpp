#include "basewise/prepare/target_coverage.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/core/interrupt.h"
#include "basewise/core/parallel.h"
#include "basewise/io/half.h"

namespace basewise::prepare {
namespace {

constexpr std::int64_t kBasesAtOnce = std::int64_t{1} << 20;
constexpr std::uint16_t kMagnitude = 0x7fff, kSign = 0x8000;

void round_to_half(std::span<float> values) {
  std::vector<std::uint16_t> halves(values.size());
  io::float_to_half(values, halves);
  io::half_to_float(halves, values);
}

double as_double(std::uint16_t half) {
  float value = 0;
  io::half_to_float({&half, 1}, {&value, 1});
  return static_cast<double>(value);
}

std::uint16_t as_half(double value) {
  const auto single = static_cast<float>(value);
  std::uint16_t half = 0;
  io::float_to_half({&single, 1}, {&half, 1});
  return half;
}

/// Bins beyond the quantile of all absolute values become that value. The number of them.
/// Half precision has 31,744 absolute values: counting how often each comes says all.
std::int64_t clip_extremes(std::vector<std::uint16_t>& bins, double q) {
  if (bins.empty() || q >= 1) return 0;
  std::vector<std::int64_t> counts(kMagnitude + 1, 0);
  for (const std::uint16_t bin : bins) ++counts[bin & kMagnitude];
  const double position = q * static_cast<double>(bins.size() - 1);
  const auto below = static_cast<std::int64_t>(position);
  const auto at = [&](std::int64_t rank) {
    std::uint16_t magnitude = 0;
    for (std::int64_t seen = counts[0]; seen <= rank; seen += counts[magnitude]) ++magnitude;
    return magnitude;
  };
  const std::uint16_t low = at(below), high = at(std::min<std::int64_t>(below + 1, std::ssize(bins) - 1));
  const double share = position - static_cast<double>(below);
  const std::uint16_t limit = as_half(as_double(low) + share * (as_double(high) - as_double(low)));
  std::int64_t clipped = 0;
  for (std::uint16_t& bin : bins) {
    if ((bin & kMagnitude) <= limit) continue;
    bin = static_cast<std::uint16_t>(limit | (bin & kSign));
    ++clipped;
  }
  return clipped;
}

/// Places of `windows` along the genome.
std::vector<std::size_t> along_the_genome(std::span<const ModelWindow> windows) {
  std::vector<std::size_t> order(windows.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return windows[a].place < windows[b].place; });
  return order;
}

/// Reads one piece of a track and writes its bins.
class Coverer {
 public:
  Coverer(const CoverageSource& source, std::span<const ModelWindow> windows, const seq::ChromSizes& sizes, const Blacklist& black,
          const BinTransform& transform, const CoverageRules& rules, TargetCoverage& result)
      : source_(source), windows_(windows), sizes_(sizes), black_(black), transform_(transform), rules_(rules), result_(result) {}

  void cover(std::span<const std::size_t> places) {
    const std::int64_t length = windows_[places[0]].place.length();
    std::vector<CoverageWindow> asked;
    for (const std::size_t i : places) asked.push_back({windows_[i].place.chrom, windows_[i].place.start});
    std::vector<float> bases(places.size() * static_cast<std::size_t>(length));
    source_.read(asked, length, bases);
    if (rules_.faults == Faults::repeated) round_to_half(bases);
    for (std::size_t k = 0; k < places.size(); ++k)
      put(places[k], std::span(bases).subspan(k * static_cast<std::size_t>(length), static_cast<std::size_t>(length)));
  }

  std::int64_t missing() const { return missing_; }
  std::int64_t clipped() const { return clipped_; }

 private:
  void put(std::size_t window, std::span<float> bases) {
    const Contig& place = windows_[window].place;
    missing_ += mend_bases(bases, place.start, black_[place.chrom], rules_);
    const std::size_t count = bases.size() / static_cast<std::size_t>(rules_.width);
    std::vector<float> values(count);
    with_context(format("{}:{}-{}", sizes_[place.chrom].name, place.start, place.end),
                 [&] { bin_values(bases, rules_.width, transform_, values); });
    for (float& value : values) {
      if (std::abs(value) <= io::kLargestHalf) continue;
      value = std::copysign(io::kLargestHalf, value);
      ++clipped_;
    }
    io::float_to_half(values, std::span(result_.bins).subspan(window * count, count));
  }

  const CoverageSource& source_;
  std::span<const ModelWindow> windows_;
  const seq::ChromSizes& sizes_;
  const Blacklist& black_;
  const BinTransform& transform_;
  const CoverageRules& rules_;
  TargetCoverage& result_;
  std::atomic<std::int64_t> missing_ = 0, clipped_ = 0;
};

}  // namespace

TargetCoverage cover(const CoverageSource& source, std::span<const ModelWindow> windows, const seq::ChromSizes& sizes,
                     const Blacklist& black, const BinTransform& transform, const CoverageRules& rules,
                     const std::function<void(std::int64_t)>& progress) {
  TargetCoverage result;
  if (windows.empty()) return result;
  const std::int64_t length = windows[0].place.length();
  result.bins.assign(windows.size() * static_cast<std::size_t>(length / rules.width), 0);
  std::vector<std::size_t> order = along_the_genome(windows);
  result.lacking = static_cast<std::int64_t>(std::erase_if(order, [&](std::size_t i) { return !source.has(windows[i].place.chrom); }));
  const std::int64_t at_once = std::max<std::int64_t>(1, kBasesAtOnce / length), count = std::ssize(order);
  Coverer coverer(source, windows, sizes, black, transform, rules, result);
  parallel_for((count + at_once - 1) / at_once, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t piece = begin; piece < end; ++piece) {
      throw_if_stopping();
      const std::int64_t from = piece * at_once, to = std::min(from + at_once, count);
      coverer.cover(std::span(order).subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from)));
      if (progress) progress(to - from);
    }
  });
  result.missing = coverer.missing();
  result.clipped = coverer.clipped() + clip_extremes(result.bins, rules.clip_percentile);
  for (const std::uint16_t bin : result.bins) result.sum += as_double(bin);
  return result;
}

}  // namespace basewise::prepare
