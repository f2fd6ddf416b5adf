// Included by one source per instruction set, which defines BASEWISE_VECTOR (numbers in a
// register), BASEWISE_REGISTERS and BASEWISE_MICRO_NAME. Everything here has internal linkage: a
// function compiled for a newer processor must never be merged with one of the same name that other
// sources use.
#include <cstring>

#include "basewise/kernels/detail/attention_body.h"
#include "basewise/kernels/detail/few_body.h"
#include "basewise/kernels/detail/functions_body.h"
#include "basewise/kernels/detail/tokens_body.h"
#include "basewise/kernels/detail/loss_body.h"
#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/winograd_body.h"
#include "basewise/kernels/detail/optimise_body.h"
#include "basewise/kernels/detail/recurrent_body.h"
#include "basewise/kernels/detail/transpose_body.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

constexpr int kWide = BASEWISE_REGISTERS == 32 ? 12 : 6;     // rows of a tile of two registers: accumulators fill the register file
constexpr int kNarrow = BASEWISE_REGISTERS == 32 ? 24 : 12;  // rows of a tile of one register

// ---- tiles of the forward sum -------------------------------------------------------------------

template <int MV, int NR>
inline __attribute__((always_inline)) void finish_rows(const RowsCall& c, Vec (&acc)[NR][MV], float* out) {
  if (c.valid == MV * kVector) {
#pragma GCC unroll 32
    for (int r = 0; r < NR; ++r)
#pragma GCC unroll 4
      for (int m = 0; m < MV; ++m) {
        float* to = out + r * c.out_step + m * kVector;
        Vec v = acc[r][m];
        if (c.accumulate) v += load(to);
        if (c.relu) v = rectified(v);
        store(to, v);
      }
    return;
  }
  float part[NR][MV * kVector];
#pragma GCC unroll 32
  for (int r = 0; r < NR; ++r)
#pragma GCC unroll 4
    for (int m = 0; m < MV; ++m) store(part[r] + m * kVector, acc[r][m]);
  for (int r = 0; r < NR; ++r)
    for (int f = 0; f < c.valid; ++f) {
      float* to = out + r * c.out_step + f;
      float v = part[r][f];
      if (c.accumulate) v += *to;
      *to = c.relu && v <= 0 ? 0.0f : v;
    }
}

template <int MV, int NR>
__attribute__((noinline)) void rows_tile(const RowsCall& c, const float* rows, float* out) {
  Vec acc[NR][MV];
#pragma GCC unroll 32
  for (int r = 0; r < NR; ++r)
#pragma GCC unroll 4
    for (int m = 0; m < MV; ++m) acc[r][m] = c.bias != nullptr ? load(c.bias + m * kVector) : Vec{};
  const Index step = c.row_step;
  constexpr int kGroup = 4, kGroups = (NR + kGroup - 1) / kGroup;
  for (Index s = 0; s < c.segment_count; ++s) {
    const Segment segment = c.segments[s];
    const float* a = c.panel + segment.panel * (MV * kVector);
    const float* b[kGroups];
#pragma GCC unroll 8
    for (int g = 0; g < kGroups; ++g) b[g] = rows + segment.offset + g * kGroup * step;
    for (Index k = 0; k < segment.length; ++k, a += MV * kVector) {
      Vec av[MV];
#pragma GCC unroll 4
      for (int m = 0; m < MV; ++m) av[m] = load(a + m * kVector);
      // A pointer for every four rows. The compiler, left alone, keeps an offset for every row,
      // more than there are registers, and loads them anew in every turn (AVX-512, 16 filters: 150
      // GFLOP/s against 164). So it must not know how the pointers hang together.
#pragma GCC unroll 8
      for (int g = 0; g < kGroups; ++g) asm("" : "+r"(b[g]));
#pragma GCC unroll 32
      for (int r = 0; r < NR; ++r) {
        const float x = b[r / kGroup][r % kGroup * step];
#pragma GCC unroll 4
        for (int m = 0; m < MV; ++m) acc[r][m] += av[m] * x;
      }
#pragma GCC unroll 8
      for (int g = 0; g < kGroups; ++g) ++b[g];
    }
  }
  finish_rows<MV, NR>(c, acc, out);
}

template <int MV, int NR>
void rows_rest(const RowsCall& c, Index rest, const float* rows, float* out) {
  if constexpr (NR > 0) {
    if (rest == NR) return rows_tile<MV, NR>(c, rows, out);
    rows_rest<MV, NR - 1>(c, rest, rows, out);
  }
}

