// Layers that share their weights between the strands: what they do to a sequence they do,
// mirrored, to its reverse complement.
//
// Regular form: 2 F channels, c and 2 F - 1 - c being a reverse-complement (RC) pair, as A C G T
// are ("complemented"; Shrikumar et al. 2017; Zhou et al. 2022, "RCPS").
#pragma once

#include <cstdint>
#include <span>

#include "basewise/nn/detail/layers_conv.h"
#include "basewise/nn/layer_types.h"
#include "basewise/spec/layer_choices.h"

namespace basewise::nn::detail {

using spec::RcOutput;

/// Convolution with RC parameter sharing: (N, C, L) complemented to (N, 2 filters, L')
/// complemented. `filters` kernels W[f] of shape (C, width) are learned; channel 2 F - 1 - f uses
/// W[f] turned around in taps and channels, and the same bias (Shrikumar et al. 2017; Zhou et al.
/// 2022). Fans of the initialiser are those of the stored weight: in = C width, out = filters
/// width.
struct RcConvOptions {
  ConvOptions conv;
  bool legacy_double_scale = false;  ///< 2 conv(x) + bias, as keras-genomics up to 0.1.3 computes it
};
void describe(Visitor& v, RcConvOptions& o);

/// On complemented (N, C, L), taken as M = C L numbers, or (N, C). invariant: y[u] = b[u] + sum
/// over i < M / 2 of D[u, i] (x[i] + x[M - 1 - i]), (N, units), for any further layers. paired: (N,
/// 2 units) complemented, what an RC convolution of width 1 does on one position.
struct RcDenseOptions {
  std::int64_t units = 0;
  RcOutput output = RcOutput::invariant;
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, RcDenseOptions& o);

// rc_batch_norm has the options of batch_norm: the two channels of a pair share mean, variance,
// scale and shift, as if the other strand were further examples of the batch;
// so the law holds in training too.

/// For layers that hold one of their own.
LayerPtr make_rc_conv(const RcConvOptions& options, const Activation& input);

/// The types rc_conv, rc_batch_norm and rc_dense.
std::span<const LayerType> rc_layers();

}  // namespace basewise::nn::detail
