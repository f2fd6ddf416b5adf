// 1-D convolutions in length-major memory, fused with what follows them.
#pragma once

#include "basewise/kernels/activation.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// Statistics of the columns of a block, exact to rounding:
/// mean and sum of squared distances from it.
struct ColumnStatistics {
  double* mean = nullptr;     ///< (columns)
  double* squares = nullptr;  ///< (columns): sum over all rows of (x - mean)^2
};

struct ConvForward {
  ConvShape shape{};
  ConstBlock x{};                   ///< (batch, length, channels); examples whose rows are all one-hot or zeros are read as tokens
  const float* weight = nullptr;  ///< (filters, channels / groups, width), dense
  const float* bias = nullptr;    ///< (filters) or null
  Activation activation = Activation::identity;
  ConstBlock skip{};                ///< (batch, output length, filters), added last; may be null
  MutableBlock value{};             ///< gets the result before the skip; may be null
  MutableBlock y{};                 ///< (batch, output length, filters)
  ColumnStatistics statistics{};    ///< of y, where given
  ConstTokens tokens{};           ///< in place of x, where `takes_tokens`
};

/// Whether a convolution can read tokens in place of one-hot rows: four channels, one group, a
/// width above 1 and filters that fill a register.
bool takes_tokens(const ConvShape& shape, Isa isa);

/// Computes y. Errors: ArgumentError for shapes that do not fit.
void conv_forward(const ConvForward& call, const Run& run = {});

}  // namespace basewise::kernels
