// Options of every layer type, each described once. The table in layer.h maps their names in model files to them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "basewise/core/options.h"

namespace basewise::nn {

/// Start, penalties and bounds of a layer's weight; shared by layers that have one.
struct WeightOptions {
  std::string initialiser = "torch";
  double initialiser_scale = 1.0;
  std::string bias_initialiser = "torch";
  double bias_scale = 1.0;
  double l1 = 0.0;                 ///< adds l1 * sum |w| to the loss
  double l2 = 0.0;                 ///< adds l2 * sum w^2 to the loss
  std::optional<double> max_norm;  ///< largest L2 norm of the weights of one output channel
};
/// Describes the fields inline (no group).
void describe(Visitor& v, WeightOptions& o);

/// 1-D convolution (cross-correlation): (N, C, L) to (N, filters, L').
struct ConvOptions {
  std::int64_t filters = 0;
  std::int64_t width = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  std::string padding = "same";  ///< same, valid, causal or explicit
  std::int64_t pad_left = 0;     ///< explicit: zeros at the left end
  std::int64_t pad_right = 0;
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, ConvOptions& o);

/// y = x W^T + b on (N, C), on a flattened (N, C L), or on the channels of every position.
struct DenseOptions {
  std::int64_t units = 0;
  std::string on = "flat";  ///< flat or channels
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, DenseOptions& o);

/// Normalises each channel by mean and variance over batch and positions; running estimates in eval mode (Ioffe, Szegedy 2015).
struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;  ///< weight of the new batch in the running estimates (torch's sense; Keras writes 1 - this)
  bool affine = true;     ///< learn a scale and a shift per channel
};
void describe(Visitor& v, BatchNormOptions& o);

/// Normalises over the channels of each position (Ba et al. 2016).
struct LayerNormOptions {
  double eps = 1e-5;
  bool affine = true;
};
void describe(Visitor& v, LayerNormOptions& o);

/// Pooling over windows of positions, or over all of them (`global`, gives (N, C)).
struct PoolOptions {
  std::string kind = "max";  ///< max, mean or attention
  std::int64_t width = 2;
  std::optional<std::int64_t> stride;  ///< default: the width
  std::string padding = "valid";       ///< valid or same (L / stride positions; padded positions never win and never count)
  bool global = false;
};
void describe(Visitor& v, PoolOptions& o);

struct DropoutOptions {
  double rate = 0.5;       ///< share of values set to zero in training; the others grow by 1 / (1 - rate)
  bool channels = false;   ///< drop whole channels instead of single values
};
void describe(Visitor& v, DropoutOptions& o);

struct ActivationOptions {
  std::string kind = "relu";
  double slope = 0.01;  ///< leaky_relu: slope below zero
  double alpha = 1.0;   ///< elu: -alpha is the limit far below zero
};
void describe(Visitor& v, ActivationOptions& o);

/// (N, C, L) to (N, C L), channel by channel.
struct FlattenOptions {};
void describe(Visitor& v, FlattenOptions& o);

/// Cuts positions at the ends, or both ends to a length (the odd one out at the right).
struct CropOptions {
  std::int64_t left = 0;
  std::int64_t right = 0;
  std::optional<std::int64_t> length;
};
void describe(Visitor& v, CropOptions& o);

struct UpsampleOptions {
  std::int64_t factor = 2;
  std::string kind = "nearest";  ///< nearest or linear (half-pixel centres, ends repeated)
};
void describe(Visitor& v, UpsampleOptions& o);

/// y = f(x) + x, f being the layers inside; x is cropped to what f keeps and projected when the number of channels changes.
struct ResidualOptions {
  std::string project = "auto";  ///< auto: a convolution of width 1 on x when channels change; always; never: an error instead
  WeightOptions weight;          ///< of the projection
};
void describe(Visitor& v, ResidualOptions& o);

/// Layers inside, one after the other; useful with `repeat`.
struct BlockOptions {};
void describe(Visitor& v, BlockOptions& o);

}  // namespace basewise::nn
