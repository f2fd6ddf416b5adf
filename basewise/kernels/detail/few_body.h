// Sums for few outputs, for the sources that include micro_body.h: positions fill the registers, so
// that no part of one stays empty however few the outputs are.
#pragma once

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

// Registers of positions in a tile: with the sums of all outputs, the numbers under one tap and one
// weight, they fill the register file.
constexpr int few_registers(int outputs) { return (BASEWISE_REGISTERS - 1) / (outputs + 1); }

// Longer sums are stored on the way, so that they stay as exact as those of other tiles.
constexpr Index kFewProducts = 384;

// Lines [begin, end) of what is read next.
inline void ask_for(const Ahead& ahead, Index begin, Index end) {
  for (Index line = begin; line < end; ++line) {
    __builtin_prefetch(ahead.first + 16 * line, 0, 2);
    if (ahead.second != nullptr) __builtin_prefetch(ahead.second + 16 * line, 0, 2);
  }
}

// Asks for lines [line, line + lines) meanwhile.
template <int M, int V>
__attribute__((noinline)) void few_tile(const FewCall& c, Index first, Index line, Index lines) {
  const Index last_line = line + lines, lines_at_once = (lines + c.depth - 1) / c.depth;
  const Index parts = (c.depth * c.taps + kFewProducts - 1) / kFewProducts, most = (c.depth + parts - 1) / parts;
  const float* weights = c.weights;
  for (Index begin = 0; begin < c.depth; begin += most) {
    const Index end = c.depth - begin < most ? c.depth : begin + most;
    Vec acc[M][V];
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 24
      for (int v = 0; v < V; ++v) acc[m][v] = Vec{};
    for (Index k = begin; k < end; ++k) {
      const Index asked = last_line - line < lines_at_once ? last_line : line + lines_at_once;
      ask_for(c.ahead, line, asked);
      line = asked;
      const float* from = c.columns + k * c.step + first;
      for (Index t = 0; t < c.taps; ++t, from += c.tap_step, weights += M) {
        Vec x[V];
#pragma GCC unroll 24
        for (int v = 0; v < V; ++v) x[v] = load(from + v * kVector);
#pragma GCC unroll 8
        for (int m = 0; m < M; ++m) {
          const float w = weights[m];
#pragma GCC unroll 24
          for (int v = 0; v < V; ++v) acc[m][v] += x[v] * w;
        }
      }
    }
#pragma GCC unroll 8
    for (int m = 0; m < M; ++m)
#pragma GCC unroll 24
      for (int v = 0; v < V; ++v) {
        float* to = c.out + m * c.out_step + first + v * kVector;
        store(to, begin > 0 || c.accumulate ? load(to) + acc[m][v] : acc[m][v]);
      }
  }
}

template <int M, int V>
void few_some(const FewCall& c, Index first, Index registers, Index line, Index lines) {
  if constexpr (V > 0) {
    if (registers == V) return few_tile<M, V>(c, first, line, lines);
    few_some<M, V - 1>(c, first, registers, line, lines);
  }
}

// In tiles of about the same size: a sum waits for the one before it, so that a tile needs some.
template <int M>
void few_all(const FewCall& c) {
  constexpr int kMost = few_registers(M);
  const Index lines = c.ahead.numbers / 16;
  const Index registers = (c.count + kVector - 1) / kVector, tiles = (registers + kMost - 1) / kMost;
  for (Index i = 0; i < tiles; ++i) {
    const Index begin = i * registers / tiles, end = (i + 1) * registers / tiles;
    const Index line = i * lines / tiles;
    few_some<M, kMost>(c, begin * kVector, end - begin, line, (i + 1) * lines / tiles - line);
  }
}

void few(const FewCall& c) {
  switch (c.outputs) {
    case 3: return few_all<3>(c);
    case 4: return few_all<4>(c);
    case 5: return few_all<5>(c);
    case 6: return few_all<6>(c);
    case 7: return few_all<7>(c);
    case 8: return few_all<8>(c);
    default: return;
  }
}

// ---- positions side by side become rows of outputs ----------------------------------------------

// Lanes of two registers in turn, `Width` at a time: of their first halves, or of their second.
template <int Width>
inline __attribute__((always_inline)) Vec in_turn(Vec a, Vec b, int half) {
  Bits lanes;
  for (int i = 0; i < kVector; ++i) lanes[i] = half * (kVector / 2) + i / (2 * Width) * Width + i % Width + (i / Width % 2) * kVector;
  return __builtin_shuffle(a, b, lanes);
}

inline __attribute__((always_inline)) void finish_few(const FewRowsCall& c, float* to, Vec value) {
  if (c.accumulate) value += load(to);
  store(to, c.relu ? rectified(value) : value);
}

// A register of positions of four outputs, rows without gaps.
inline __attribute__((always_inline)) void store_four(const FewRowsCall& c, const Vec* sums, float* to) {
  const Vec low01 = in_turn<1>(sums[0], sums[1], 0), low23 = in_turn<1>(sums[2], sums[3], 0);
  const Vec high01 = in_turn<1>(sums[0], sums[1], 1), high23 = in_turn<1>(sums[2], sums[3], 1);
  finish_few(c, to, in_turn<2>(low01, low23, 0));
  finish_few(c, to + kVector, in_turn<2>(low01, low23, 1));
  finish_few(c, to + 2 * kVector, in_turn<2>(high01, high23, 0));
  finish_few(c, to + 3 * kVector, in_turn<2>(high01, high23, 1));
}

void few_rows(const FewRowsCall& c) {
  for (Index p = 0; p < c.count; p += kVector) {
    Vec sums[8];
    for (int m = 0; m < c.outputs; ++m) {
      sums[m] = load(c.sums + m * c.sums_step + p);
      for (Index i = 1; i < c.phases; ++i) sums[m] += load(c.sums + (i * c.outputs + m) * c.sums_step + p + i * c.apart);
      if (c.bias != nullptr) sums[m] += c.bias[m];
    }
    float* to = c.out + p * c.out_step;
    if (c.outputs == 4 && c.out_step == 4 && p + kVector <= c.count) {
      store_four(c, sums, to);
      continue;
    }
    for (int m = 0; m < c.outputs; ++m)
      for (Index r = 0; r < kVector && p + r < c.count; ++r) {
        float& one = to[r * c.out_step + m];
        const float value = sums[m][r] + (c.accumulate ? one : 0.0f);
        one = c.relu && value <= 0 ? 0.0f : value;
      }
  }
}

}  // namespace
}  // namespace basewise::kernels::detail
