// Small layers on channels, without weights.
#pragma once

#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// y = factor x.
struct ScaleOptions {
  double factor = 1.0;
};
void describe(Visitor& v, ScaleOptions& o);

/// (N, C, L) to (N, 1, L), (N, C) to (N, 1).
struct SumChannelsOptions {};
void describe(Visitor& v, SumChannelsOptions& o);

/// Channels in reverse order; puts tracks without strand on both sides of RC pairs: [flipped,
/// pairs, as they are] consists of pairs.
struct FlipChannelsOptions {};
void describe(Visitor& v, FlipChannelsOptions& o);

/// The types scale, sum_channels and flip_channels.
std::span<const LayerType> channel_layers();

}  // namespace basewise::nn::detail
