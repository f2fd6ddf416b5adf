// What a plan of prediction computes: the layers of a model as one list of operations, with what
// can be computed at once made one.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "basewise/kernels/conv.h"
#include "basewise/kernels/pool.h"
#include "basewise/nn/graph.h"
#include "basewise/nn/parts.h"
#include "basewise/ops/conv_unit.h"

namespace basewise::plan::detail {

enum class PlanKind {
  input,
  conv,   ///< also a matrix product on the channels of a position; with activation, and an added value behind it
  pool,   ///< over windows
  map,    ///< activation(scale x + shift) of each number
  point,  ///< a layer that takes each number or each position alone, on rows in cache
  add,
  concat,
  crop,
  global,   ///< pooling over all positions: one row per example
  flatten,  ///< one row per example, channel by channel
  dense,    ///< of one row per example
  plain,    ///< the layer itself, on whole tensors
};

/// One operation; its number is that of the value which it makes.
struct PlanOp {
  PlanKind kind = PlanKind::plain;
  std::string name;          ///< of the layer, for people
  std::vector<int> sources;  ///< values; the second one of a convolution is added behind the activation
  bool positions = true;     ///< of the result: (N, channels, length), else (N, channels)
  std::int64_t channels = 0;

  std::int64_t width = 1;  ///< of a convolution or a window of pooling
  ops::ConvSettings settings{};
  at::Tensor weight, bias;  ///< of a convolution (filters, channels / groups, width) or a matrix product (units, features)
  kernels::Activation activation = kernels::Activation::identity;
  kernels::Pooling pooling = kernels::Pooling::largest;
  ops::Affine after;  ///< of a map; undefined: the activation alone
  ops::CropPart crop;
  std::int64_t rows_of = 0;  ///< dense: features are (positions, channels) of so many channels, as they lie in memory; 0: as in the layer
  nn::LayerPtr layer;            ///< of a plain operation, or one on single numbers or positions
  bool numbers = false;      ///< point: each number alone
  int input = -1;

  std::int64_t span() const { return (width - 1) * settings.dilation + 1; }
  kernels::ConvShape shape() const {
    kernels::ConvShape s;
    s.channels = weight.size(1) * settings.groups, s.filters = channels;
    s.width = width, s.stride = settings.stride, s.dilation = settings.dilation, s.groups = settings.groups;
    return s;
  }
};

struct PlanProgram {
  std::vector<PlanOp> ops;
  std::vector<int> outputs;

  /// How often each value is read, by operations and as output.
  std::vector<int> readers() const;
};

/// What becomes part of a convolution or a matrix product.
enum class PlanJoined {
  all,      ///< normalisation, activation, an added value
  factors,  ///< normalisation alone, so that sums stay sums
};

/// The operations behind the slots `wanted` of a graph in evaluation mode. Inputs by channels and
/// whether they have positions.
PlanProgram lower(const nn::Graph& graph, const std::vector<int>& wanted, PlanJoined joined = PlanJoined::all);

}  // namespace basewise::plan::detail
