// Bodies of compare_loops.h, included by one source for each instruction set, which defines
// BASEWISE_COMPARE_NAME. Plain loops of fixed length, which compilers turn into vectors.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "basewise/motifs/detail/compare_loops.h"

namespace basewise::motifs::detail {
namespace {

/// Squared distances of one block.
inline void squared_block(const Planes& planes, std::int64_t first, const float* column, float* out) {
  const float* a = planes.letter[0] + first;
  const float* c = planes.letter[1] + first;
  const float* g = planes.letter[2] + first;
  const float* t = planes.letter[3] + first;
  for (std::int64_t j = 0; j < kBlock; ++j) {
    const float x = a[j] - column[0], y = c[j] - column[1], z = g[j] - column[2], w = t[j] - column[3];
    out[j] = x * x + y * y + z * z + w * w;
  }
}

void squared(const Planes& planes, std::int64_t n, const float* column, float* out, float* lowest, float* highest) {
  float low[kBlock], high[kBlock];
  std::fill_n(low, kBlock, 1e9f);
  std::fill_n(high, kBlock, -1.0f);
  for (std::int64_t first = 0; first < n; first += kBlock) {
    float* values = out + first;
    squared_block(planes, first, column, values);
    for (std::int64_t j = 0; j < kBlock; ++j) low[j] = values[j] < low[j] ? values[j] : low[j];
    for (std::int64_t j = 0; j < kBlock; ++j) high[j] = values[j] > high[j] ? values[j] : high[j];
  }
  *lowest = *std::min_element(low, low + kBlock);
  *highest = *std::max_element(high, high + kBlock);
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

std::uint64_t mark(const float* squares, const std::uint32_t* weights, std::int64_t n, const float* bounds, std::uint8_t* marks) {
  const float low = bounds[0], high = bounds[1], bottom = bounds[2], top = bounds[3];
  std::uint64_t below = 0;
  for (std::int64_t first = 0; first < n; first += kBlock) {
    std::uint32_t weight = 0;
    std::int32_t any = 0;
    for (std::int64_t j = 0; j < kBlock; ++j) {
      const float x = squares[first + j];
      weight += x < low ? weights[first + j] : 0u;
      any |= ((x >= low) & (x <= high)) | (x <= bottom) | (x >= top);
    }
    below += weight;
    marks[first / kBlock] = any != 0;
  }
  return below;
}

bool scores(const Planes& planes, std::int64_t first, const float* column, float shift, float scale, float margin, std::uint8_t* out) {
  float values[kBlock];
  squared_block(planes, first, column, values);
  for (std::int64_t j = 0; j < kBlock; ++j) values[j] = shift - scale * std::sqrt(values[j]);
  std::int32_t near = 0;
  for (std::int64_t j = 0; j < kBlock; ++j) {
    const auto whole = static_cast<std::int32_t>(values[j]);
    const float rest = values[j] - static_cast<float>(whole);
    near |= (rest < margin) | (rest > 1 - margin);
    out[j] = static_cast<std::uint8_t>(whole);
  }
  return near != 0;
}

void count_scores(const std::uint8_t* values, const std::uint32_t* weights, std::uint32_t* counts) {
  for (std::int64_t j = 0; j < kBlock; j += 4) {
    std::uint32_t packed;
    std::memcpy(&packed, values + j, 4);
    counts[packed & 127] += weights[j];
    counts[kScoreValues + (packed >> 8 & 127)] += weights[j + 1];
    counts[2 * kScoreValues + (packed >> 16 & 127)] += weights[j + 2];
    counts[3 * kScoreValues + (packed >> 24)] += weights[j + 3];
  }
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

void turn(const std::uint8_t* tile, std::int64_t rows, std::uint8_t zero, std::int8_t* out) {
  for (std::int64_t row = 0; row < rows; row += 16)
    for (std::int64_t j = 0; j < kBlock; j += 16) turn_square(tile + row * kBlock + j, kBlock, zero, out + j * rows + row, rows);
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

typedef std::int32_t Keys16 __attribute__((vector_size(64), aligned(4), may_alias));

inline Keys16 larger(Keys16 a, Keys16 b) { return a > b ? a : b; }

/// Keys of 16 sums; those that do not count get the least key.
inline Keys16 keys_of(const std::int16_t* sums, const std::int32_t* ranks) {
  const Keys16 rank = *reinterpret_cast<const Keys16*>(ranks);
  const Keys16 key = (__builtin_convertvector(*reinterpret_cast<const Sums16*>(sums), Keys16) << 16) + rank;
  return rank < 0 ? rank : key;
}

std::int32_t best(const std::int16_t* sums, const std::int32_t* ranks, std::int64_t n) {
  Keys16 most = larger(keys_of(sums, ranks), keys_of(sums + 16, ranks + 16));
  for (std::int64_t i = 32; i < n; i += 16) most = larger(most, keys_of(sums + i, ranks + i));
  most = larger(most, __builtin_shufflevector(most, most, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  most = larger(most, __builtin_shufflevector(most, most, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  most = larger(most, __builtin_shufflevector(most, most, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
  most = larger(most, __builtin_shufflevector(most, most, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
  return most[0];
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
const CompareLoops BASEWISE_COMPARE_NAME = {squared, count_distances, mark,    scores,   count_scores, turn,
                                            slide,   best,            convolve, unite};

}  // namespace basewise::motifs::detail
