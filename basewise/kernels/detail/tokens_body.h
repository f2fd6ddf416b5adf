// Sums over tokens: part of micro_body.h, compiled once per instruction set.
#pragma once

#include "basewise/kernels/detail/micro.h"
#include "basewise/kernels/detail/vector_body.h"

namespace basewise::kernels::detail {
namespace {

inline void token_rows(const TokenRowsCall& c) {
  constexpr int kPanel = 2 * kVector;
  const Vec low = load(c.bias), high = load(c.bias + kVector);
  for (Index r = 0; r < c.row_count; ++r) {
    const std::uint8_t* at = c.pairs + r * c.pair_stride;
    const float* table = c.tables;
    Vec first = low, second = high;
    for (Index g = 0; g < c.groups; ++g, at += c.group_step, table += kTokenPairs * kPanel) {
      const float* row = table + Index{*at} * kPanel;
      first += load(row);
      second += load(row + kVector);
    }
    if (c.relu) first = rectified(first), second = rectified(second);
    float* to = c.out + r * c.out_step;
    if (c.valid == kPanel) {
      store(to, first), store(to + kVector, second);
      continue;
    }
    if (c.valid >= kVector)
      store(to, first);
    else
      store_some(to, first, c.valid);
    if (c.valid > kVector) store_some(to + kVector, second, c.valid - kVector);
  }
}

inline void token_add(const TokenAddCall& c) {
  constexpr int kPanel = 2 * kVector;
  for (Index r = 0; r < c.row_count; ++r) {
    const std::uint8_t* at = c.pairs + r * c.pair_stride;
    const Vec first = load(c.rows + r * c.row_step), second = load(c.rows + r * c.row_step + kVector);
    float* table = c.tables;
    for (Index g = 0; g < c.groups; ++g, at += c.group_step, table += kTokenPairs * kPanel) {
      float* row = table + Index{*at} * kPanel;
      store(row, load(row) + first);
      store(row + kVector, load(row + kVector) + second);
    }
  }
}

}  // namespace
}  // namespace basewise::kernels::detail
