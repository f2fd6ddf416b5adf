// Pooling over windows of positions, and dropout, in length-major memory.
#pragma once

#include <cstdint>

#include "basewise/kernels/normalise.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels {

enum class Pooling { largest, mean };

/// Output row i covers input rows i stride - pad_left + j, j < width; rows outside of the input
/// never win and never count.
struct PoolShape {
  std::int64_t batch = 1;
  std::int64_t length = 0;
  std::int64_t channels = 0;
  std::int64_t width = 2;  ///< at most 255 for the largest
  std::int64_t stride = 2;
  std::int64_t pad_left = 0;
  std::int64_t pad_right = 0;

  std::int64_t output_length() const {
    const std::int64_t room = length + pad_left + pad_right - width;
    return room < 0 ? 0 : room / stride + 1;
  }
};

/// `which` (batch, output length, channels), dense, gets the place of the largest within its
/// window; may be null, and is for the mean.
/// Errors: ArgumentError for widths, strides and padding (at least one row of each window must be
/// inside) that do not fit.
void pool_forward(const PoolShape& shape, Pooling kind, const ConstBlock& x, const MutableBlock& y, std::uint8_t* which,
                  const Run& run = {});

/// Output rows [begin, end) of one example. `x` is row `x_first` of the input, which has all rows
/// that are read; `y` is output row `begin`. No check of the shape.
struct PoolRows {
  PoolShape shape{};
  Pooling kind = Pooling::largest;
  const float* x = nullptr;
  std::int64_t x_first = 0;
  std::int64_t x_step = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
  float* y = nullptr;
  std::int64_t y_step = 0;
};
void pool_rows(const PoolRows& call, Isa isa = default_isa());

/// y (channels): the largest, or the mean, of all rows of one example. `shape.length` and
/// `shape.channels` are looked at.
void pool_all(const PoolRows& call, Isa isa = default_isa());

/// dx from dy; `which` as pool_forward left it.
void pool_backward(const PoolShape& shape, Pooling kind, const ConstBlock& dy, const std::uint8_t* which,
                   const MutableBlock& dx, const Run& run = {});

/// y = x / (1 - rate) where a number drawn for (key, place) is above the rate, else 0, for n
/// numbers in a row; the gradient is the same function of dy. 0 <= rate < 1.
void dropout(const float* x, float* y, std::int64_t n, double rate, std::uint64_t key, const Run& run = {});

}  // namespace basewise::kernels
