// Attention of single heads, with a term for the distance of query and key (Dai et al. 2019), by
// tiles of queries: scores of a tile live in cache, and the backward pass computes them again.
#pragma once

#include <cstdint>

#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// Query i stands at the place of key `before` + i; it attends to keys from `left` places before
/// its own to `right` behind it, as far as there are any.
struct AttentionShape {
  std::int64_t heads = 1;
  std::int64_t batch = 1;
  std::int64_t queries = 0;
  std::int64_t keys = 0;
  std::int64_t width = 1;  ///< numbers of a query, a key and a value
  std::int64_t before = 0;
  std::int64_t left = 0;
  std::int64_t right = 0;

  /// Distances that there are.
  std::int64_t reach() const { return left + right + 1; }
};

/// What is read, all dense. For query n and key j of a head, with row r of `position` at distance
/// left - r before the query:
///
///   s(n, j) = [(q_n + u) . k_j + (q_n + v) . position_(left - n + j)] / sqrt(width)
struct AttentionInput {
  const float* query = nullptr;           ///< (heads, batch, queries, width)
  const float* key = nullptr;             ///< (heads, batch, keys, width)
  const float* value = nullptr;           ///< (heads, batch, keys, width)
  const float* content_bias = nullptr;    ///< u, (heads, width), or null
  const float* position_bias = nullptr;   ///< v, (heads, width), or null
  const float* position = nullptr;        ///< (heads, reach, width), or null: no term for the distance
  const std::int64_t* absent = nullptr;   ///< (batch): so many first keys are not there; null: all are
};

/// out_n = sum over j of softmax_j(s(n, j)) value_j.
struct AttentionForward {
  AttentionShape shape{};
  AttentionInput input{};
  float* out = nullptr;      ///< (heads, batch, queries, width)
  float* log_sum = nullptr;  ///< (heads, batch, queries): logarithm of the sum of exp(s), for the backward pass; or null
};
/// Errors: ArgumentError for sizes that do not fit each other.
void attention_forward(const AttentionForward& call, const Run& run = {});

/// All gradients; those of what is not there may be null.
struct AttentionBackward {
  AttentionShape shape{};
  AttentionInput input{};
  const float* out = nullptr;      ///< of the forward pass, as the next one
  const float* log_sum = nullptr;
  const float* dout = nullptr;     ///< (heads, batch, queries, width)
  float* dquery = nullptr;         ///< shapes as those of what they belong to
  float* dkey = nullptr;
  float* dvalue = nullptr;
  float* dposition = nullptr;
  float* dcontent_bias = nullptr;
  float* dposition_bias = nullptr;
};
void attention_backward(const AttentionBackward& call, const Run& run = {});

}  // namespace basewise::kernels
