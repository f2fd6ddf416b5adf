// The linear maps around Winograd, column by column:
// part of micro_body.h, compiled once per instruction set.
#pragma once

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/winograd_schemes.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

// sum over j of row[j] x[j]; the factors are known when this is compiled,
// so that zeros cost nothing.
template <int N>
inline __attribute__((always_inline)) Vec combination(const double (&row)[N], const Vec (&x)[N]) {
  Vec sum = {};
  bool first = true;
#pragma GCC unroll 8
  for (int j = 0; j < N; ++j) {
    if (row[j] == 0) continue;
    const Vec term = row[j] == 1 ? x[j] : row[j] == -1 ? -x[j] : x[j] * static_cast<float>(row[j]);
    sum = first ? term : sum + term;
    first = false;
  }
  return sum;
}

// Steps and pointers are copied first: what is stored could change them for all the compiler knows.
template <const auto& kScheme>
void winograd_input_of(const WinogradCall& c) {
  constexpr int n = kScheme.inputs;
  const Index plane = c.plane_step, columns = c.columns;
  for (Index tile = 0; tile < c.tiles; ++tile) {
    const float* rows[n];
    for (int j = 0; j < n; ++j) rows[j] = c.rows[tile * n + j];
    float* const to = c.planes + tile * c.tile_step;
    over_columns(columns, [=](Index i, auto get, auto) {
      Vec x[n];
#pragma GCC unroll 8
      for (int j = 0; j < n; ++j) x[j] = get(rows[j] + i);
      float* at = to + i;
#pragma GCC unroll 8
      for (int j = 0; j < n; ++j, at += plane) store(at, combination(kScheme.input[j], x));
    });
  }
}

template <const auto& kScheme>
constexpr auto output_column(int j) {
  struct {
    double of[kScheme.outputs];
  } column{};
  for (int k = 0; k < kScheme.outputs; ++k) column.of[k] = kScheme.output[k][j];
  return column;
}

// The transpose of `output`: gradients of outputs to gradients of products.
template <const auto& kScheme>
void winograd_spread_of(const WinogradCall& c) {
  constexpr int n = kScheme.inputs, m = kScheme.outputs;
  const Index plane = c.plane_step, columns = c.columns;
  for (Index tile = 0; tile < c.tiles; ++tile) {
    const float* rows[m];
    for (int j = 0; j < m; ++j) rows[j] = c.rows[tile * m + j];
    float* const to = c.planes + tile * c.tile_step;
    over_columns(columns, [=](Index i, auto get, auto) {
      Vec y[m];
#pragma GCC unroll 8
      for (int j = 0; j < m; ++j) y[j] = get(rows[j] + i);
      float* at = to + i;
#pragma GCC unroll 8
      for (int j = 0; j < n; ++j, at += plane) {
        const auto column = output_column<kScheme>(j);
        store(at, combination(column.of, y));
      }
    });
  }
}

// What is added to a sum: nothing, what its row holds, or after all else a row of another.
enum class Added { nothing, before, skip };

template <const auto& kScheme, Added kAdded, bool kRelu, bool kWhole>
void winograd_output_tile(const WinogradOutputCall& c, Index tile) {
  constexpr int n = kScheme.inputs, m = kScheme.outputs;
  const Index plane = c.plane_step;
  float* rows[m];
  for (int k = 0; k < m; ++k) rows[k] = c.rows[tile * m + k];
  const float* skips[m] = {};
  if (kAdded == Added::skip)
    for (int k = 0; k < m; ++k) skips[k] = c.skips[tile * m + k];
  const float* const from = c.planes + tile * c.tile_step;
  const float* const bias = c.bias;
  over_columns(c.columns, [=](Index i, auto get, auto put) {
    Vec z[n];
    const float* at = from + i;
#pragma GCC unroll 8
    for (int j = 0; j < n; ++j, at += plane) z[j] = load(at);
    const Vec offset = bias != nullptr ? get(bias + i) : Vec{};
#pragma GCC unroll 8
    for (int k = 0; k < m; ++k) {
      if (!kWhole && rows[k] == nullptr) continue;
      Vec y = combination(kScheme.output[k], z) + offset;
      if (kAdded == Added::before) y += get(rows[k] + i);
      if (kRelu) y = rectified(y);
      if (kAdded == Added::skip) y += get(skips[k] + i);
      put(rows[k] + i, y);
    }
  });
}

template <const auto& kScheme, Added kAdded, bool kRelu>
void winograd_output_of(const WinogradOutputCall& c) {
  constexpr int m = kScheme.outputs;
  for (Index tile = 0; tile < c.tiles; ++tile) {
    bool whole = true;
    for (int k = 0; k < m; ++k) whole = whole && c.rows[tile * m + k] != nullptr;
    if (whole)
      winograd_output_tile<kScheme, kAdded, kRelu, true>(c, tile);
    else
      winograd_output_tile<kScheme, kAdded, kRelu, false>(c, tile);
  }
}

template <const auto& kScheme>
void winograd_output_by(const WinogradOutputCall& c) {
  if (c.skips != nullptr)
    return c.relu ? winograd_output_of<kScheme, Added::skip, true>(c)
                  : winograd_output_of<kScheme, Added::skip, false>(c);
  if (c.accumulate)
    return c.relu ? winograd_output_of<kScheme, Added::before, true>(c)
                  : winograd_output_of<kScheme, Added::before, false>(c);
  c.relu ? winograd_output_of<kScheme, Added::nothing, true>(c) : winograd_output_of<kScheme, Added::nothing, false>(c);
}

inline void winograd_input(const WinogradCall& c) { c.taps == 3 ? winograd_input_of<kWinograd3>(c) : winograd_input_of<kWinograd4>(c); }
inline void winograd_spread(const WinogradCall& c) { c.taps == 3 ? winograd_spread_of<kWinograd3>(c) : winograd_spread_of<kWinograd4>(c); }
inline void winograd_output(const WinogradOutputCall& c) {
  c.taps == 3 ? winograd_output_by<kWinograd3>(c) : winograd_output_by<kWinograd4>(c);
}

}  // namespace
}  // namespace basewise::kernels::detail
