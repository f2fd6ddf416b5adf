// The innermost loops of the comparison of motifs, one set for each instruction set.
#pragma once

#include <cstdint>

#include "basewise/kernels/isa.h"

namespace basewise::motifs::detail {

/// Columns of targets are worked through in blocks of this many.
inline constexpr std::int64_t kBlock = 64;
/// Bins of squared distances, which lie in [0, 2].
inline constexpr std::int64_t kDistanceBins = 4096;
/// Values of integer scores: 0 to 100, rounded up.
inline constexpr std::int64_t kScoreValues = 128;

/// Probabilities of target columns, letter by letter.
struct Planes {
  const float* letter[4];
};

/// Pointers to loops; arrays are not aligned unless said so. `n` and the number of columns are
/// multiples of kBlock where columns are meant.
struct CompareLoops {
  /// Squared distances of a column with n others; the least and the largest of them.
  void (*squared)(const Planes& planes, std::int64_t n, const float* column, float* out, float* lowest, float* highest);

  /// Adds the weight of each squared distance to its bin.
  void (*count_distances)(const float* squared, const std::uint32_t* weights, std::int64_t n, std::uint32_t* bins);

  /// Writes for each block whether it holds a value in [low, high], up to `bottom` or from `top`;
  /// returns the weight of the values below `low`.
  std::uint64_t (*mark)(const float* squared, const std::uint32_t* weights, std::int64_t n, const float* low_high_bottom_top,
                        std::uint8_t* marks);

  /// One block at `first`: integer part of shift - scale x distance. Returns whether a fractional
  /// part is nearer than `margin` to 0 or 1, so that rounding may have decided.
  bool (*scores)(const Planes& planes, std::int64_t first, const float* column, float shift, float scale, float margin,
                 std::uint8_t* out);

  /// Adds the weights of a block to four counters of each score, which take turns.
  void (*count_scores)(const std::uint8_t* scores, const std::uint32_t* weights, std::uint32_t* counts);

  /// Turns a block: `rows` x kBlock bytes at `tile` to kBlock x `rows` at `out`,
  /// less `zero`. `rows` is 16, 32 or 64.
  void (*turn)(const std::uint8_t* tile, std::int64_t rows, std::uint8_t zero, std::int8_t* out);

  /// Sums along diagonals for two targets of one width: out[k] is the sum over l of
  /// scores[columns[k - l]][l] over the columns that there are; `lanes` (16, 32, 64) scores for
  /// each column. `out` has room for width + lanes numbers.
  void (*slide)(const std::int8_t* scores, std::int64_t lanes, const std::uint32_t* columns_a, const std::uint32_t* columns_b,
                std::int64_t width, std::int16_t* out_a, std::int16_t* out_b);

  /// The largest of sum x 65536 + rank, over n sums, a multiple of 32, whose rank is not negative.
  std::int32_t (*best)(const std::int16_t* sums, const std::int32_t* ranks, std::int64_t n);

  /// out[x] = sum over v of weights[v] before[x - v]; `before` has n_weights - 1 zeros on its left,
  /// and numbers up to `n`, which is a multiple of 32.
  void (*convolve)(const double* before, const double* weights, std::int64_t n_weights, double* out, std::int64_t n);

  /// either[i] becomes the probability that one of two independent events happens.
  void (*unite)(double* either, const double* other, std::int64_t n);
};

/// The loops for an instruction set.
const CompareLoops& compare_loops(kernels::Isa isa);

extern const CompareLoops compare_loops_portable;
extern const CompareLoops compare_loops_avx2;
extern const CompareLoops compare_loops_avx512;

}  // namespace basewise::motifs::detail
