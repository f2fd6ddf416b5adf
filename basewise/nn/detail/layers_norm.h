// Normalisation.
#pragma once

#include <span>
#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// Whose mean and variance a batch norm takes.
enum class NormStatistics { batch, fixed };
constexpr auto words_of(NormStatistics) {
  return words<NormStatistics>(
      {{NormStatistics::batch, "batch", "those of the batch in training, running estimates of them afterwards"},
       {NormStatistics::fixed, "fixed",
        "0 and 1 for ever, so that the layer is scale x / sqrt(1 + eps) + shift: what published networks with shared parameters had"}});
}

/// Normalises each channel by mean and variance over batch and positions; running estimates in eval
/// mode (Ioffe, Szegedy 2015).
struct BatchNormOptions {
  NormStatistics statistics = NormStatistics::batch;
  double eps = 1e-5;
  double momentum = 0.1;  ///< weight of the new batch in the running estimates (torch's sense; Keras writes 1 - this)
  /// The running estimates are weighted means of what was seen, without a share of the values 0 and
  /// 1 that they start from (Keras 2.2.4): after one batch they are those of the batch.
  bool zero_debias = false;
  bool affine = true;     ///< learn a scale and a shift per channel
  double scale_initial = 1.0;  ///< start of the scales; 0: what is normalised starts as nothing, say in a residual block
};
void describe(Visitor& v, BatchNormOptions& o);

/// Weight of a batch in the running estimates, after as many as `batches` (one whole number)
/// counts. With zero_debias m / (1 - (1 - m)^t) for batch t, the next one: the estimates are then
/// the exponential mean from zero divided by 1 - (1 - m)^t, its sum of weights. Without it the
/// number, which may lie on a GPU, is not read.
double batch_weight(const BatchNormOptions& o, const at::Tensor& batches);

/// Normalises over the channels of each position (Ba et al. 2016).
struct LayerNormOptions {
  double eps = 1e-5;
  bool affine = true;
  double scale_spread = 0.0;  ///< standard deviation of the starts of the scales around 1
};
void describe(Visitor& v, LayerNormOptions& o);

/// The types batch_norm and layer_norm.
std::span<const LayerType> norm_layers();

}  // namespace basewise::nn::detail