template <int MV, int NR>
void rows_all(const RowsCall& c) {
  Index r = 0;
  for (; r + NR <= c.row_count; r += NR) rows_tile<MV, NR>(c, c.rows + r * c.row_step, c.out + r * c.out_step);
  rows_rest<MV, NR - 1>(c, c.row_count - r, c.rows + r * c.row_step, c.out + r * c.out_step);
}

void rows(const RowsCall& c) {
  if (c.width == kVector) rows_all<1, kNarrow>(c);
  else rows_all<2, kWide>(c);
}

// ---- tiles of the weight gradient ---------------------------------------------------------------

template <int MV, int NR>
__attribute__((noinline)) void outer_tile(const OuterCall& c, Index first) {
  Vec acc[NR][MV];
#pragma GCC unroll 32
  for (int r = 0; r < NR; ++r)
#pragma GCC unroll 4
    for (int m = 0; m < MV; ++m) acc[r][m] = Vec{};
  const float* a = c.right;
  const float* b = c.left + first;
  for (Index k = 0; k < c.rows; ++k, a += c.right_step, b += c.left_step) {
    Vec av[MV];
#pragma GCC unroll 4
    for (int m = 0; m < MV; ++m) av[m] = load(a + m * kVector);
#pragma GCC unroll 32
    for (int r = 0; r < NR; ++r) {
      const float x = b[r];
#pragma GCC unroll 4
      for (int m = 0; m < MV; ++m) acc[r][m] += av[m] * x;
    }
  }
  float* out = c.out + first * c.out_step;
#pragma GCC unroll 32
  for (int r = 0; r < NR; ++r)
#pragma GCC unroll 4
    for (int m = 0; m < MV; ++m) {
      float* to = out + r * c.out_step + m * kVector;
      store(to, load(to) + acc[r][m]);
    }
}

template <int MV, int NR>
void outer_rest(const OuterCall& c, Index first) {
  if constexpr (NR > 0) {
    if (c.count - first == NR) return outer_tile<MV, NR>(c, first);
    outer_rest<MV, NR - 1>(c, first);
  }
}

template <int MV, int NR>
void outer_all(const OuterCall& c) {
  Index first = 0;
  for (; first + NR <= c.count; first += NR) outer_tile<MV, NR>(c, first);
  outer_rest<MV, NR - 1>(c, first);
}

void outer(const OuterCall& c) {
  if (c.width == kVector) outer_all<1, kNarrow>(c);
  else outer_all<2, kWide>(c);
}

// ---- sums over rows -----------------------------------------------------------------------------

void column_sums(ConstRows x, Index rows, Index columns, float* sum) {
  over_columns(columns, [&](Index i, auto get, auto put) {
    Vec s = get(sum + i);
    for (Index r = 0; r < rows; ++r) s += get(x.data + r * x.step + i);
    put(sum + i, s);
  });
}

void column_moments(ConstRows x, const float* centre, Index rows, Index columns, float* sum, float* squares) {
  over_columns(columns, [&](Index i, auto get, auto put) {
    const Vec at = get(centre + i);
    Vec s = {}, q = {};
    for (Index r = 0; r < rows; ++r) {
      const Vec v = get(x.data + r * x.step + i) - at;
      s += v;
      q += v * v;
    }
    put(sum + i, get(sum + i) + s);
    put(squares + i, get(squares + i) + q);
  });
}

// ---- pooling and dropout ------------------------------------------------------------------------

typedef std::uint8_t Bytes __attribute__((vector_size(BASEWISE_VECTOR), aligned(1), may_alias));
typedef std::uint32_t Words __attribute__((vector_size(4 * BASEWISE_VECTOR), aligned(4), may_alias));

// Places of a register of columns as bytes; of the last columns only those that there are.
inline void store_places(std::uint8_t* to, Bits places, Index columns) {
  const Bytes bytes = __builtin_convertvector(places, Bytes);
  if (columns >= kVector) *reinterpret_cast<Bytes*>(to) = bytes;
  else std::memcpy(to, &bytes, static_cast<std::size_t>(columns));
}
inline Bits load_places(const std::uint8_t* from, Index columns) {
  Bytes bytes = {};
  if (columns >= kVector) bytes = *reinterpret_cast<const Bytes*>(from);
  else std::memcpy(&bytes, from, static_cast<std::size_t>(columns));
  return __builtin_convertvector(bytes, Bits);
}

