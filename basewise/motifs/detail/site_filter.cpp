#include "basewise/motifs/detail/site_filter.h"

#include <algorithm>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::motifs::detail {
namespace {

/// What look-ups and windows that pass cost, in units of one look-up for 64 windows.
constexpr double kCostOfPassing = 40;
constexpr double kWindowsAtOnce = 64;

std::uint8_t scaled(std::int64_t loss, std::int64_t largest) {
  if (loss < 0 || loss > largest) return kCut + 1;
  return static_cast<std::uint8_t>(largest == 0 ? 0 : loss * kCut / largest);
}

double mean_loss(const std::array<std::int32_t, 4>& row, std::int64_t largest, const BaseVector& background) {
  double sum = 0;
  for (std::size_t c = 0; c < 4; ++c) sum += background[c] * scaled(row[c], largest);
  return sum;
}

/// Neighbouring rows that say most, then of the others, and so on;
/// a row without a free neighbour is taken alone.
std::vector<std::int64_t> offsets_of_pairs(const std::vector<double>& means) {
  const auto width = static_cast<std::int64_t>(means.size());
  std::vector<double> left = means;
  std::vector<std::int64_t> offsets;
  while (static_cast<int>(offsets.size()) < kMostPairs) {
    std::int64_t best = -1;
    double most = -1;
    for (std::int64_t i = 0; i < width; ++i) {
      const double second = i + 1 < width ? left[static_cast<std::size_t>(i + 1)] : 0.0;
      if (left[static_cast<std::size_t>(i)] < 0 && !(i + 1 < width)) continue;
      const double gain = std::max(0.0, left[static_cast<std::size_t>(i)]) + std::max(0.0, second);
      if (gain > most) {
        most = gain;
        best = i;
      }
    }
    if (best < 0 || (most <= 0 && !offsets.empty())) break;
    offsets.push_back(best);
    left[static_cast<std::size_t>(best)] = -1;
    if (best + 1 < width) left[static_cast<std::size_t>(best + 1)] = -1;
  }
  return offsets;
}

using Chances = std::array<double, kCut + 1>;  ///< of all sums up to the cut

/// One pair more.
Chances add_pair(const Chances& before, const SiteFilter::Pair& pair, const BaseVector& background) {
  Chances after{};
  for (std::size_t code = 0; code < 16; ++code) {
    const double b = background[code & 3] * background[code >> 2];
    const std::size_t loss = pair.loss[code];
    for (std::size_t i = 0; i + loss <= kCut; ++i) after[i + loss] += b * before[i];
  }
  return after;
}

}  // namespace

SiteFilter make_filter(const LossRows& rows, std::int64_t largest, const BaseVector& background) {
  std::vector<double> means;
  for (const auto& row : rows) means.push_back(mean_loss(row, largest, background));
  std::vector<bool> used(rows.size() + 1, false);
  SiteFilter filter;
  double least = std::numeric_limits<double>::infinity();
  Chances chances{1.0};
  int taken = 0;
  for (const std::int64_t offset : offsets_of_pairs(means)) {
    SiteFilter::Pair& pair = filter.pairs[static_cast<std::size_t>(taken++)];
    pair.offset = offset;
    const auto at = static_cast<std::size_t>(offset);
    for (std::size_t code = 0; code < 16; ++code) {
      const std::int64_t first = used[at] ? 0 : rows[at][code & 3];
      const std::int64_t second = at + 1 == rows.size() || used[at + 1] ? 0 : rows[at + 1][code >> 2];
      pair.loss[code] = first < 0 || second < 0 ? kCut + 1 : scaled(first + second, largest);
    }
    used[at] = used[at + 1] = true;
    chances = add_pair(chances, pair, background);
    const double passing = std::accumulate(chances.begin(), chances.end(), 0.0);
    const double cost = taken + passing * kWindowsAtOnce * kCostOfPassing;
    if (cost < least) {
      least = cost;
      filter.count = taken;
    }
  }
  return filter;
}

SiteFilter reversed(const SiteFilter& filter, std::int64_t width) {
  SiteFilter result = filter;
  for (int p = 0; p < filter.count; ++p) {
    const SiteFilter::Pair& from = filter.pairs[static_cast<std::size_t>(p)];
    SiteFilter::Pair& to = result.pairs[static_cast<std::size_t>(p)];
    // Letters of the pair at rows o and o + 1 stand, complemented, at W - 1 - o and W - 2 - o.
    to.offset = width - 2 - from.offset;
    for (std::size_t code = 0; code < 16; ++code) to.loss[code] = from.loss[((3 - (code & 3)) << 2) | (3 - (code >> 2))];
  }
  return result;
}

std::int64_t find_windows_portable(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);
#if defined(__x86_64__)
std::int64_t find_windows_avx2(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);
std::int64_t find_windows_avx512(const SiteFilter& filter, const std::uint8_t* codes, std::int64_t n, std::int32_t* out);
#endif

FindWindows find_windows(kernels::Isa isa) {
  switch (isa) {
    case kernels::Isa::portable: return find_windows_portable;
#if defined(__x86_64__)
    case kernels::Isa::avx2: return find_windows_avx2;
    case kernels::Isa::avx512: return find_windows_avx512;
#else
    default: break;
#endif
  }
  throw InternalError(format("the filter for {} is not part of this build", kernels::name(isa)));
}

}  // namespace basewise::motifs::detail
