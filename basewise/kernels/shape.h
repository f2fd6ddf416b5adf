// Shapes and memory of 1-D convolutions.
#pragma once

#include <cstdint>

#include "basewise/kernels/isa.h"
#include "basewise/kernels/threads.h"

namespace basewise::kernels {

/// A convolution (cross-correlation) of (batch, length, channels) with (filters, channels / groups,
/// width): y[n, i, f] = bias[f] + sum over c, j of weight[f, c, j] x[n, i stride - pad_left + j
/// dilation, c], zero outside of x.
struct ConvShape {
  std::int64_t batch = 1;
  std::int64_t length = 0;
  std::int64_t channels = 0;
  std::int64_t filters = 0;
  std::int64_t width = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  std::int64_t pad_left = 0;
  std::int64_t pad_right = 0;

  /// Positions between the first and the last that an output reads, both included.
  std::int64_t span() const { return (width - 1) * dilation + 1; }
  /// Positions of the output; not above 0 when the kernel does not fit.
  std::int64_t output_length() const {
    const std::int64_t room = length + pad_left + pad_right - span();
    return room < 0 ? 0 : room / stride + 1;
  }
  /// Multiplications with an addition.
  double multiply_adds() const {
    return static_cast<double>(batch * output_length()) * static_cast<double>(filters * (channels / groups) * width);
  }
};

/// Errors: ArgumentError naming the field that is out of bounds, or channels and filters that
/// groups do not divide, or a kernel that does not fit.
void check(const ConvShape& shape);

/// (batch, rows, columns) in memory: columns are neighbours, `row_step` numbers from row to row,
/// `sample_step` from example to example.
template <class T>
struct Block {
  T* data = nullptr;
  std::int64_t sample_step = 0;
  std::int64_t row_step = 0;

  explicit operator bool() const { return data != nullptr; }
  T* at(std::int64_t sample, std::int64_t row) const { return data + sample * sample_step + row * row_step; }
};
using ConstBlock = Block<const float>;
using MutableBlock = Block<float>;

/// (batch, length) tokens of DNA in memory: A C G T as 0 to 3, anything above as N; neighbours are
/// neighbours, `sample_step` from example to example.
struct ConstTokens {
  const std::uint8_t* data = nullptr;
  std::int64_t sample_step = 0;

  explicit operator bool() const { return data != nullptr; }
};

/// Whether this processor multiplies bfloat16 numbers.
bool has_bfloat16();

/// Where and how kernels run.
struct Run {
  Isa isa = default_isa();
  const Executor* executor = &default_executor();
  /// sums over many channels by Winograd: half of the multiplications, errors three to four times
  /// those of plain sums
  bool winograd = true;
  /// Inputs and weights rounded to bfloat16 (8 bits of precision) and added up in single precision,
  /// in sums forward and to the data, where the processor has instructions for it (`has_bfloat16`)
  /// and there are 16 channels on both sides. Gradients to weights stay in single precision.
  bool bfloat16 = false;
};

}  // namespace basewise::kernels
