// Bodies of compare_loops.h, included by one source for each instruction set, which defines
// BASEWISE_COMPARE_NAME. Plain loops of fixed length, which compilers turn into vectors, and some
// vectors by hand where compilers do not see them.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>

#include "basewise/motifs/detail/compare_lanes.h"
#include "basewise/motifs/detail/compare_loops.h"

namespace basewise::motifs::detail {
namespace {

/// A query column in every lane.
struct Column {
  Floats a, c, g, t;
  explicit Column(const float* share) : a(repeat(share[0])), c(repeat(share[1])), g(repeat(share[2])), t(repeat(share[3])) {}

  Floats squared(const Planes& planes, std::int64_t at) const {
    const Floats x = load(planes.letter[0] + at) - a, y = load(planes.letter[1] + at) - c;
    const Floats z = load(planes.letter[2] + at) - g, w = load(planes.letter[3] + at) - t;
    return x * x + y * y + z * z + w * w;
  }
};

void squared(const Planes& planes, std::int64_t n, const float* share, float* out, float* lowest, float* highest) {
  const Column column(share);
  Floats low = repeat(1e9f), high = repeat(-1.0f);
  for (std::int64_t j = 0; j < n; j += kLanes) {
    const Floats x = column.squared(planes, j);
    store(out + j, x);
    low = x < low ? x : low;
    high = x > high ? x : high;
  }
  *lowest = low[0];
  *highest = high[0];
  for (int l = 1; l < kLanes; ++l) {
    *lowest = std::min(*lowest, low[l]);
    *highest = std::max(*highest, high[l]);
  }
}

void count_distances(const float* squares, const std::uint32_t* weights, std::int64_t n, std::uint32_t* bins) {
  std::int32_t places[kBlock];
  for (std::int64_t first = 0; first < n; first += kBlock) {
    for (std::int64_t j = 0; j < kBlock; ++j) {
      const auto place = static_cast<std::int32_t>(squares[first + j] * (kDistanceBins / 2));
      places[j] = place < kDistanceBins ? place : kDistanceBins - 1;
    }
    for (std::int64_t j = 0; j < kBlock; ++j) bins[places[j]] += weights[first + j];
  }
}

void find_near(const Planes& planes, const std::uint32_t* weights, std::int64_t first, std::int64_t n, const float* share,
               const float* bounds, NearColumns& near) {
  const Column column(share);
  const Floats low = repeat(bounds[0]), high = repeat(bounds[1]), bottom = repeat(bounds[2]), top = repeat(bounds[3]);
  Ints below = {};
  Appender found(near);
  for (std::int64_t block = first; block < first + n; block += kBlock) {
    for (std::int64_t j = 0; j < kBlock; j += kLanes) {
      const Floats x = column.squared(planes, block + j);
      below += x < low ? load_ints(weights + block + j) : Ints{};
      found.add(block, j, x, (at_most(low, x) & at_most(x, high)) | at_most(x, bottom) | at_most(top, x));
    }
    found.end(block);
  }
  found.finish();
  for (int l = 0; l < kLanes; ++l) near.below += static_cast<std::uint32_t>(below[l]);
}

std::int64_t scores(const Planes& planes, std::int64_t first, std::int64_t n, const float* share, const ScoreLine& line, std::uint8_t* out,
                    std::uint32_t* near) {
  const Column column(share);
  const Floats shift = repeat(line.shift), scale = repeat(line.scale), half = repeat(0.5f), most = half - repeat(line.margin);
  std::int64_t found = 0;
  for (std::int64_t at = 0; at < n; at += kBlock) {
    Floats away[kBlock / kLanes], farthest = {};  // fractional parts from 1/2
    for (std::int64_t k = 0; k < kBlock / kLanes; ++k) {
      const Floats value = shift - scale * root(column.squared(planes, first + at + k * kLanes));
      const Ints whole = __builtin_convertvector(value, Ints);
      away[k] = magnitude(value - __builtin_convertvector(whole, Floats) - half);
      farthest = larger(farthest, away[k]);
      store_bytes(out + at + k * kLanes, whole);
    }
    if (at_most(most, farthest) == 0) [[likely]]
      continue;
    for (std::int64_t k = 0; k < kBlock / kLanes; ++k)
      for (std::uint64_t bits = at_most(most, away[k]); bits != 0; bits &= bits - 1)
        near[found++] = static_cast<std::uint32_t>(at + k * kLanes + std::countr_zero(bits));
  }
  return found;
}

/// From where to where scores go, up and down to multiples of 32.
std::pair<std::int64_t, std::int64_t> range_of(const std::uint8_t* values, std::int64_t n) {
  std::uint8_t low = 255, high = 0;
  for (std::int64_t j = 0; j < n; ++j) low = std::min(low, values[j]);
  for (std::int64_t j = 0; j < n; ++j) high = std::max(high, values[j]);
  return {low / 32 * 32, high / 32 * 32 + 32};
}

void count_single(const std::uint8_t* values, std::int64_t n, std::uint16_t* pairs, std::uint32_t* counts) {
  // Two tables by turns, so that a pair does not wait for one like it.
  std::uint16_t* others = pairs + kPairs / 2;
  for (std::int64_t j = 0; j < n; j += 4) {
    std::uint16_t pair[2];
    std::memcpy(&pair, values + j, 4);
    ++pairs[pair[0]];
    ++others[pair[1]];
  }
  // Both scores of a pair count, whichever comes first in memory.
  const auto [low, high] = range_of(values, n);
  std::uint16_t in_columns[kScoreValues] = {};
  for (std::int64_t row = low; row < high; ++row)
    for (std::int64_t x = low; x < high; x += 32) {
      std::uint16_t* a = pairs + 256 * row + x;
      std::uint16_t* b = others + 256 * row + x;
      std::uint16_t in_row = 0;
      for (std::int64_t k = 0; k < 32; ++k) {
        const auto both = static_cast<std::uint16_t>(a[k] + b[k]);
        in_columns[x + k] = static_cast<std::uint16_t>(in_columns[x + k] + both);
        in_row = static_cast<std::uint16_t>(in_row + both);
        a[k] = b[k] = 0;
      }
      counts[row] += in_row;
    }
  for (std::int64_t x = 0; x < kScoreValues; ++x) counts[x] += in_columns[x];
}

void count_weighted(const std::uint8_t* values, const std::uint32_t* weights, std::int64_t n, std::uint32_t* counts) {
  for (std::int64_t j = 0; j < n; ++j) counts[values[j]] += weights[j];
}

typedef std::uint8_t Bytes16 __attribute__((vector_size(16), aligned(1), may_alias));

/// A 16 x 16 square of bytes turned, by four rounds in which rows i and i + 8 are interleaved.
inline void turn_square(const std::uint8_t* tile, std::int64_t tile_stride, std::uint8_t zero, std::int8_t* out, std::int64_t stride) {
  Bytes16 x[16], y[16];
  for (int i = 0; i < 16; ++i) x[i] = *reinterpret_cast<const Bytes16*>(tile + i * tile_stride) - zero;
  for (int round = 0; round < 4; ++round) {
    for (int i = 0; i < 8; ++i) {
      y[2 * i] = __builtin_shufflevector(x[i], x[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      y[2 * i + 1] = __builtin_shufflevector(x[i], x[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; ++i) x[i] = y[i];
  }
  for (int i = 0; i < 16; ++i) *reinterpret_cast<Bytes16*>(out + i * stride) = x[i];
}

void turn(const std::uint8_t* tile, std::int64_t stride, std::int64_t rows, std::uint8_t zero, std::int8_t* out) {
  for (std::int64_t row = 0; row < rows; row += 16)
    for (std::int64_t j = 0; j < kBlock; j += 16) turn_square(tile + row * stride + j, stride, zero, out + j * rows + row, rows);
}

typedef std::int8_t Row16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef std::int16_t Sums16 __attribute__((vector_size(32), aligned(2), may_alias));

/// `next` enters at the end of `sums`, whose first lane leaves.
inline Sums16 step(Sums16 sums, Sums16 next) {
  return __builtin_shufflevector(sums, next, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
}

/// Lane l of `sums` holds the diagonal k + l: the first lane is done after column k.
template <int kParts>
inline void slide_parts(const std::int8_t* rows, const std::uint32_t* columns_a, const std::uint32_t* columns_b, std::int64_t width,
                        std::int16_t* out_a, std::int16_t* out_b) {
  const Sums16 none = {};
  Sums16 a[kParts + 1] = {}, b[kParts + 1] = {};
  for (std::int64_t k = 0; k < width; ++k) {
    const std::int8_t* row_a = rows + std::int64_t{columns_a[k]} * (16 * kParts);
    const std::int8_t* row_b = rows + std::int64_t{columns_b[k]} * (16 * kParts);
    for (int p = 0; p < kParts; ++p) {
      a[p] += __builtin_convertvector(*reinterpret_cast<const Row16*>(row_a + 16 * p), Sums16);
      b[p] += __builtin_convertvector(*reinterpret_cast<const Row16*>(row_b + 16 * p), Sums16);
    }
    for (int p = 0; p < kParts; ++p) {
      *reinterpret_cast<Sums16*>(out_a + k + 16 * p) = a[p];
      *reinterpret_cast<Sums16*>(out_b + k + 16 * p) = b[p];
    }
    a[kParts] = b[kParts] = none;
    for (int p = 0; p < kParts; ++p) {
      a[p] = step(a[p], a[p + 1]);
      b[p] = step(b[p], b[p + 1]);
    }
  }
}

void slide(const std::int8_t* rows, std::int64_t lanes, const std::uint32_t* columns_a, const std::uint32_t* columns_b, std::int64_t width,
           std::int16_t* out_a, std::int16_t* out_b) {
  if (lanes == 16) return slide_parts<1>(rows, columns_a, columns_b, width, out_a, out_b);
  if (lanes == 32) return slide_parts<2>(rows, columns_a, columns_b, width, out_a, out_b);
  slide_parts<4>(rows, columns_a, columns_b, width, out_a, out_b);
}

/// Keys of sums; those that do not count get the least key.
inline Ints keys_of(const std::int16_t* sums, const std::int32_t* ranks) {
  const Ints rank = *reinterpret_cast<const IntsAnywhere*>(ranks);
  const Ints key = (__builtin_convertvector(*reinterpret_cast<const ShortsAnywhere*>(sums), Ints) << 16) + rank;
  return rank < 0 ? rank : key;
}

std::int32_t best(const std::int16_t* sums, const std::int32_t* ranks, std::int64_t n) {
  Ints most = keys_of(sums, ranks);
  for (std::int64_t i = kLanes; i < n; i += kLanes) most = larger(most, keys_of(sums + i, ranks + i));
  std::int32_t lanes[kLanes];
  *reinterpret_cast<IntsAnywhere*>(lanes) = most;
  std::int32_t largest = lanes[0];
  for (int l = 0; l < kLanes; ++l) largest = std::max(largest, lanes[l]);
  return largest;
}

void convolve(const double* before, const double* weights, std::int64_t n_weights, double* out, std::int64_t n) {
  for (std::int64_t first = 0; first < n; first += 32) {
    double sums[32] = {};
    const double* from = before + first;
    for (std::int64_t v = 0; v < n_weights; ++v)
      for (std::int64_t j = 0; j < 32; ++j) sums[j] += weights[v] * from[j - v];
    std::copy_n(sums, 32, out + first);
  }
}

void unite(double* either, const double* other, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) either[i] += other[i] * (1 - either[i]);
}

}  // namespace

extern const CompareLoops BASEWISE_COMPARE_NAME;
const CompareLoops BASEWISE_COMPARE_NAME = {squared, count_distances, find_near, scores, count_single, count_weighted,
                                            turn,    slide,           best,      convolve, unite};

}  // namespace basewise::motifs::detail