void largest_row(ConstRows x, Index count, Index columns, float* y, std::uint8_t* which) {
  over_columns(columns, [&](Index i, auto get, auto put) {
    Vec best = get(x.data + i);
    Bits at = {};
    for (Index j = 1; j < count; ++j) {
      const Vec v = get(x.data + j * x.step + i);
      const Bits better = (v > best) | ((v != v) & (best == best));
      best = better ? v : best;
      at = better ? Bits{} + static_cast<std::int32_t>(j) : at;
    }
    put(y + i, best);
    if (which != nullptr) store_places(which + i, at, columns - i);
  });
}

void scatter_row(const float* dy, const std::uint8_t* which, Index count, Index columns, MutableRows dx, bool accumulate) {
  over_columns(columns, [&](Index i, auto get, auto put) {
    const Vec g = get(dy + i);
    const Bits at = load_places(which + i, columns - i);
    for (Index j = 0; j < count; ++j) {
      float* to = dx.data + j * dx.step + i;
      const Vec v = at == Bits{} + static_cast<std::int32_t>(j) ? g : Vec{};
      put(to, accumulate ? get(to) + v : v);
    }
  });
}

void mean_row(ConstRows x, Index count, Index columns, float factor, float* y) {
  over_columns(columns, [&](Index i, auto get, auto put) {
    Vec sum = get(x.data + i);
    for (Index j = 1; j < count; ++j) sum += get(x.data + j * x.step + i);
    put(y + i, sum * factor);
  });
}

void spread_row(const float* dy, Index count, Index columns, float factor, MutableRows dx, bool accumulate) {
  over_columns(columns, [&](Index i, auto get, auto put) {
    const Vec g = get(dy + i) * factor;
    for (Index j = 0; j < count; ++j) {
      float* to = dx.data + j * dx.step + i;
      put(to, accumulate ? get(to) + g : g);
    }
  });
}

// Two rounds of Murmur3's finaliser over the counter, keyed before each: a pure function of
// (key, place) whose bits pass for random at the precision of a dropout rate, in a few vector
// instructions.
template <class W>
inline W mixed(W x, std::uint32_t low, std::uint32_t high) {
  x ^= low;
  x ^= x >> 16, x *= 0x85ebca6bu, x ^= x >> 13, x *= 0xc2b2ae35u, x ^= x >> 16;
  x += high;
  x ^= x >> 16, x *= 0x85ebca6bu, x ^= x >> 13, x *= 0xc2b2ae35u, x ^= x >> 16;
  return x;
}

void dropout(const float* x, float* y, Index n, Index first, std::uint64_t key, std::uint32_t threshold, float factor) {
  const auto low = static_cast<std::uint32_t>(key);
  Index i = 0;
  const auto high = [&](Index at) { return static_cast<std::uint32_t>(key >> 32) + static_cast<std::uint32_t>(at >> 32) * 0x9e3779b9u; };
  Words lanes;
  for (int k = 0; k < kVector; ++k) lanes[k] = static_cast<std::uint32_t>(k);
  // Vectors stay within one value of the upper half of the place.
  for (; i + kVector <= n && (first + i) >> 32 == (first + i + kVector - 1) >> 32; i += kVector) {
    const Words drawn = mixed<Words>(lanes + static_cast<std::uint32_t>(first + i), low, high(first + i));
    store(y + i, drawn >= Words{} + threshold ? load(x + i) * factor : Vec{});
  }
  for (; i < n; ++i)
    y[i] = mixed<std::uint32_t>(static_cast<std::uint32_t>(first + i), low, high(first + i)) >= threshold ? x[i] * factor : 0.0f;
}

}  // namespace

extern const Micro BASEWISE_MICRO_NAME;
const Micro BASEWISE_MICRO_NAME = {
    kVector,         2 * kVector,     rows,        outer,    token_rows,  token_add,      winograd_input,
    winograd_spread, winograd_output, map,         gradient, column_sums, column_moments, gradient_moments,
    few,             few_rows,        transpose,   largest_row, scatter_row, mean_row, spread_row,
    dropout,         update,          bounded_squares, loss_row, largest_number, exponential_row, softmax_gradient_row,
    gate_values,     gate_slopes};

}  // namespace basewise::kernels::detail
