// The innermost loops of the comparison of motifs, one set for each instruction set.
#pragma once

#include <cstdint>

#include "basewise/kernels/isa.h"

namespace basewise::motifs::detail {

/// Columns of targets are worked through in blocks of this many.
inline constexpr std::int64_t kBlock = 64;
/// Bins of squared distances, which lie in [0, 2].
inline constexpr std::int64_t kDistanceBins = 1024;
/// Values of integer scores: 0 to 100, rounded up.
inline constexpr std::int64_t kScoreValues = 128;

/// Counters of two scores next to each other in memory, read as one number of 16 bits, twice.
inline constexpr std::int64_t kPairs = 2 * 256 * kScoreValues;

/// Probabilities of target columns, letter by letter.
struct Planes {
  const float* letter[4];
};

/// Columns, ascending, and their squared distances.
struct NearColumns {
  std::uint32_t* at = nullptr;
  float* squares = nullptr;
  std::size_t count = 0;
  std::int64_t below = 0;  ///< weight of columns that are nearer
};

/// A score as a function of the distance.
struct ScoreLine {
  float shift = 0, scale = 0, margin = 0;
};

/// Pointers to loops; arrays are not aligned unless said so. `n` and the number of columns are
/// multiples of kBlock where columns are meant.
struct CompareLoops {
  /// Squared distances of a column with n others; the least and the largest of them.
  void (*squared)(const Planes& planes, std::int64_t n, const float* column, float* out, float* lowest, float* highest);

  /// Adds the weight of each squared distance to its bin.
  void (*count_distances)(const float* squared, const std::uint32_t* weights, std::int64_t n, std::uint32_t* bins);

  /// Adds to `near` those of the n columns from `first` on whose squared distance lies in
  /// [low, high], is up to `bottom` or from `top`, and the weight of those below `low`.
  void (*find_near)(const Planes& planes, const std::uint32_t* weights, std::int64_t first, std::int64_t n, const float* column,
                    const float* low_high_bottom_top, NearColumns& near);

  /// Integer parts of shift - scale x distance for n columns from `first` on. `near` takes those
  /// whose fractional part is nearer than `margin` to 0 or 1, so that rounding may have decided,
  /// counted from `first`; returns how many.
  std::int64_t (*scores)(const Planes& planes, std::int64_t first, std::int64_t n, const float* column, const ScoreLine& line,
                         std::uint8_t* out, std::uint32_t* near);

  /// Adds the scores of n columns that occur once to `counts`. `n` is a multiple of 4, at most
  /// 65536; `pairs` are kPairs zeros, and become so again.
  void (*count_single)(const std::uint8_t* scores, std::int64_t n, std::uint16_t* pairs, std::uint32_t* counts);

  /// Adds the weights of n columns to the counters of their scores.
  void (*count_weighted)(const std::uint8_t* scores, const std::uint32_t* weights, std::int64_t n, std::uint32_t* counts);

  /// Turns a block: `rows` x kBlock bytes, row by row `stride` apart, to kBlock x `rows` at `out`,
  /// less `zero`. `rows` is a multiple of 16.
  void (*turn)(const std::uint8_t* tile, std::int64_t stride, std::int64_t rows, std::uint8_t zero, std::int8_t* out);

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
