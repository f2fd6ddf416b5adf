#include "basewise/motifs/detail/jaccard.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/instruction_sets.h"

namespace basewise::motifs::detail {
namespace {

using Numbers [[gnu::vector_size(kTracks * sizeof(float))]] = float;
using Bits [[gnu::vector_size(kTracks * sizeof(float))]] = std::int32_t;

constexpr std::int32_t kSign = std::int32_t(0x80000000u);
constexpr std::int32_t kMagnitude = 0x7fffffff;

/// Sums over a stretch: of smaller magnitudes with the product of signs, and of smaller magnitudes.
struct Sums {
  float agreement, common;
};

[[gnu::always_inline]] inline Sums across(const Numbers& agreement, const Numbers& common) {
  Sums sums = {0, 0};
  for (std::int64_t lane = 0; lane < kTracks; ++lane) {
    sums.agreement += agreement[lane];
    sums.common += common[lane];
  }
  return sums;
}

/// `kPlaces` neighbouring windows of y against one x of `width` positions.
template <int kPlaces>
[[gnu::always_inline]] inline void compare(const float* x, const float* y, std::int64_t width, Sums* sums) {
  std::array<Numbers, kPlaces> agreement = {}, common = {};
  for (std::int64_t p = 0; p < width; ++p) {
    Bits a;
    std::memcpy(&a, x + p * kTracks, sizeof a);
    const Bits magnitude_a = a & kMagnitude;
#pragma GCC unroll 8
    for (int place = 0; place < kPlaces; ++place) {
      Bits b;
      std::memcpy(&b, y + (p + place) * kTracks, sizeof b);
      const Bits magnitude_b = b & kMagnitude;
      const Bits smaller = magnitude_a < magnitude_b ? magnitude_a : magnitude_b;  // as positive floats order
      agreement[place] += reinterpret_cast<Numbers>(smaller ^ ((a ^ b) & kSign));
      common[place] += reinterpret_cast<Numbers>(smaller);
    }
  }
  for (int place = 0; place < kPlaces; ++place) sums[place] = across(agreement[place], common[place]);
}

/// All windows of `y`, `places` of them.
BASEWISE_MOTIFS_CLONES void compare_all(const float* x, const float* y, std::int64_t width, std::int64_t places, Sums* sums) {
  std::int64_t place = 0;
  for (; place + 4 <= places; place += 4) compare<4>(x, y + place * kTracks, width, sums + place);
  for (; place < places; ++place) compare<1>(x, y + place * kTracks, width, sums + place);
}

/// Four rows of `size` numbers against one at a time.
BASEWISE_MOTIFS_CLONES void compare_rows(const float* x, const float* others, std::int64_t size, std::int64_t count, float* result) {
  for (std::int64_t row = 0; row < count; ++row) {
    const float* y = others + row * size;
    Numbers agreement = {}, larger = {};
    for (std::int64_t i = 0; i < size; i += kTracks) {
      Bits a, b;
      std::memcpy(&a, x + i, sizeof a);
      std::memcpy(&b, y + i, sizeof b);
      const Bits magnitude_a = a & kMagnitude, magnitude_b = b & kMagnitude;
      const auto less = magnitude_a < magnitude_b;
      agreement += reinterpret_cast<Numbers>((less ? magnitude_a : magnitude_b) ^ ((a ^ b) & kSign));
      larger += reinterpret_cast<Numbers>(less ? magnitude_b : magnitude_a);
    }
    const Sums sums = across(agreement, larger);
    result[row] = sums.common > 0 ? sums.agreement / sums.common : 0;
  }
}

}  // namespace

float sum_of_magnitudes(const float* values, std::int64_t size) {
  float sum = 0;
  for (std::int64_t i = 0; i < size; ++i) sum += std::abs(values[i]);
  return sum;
}

std::int64_t padding(std::int64_t width, double min_overlap, bool round_up) {
  // As published: 30 positions at 0.7 are 9.000000000000002 and so 10 rounded up.
  const double exact = static_cast<double>(width) * (1 - min_overlap);
  return static_cast<std::int64_t>(round_up ? std::ceil(exact) : std::floor(exact));
}

void pad_tracks(const float* rows, std::int64_t width, std::int64_t pad, PaddedTracks& to) {
  to.width = width + 2 * pad;
  to.pad = pad;
  to.values.assign(to.width * kTracks, 0);
  std::copy_n(rows, width * kTracks, to.values.begin() + pad * kTracks);
  to.before.resize(to.width + 1);
  double sum = 0;
  for (std::int64_t p = 0; p < to.width; ++p) {
    to.before[p] = static_cast<float>(sum);
    sum += sum_of_magnitudes(to.values.data() + p * kTracks, kTracks);
  }
  to.before[to.width] = static_cast<float>(sum);
}

BestOffset best_offset(const PaddedTracks& parent, const float* child, std::int64_t width, float child_sum) {
  const std::int64_t places = std::max<std::int64_t>(0, parent.width - width + 1);
  thread_local std::vector<Sums> sums;
  sums.resize(places);
  compare_all(child, parent.values.data(), width, places, sums.data());
  BestOffset best = {-2, -parent.pad};
  for (std::int64_t place = 0; place < places; ++place) {
    // max(a, b) = a + b - min(a, b)
    const float larger = child_sum + (parent.before[place + width] - parent.before[place]) - sums[place].common;
    const float similarity = larger > 0 ? sums[place].agreement / larger : 0;
    if (similarity > best.similarity) best = {similarity, place - parent.pad};
  }
  if (places == 0) best.similarity = 0;
  return best;
}

void fine_similarities(const TrackRows& rows, double min_overlap, Neighbors& neighbors, const RowsDone& done) {
  const TrackRows reverse = turned(rows);
  std::vector<float> sums;
  for (std::int64_t row = 0; row < rows.count; ++row) sums.push_back(sum_of_magnitudes(rows.of(row), rows.width * kTracks));
  const std::int64_t pad = padding(rows.width, min_overlap, false);
  constexpr std::int64_t kStretch = 2048;
  for (std::int64_t from = 0; from < rows.count; from += kStretch) {
    const std::int64_t stretch = std::min(kStretch, rows.count - from);
    parallel_for(stretch, 16, [&](std::int64_t begin, std::int64_t end) {
      PaddedTracks padded;
      for (std::int64_t row = from + begin; row < from + end; ++row) {
        pad_tracks(rows.of(row), rows.width, pad, padded);
        for (std::int64_t e = neighbors.row_begin[row]; e < neighbors.row_begin[row + 1]; ++e) {
          const std::int64_t other = neighbors.index[e];
          neighbors.similarity[e] = std::max(best_offset(padded, rows.of(other), rows.width, sums[other]).similarity,
                                             best_offset(padded, reverse.of(other), rows.width, sums[other]).similarity);
        }
      }
    });
    if (done) done(from + stretch, rows.count);
  }
}

float jaccard(const float* x, const float* y, std::int64_t size) {
  float result = 0;
  compare_rows(x, y, size, 1, &result);
  return result;
}

void jaccard_with_all(const float* x, const TrackRows& others, std::int64_t first, std::int64_t count, float* result) {
  compare_rows(x, others.of(first), others.width * kTracks, count, result);
}

}  // namespace basewise::motifs::detail
