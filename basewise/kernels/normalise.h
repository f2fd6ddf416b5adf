// Normalisation over batch and positions, with the function that follows it, in length-major
// memory.
#pragma once

#include "basewise/kernels/conv.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// (batch, rows, columns).
struct BlockShape {
  std::int64_t batch = 1;
  std::int64_t rows = 0;
  std::int64_t columns = 0;
};

/// y = function(scale (x - centre) + shift) + skip, per column;
/// without `scale`, function(x) + skip.
struct Normalise {
  BlockShape shape{};
  ConstBlock x{};
  const float* centre = nullptr;
  const float* scale = nullptr;
  const float* shift = nullptr;
  Activation activation = Activation::identity;
  ConstBlock skip{};
  MutableBlock value{};  ///< gets the result before the skip; may be null
  MutableBlock y{};
};
void normalise(const Normalise& call, const Run& run = {});

/// `normalise`, and the largest of each window of rows without overlap (see Unpool) into y
/// (batch, rows, columns), in one pass.
struct PooledRows {
  std::int64_t rows = 0;
  std::int64_t width = 1;
  std::int64_t pad_left = 0;
  std::uint8_t* which = nullptr;  ///< (batch, rows, columns), dense: see Unpool; may be null
};
void normalise_pooled(const Normalise& call, const PooledRows& pool, const Run& run = {});

/// sum[c] = sum of g, product[c] = sum of g (x - centre) over batch and rows; g = dy function'(z)
/// as in `OutputGradient`, whose `x`, `centre`, `scale` and `shift` are needed.
void gradient_sums(const BlockShape& shape, const OutputGradient& gradient, double* sum, double* product, const Run& run = {});

/// The gradient of `OutputGradient` as a whole, for what is not followed by a convolution's
/// backward pass.
void output_gradient(const BlockShape& shape, const OutputGradient& gradient, const MutableBlock& result, const Run& run = {});

}  // namespace basewise::kernels
