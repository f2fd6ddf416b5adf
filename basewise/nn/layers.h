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

// Layers that share weights between the strands. "Complemented" means: channels c and C - 1 - c are a reverse-complement (RC) pair, as A C G T are.

/// Convolution with RC parameter sharing: (N, C, L) complemented to (N, 2 filters, L') complemented. `filters` kernels W[f] of shape (C, width)
/// are learned; channel 2 F - 1 - f uses W[f] turned around in taps and channels, and the same bias (Shrikumar et al. 2017; Zhou et al. 2022).
/// Fans of the initialiser are those of the stored weight: in = C width, out = filters width.
struct RcConvOptions {
  ConvOptions conv;
  bool legacy_double_scale = false;  ///< 2 conv(x) + bias, as keras-genomics up to 0.1.3 computes it
};
void describe(Visitor& v, RcConvOptions& o);

/// On complemented (N, C, L), taken as M = C L numbers, or (N, C). invariant: y[u] = b[u] + sum over i < M / 2 of D[u, i] (x[i] + x[M - 1 - i]),
/// (N, units), for any further layers. paired: (N, 2 units) complemented, what an RC convolution of width 1 does on one position.
struct RcDenseOptions {
  std::int64_t units = 0;
  std::string output = "invariant";
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, RcDenseOptions& o);

// rc_batch_norm has the options of batch_norm: the two channels of a pair share mean, variance, scale and shift, as if the other strand were
// further examples of the batch; so the law holds in training too.

/// Complemented (N, 2 F, L) to what does not depend on the strand. sum: y[t, c] = x[t, c] + x[L - 1 - t, 2 F - 1 - c], (N, F, L); mean: half of it.
/// weighted: y[c] = sum over t of x[t, c] V[t, c], (N, 2 F) complemented, V of one channel of a pair being the other's mirrored; learned (F, L),
/// start U(+-sqrt(6 / (4 F L))) (RevCompSumPool and WeightedSum1D of keras-genomics).
struct RcPoolOptions {
  std::string kind = "sum";
  bool symmetric = false;
};
void describe(Visitor& v, RcPoolOptions& o);

/// y = factor x.
struct ScaleOptions {
  double factor = 1.0;
};
void describe(Visitor& v, ScaleOptions& o);

/// (N, C, L) to (N, 1, L), (N, C) to (N, 1).
struct SumChannelsOptions {};
void describe(Visitor& v, SumChannelsOptions& o);

/// Channels in reverse order; puts tracks without strand on both sides of RC pairs: [flipped, pairs, as they are] consists of pairs.
struct FlipChannelsOptions {};
void describe(Visitor& v, FlipChannelsOptions& o);

/// Makes any layers g inside equivariant: y = [g(x), RC g(RC x)], (N, C, L) complemented to (N, 2 F, L') complemented. Both strands pass in one
/// batch, which costs as much as two examples do (Zhou et al. 2022, "CJRCWrapper").
struct RcWrapOptions {};
void describe(Visitor& v, RcWrapOptions& o);

// The irreducible form (Mallet, Vert 2021): under RC positions run the other way, a channels stay, b channels change sign; a channels come first.

/// Convolution between irreducible forms, or from RC pairs: (N, C, L) to (N, a + b, L'). Kernels a to a and b to b are palindromic, a to b and
/// b to a antipalindromic; their first halves are learned, as weight_aa, weight_ab (to a, of b), weight_ba, weight_bb. Only a channels have a bias.
struct AbConvOptions {
  std::int64_t a = 0;
  std::int64_t b = 0;
  std::int64_t width = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::string padding = "same";  ///< same or valid
  bool bias = true;
  WeightOptions weight;
};
void describe(Visitor& v, AbConvOptions& o);

// ab_batch_norm has the options of batch_norm: a channels as there; b channels, whose mean over both strands is zero, are divided by the root of
// their mean square and have no shift.

/// a channels by any function, b channels by an odd one; or, basis = "regular", both by the function of the pairs (a + b, a - b) / sqrt(2), as
/// far as there are as many of both.
struct AbActivationOptions {
  std::string kind = "relu";
  std::string odd = "tanh";           ///< of b channels: tanh or identity
  std::string basis = "irreducible";  ///< irreducible or regular
};
void describe(Visitor& v, AbActivationOptions& o);

/// To what does not depend on the strand: a[t] + a[L - 1 - t] and b[t] - b[L - 1 - t], (N, a + b, L), or half of that.
struct AbPoolOptions {
  std::string kind = "mean";
};
void describe(Visitor& v, AbPoolOptions& o);

/// RC pairs (x, x') to a = (x + x') / sqrt(2), b = (x - x') / sqrt(2), or such a and b back to pairs.
struct AbBasisOptions {};
void describe(Visitor& v, AbBasisOptions& o);

/// (N, 4, L) to one-hot words, (N, C, L - k + 1), channels c and C - 1 - c being words that are each other's RC. For even k words that are their
/// own RC stand twice: C = 4^k + 4^(k / 2); for odd k C = 4^k. Positions with an N in the word are zero. k = 1 changes nothing.
struct KmerOptions {
  std::int64_t k = 3;
};
void describe(Visitor& v, KmerOptions& o);

}  // namespace basewise::nn
