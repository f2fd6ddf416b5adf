// Dense layers over all numbers of an example whose memory is length-major,
// without a copy of them in another order.
#pragma once

#include <cstdint>

#include "basewise/kernels/shape.h"

namespace basewise::kernels {

struct DenseShape {
  std::int64_t batch = 1;
  std::int64_t length = 1;
  std::int64_t channels = 1;
  std::int64_t units = 1;
};

/// y[n, u] = bias[u] + sum over c, l of weight[u, c, l] x[n, l, c].
struct DenseForward {
  DenseShape shape{};
  ConstBlock x{};                 ///< (batch, length, channels) without gaps between rows
  const float* weight = nullptr;  ///< (units, channels, length), dense
  const float* bias = nullptr;    ///< (units) or null
  float* y = nullptr;             ///< (batch, units), dense
};
void dense_forward(const DenseForward& call, const Run& run = {});

/// The gradients, each only where given.
struct DenseBackward {
  DenseShape shape{};
  const float* dy = nullptr;      ///< (batch, units), dense
  ConstBlock x{};                 ///< needed for dweight
  const float* weight = nullptr;  ///< needed for dx
  MutableBlock dx{};
  float* dweight = nullptr;
  float* dbias = nullptr;
};
void dense_backward(const DenseBackward& call, const Run& run = {});

}  // namespace basewise::kernels
