// Choices of layers that the forms for both strands ask about too: one enum for the model file as a
// value and for the layers that compute.
#pragma once

#include "basewise/core/choice.h"

namespace basewise::spec {

/// Zeros beside the positions of a convolution or of pooling.
enum class Padding { same, valid, causal, given };
constexpr auto words_of(Padding) {
  return words<Padding>({{Padding::same, "same", "L / stride positions, what lies outside counts as zero or, in pooling, not at all"},
                         {Padding::valid, "valid", "only whole windows"},
                         {Padding::causal, "causal", "zeros at the left only"},
                         {Padding::given, "explicit", "pad_left and pad_right"}});
}

/// What a dense layer puts together.
enum class DenseOn { flat, channels };
constexpr auto words_of(DenseOn) {
  return words<DenseOn>({{DenseOn::flat, "flat", "all channels and positions together"},
                         {DenseOn::channels, "channels", "the channels of each position alike"}});
}

/// What becomes of a window of positions.
enum class PoolKind { max, mean, attention };
constexpr auto words_of(PoolKind) {
  return words<PoolKind>({{PoolKind::max, "max"},
                          {PoolKind::mean, "mean"},
                          {PoolKind::attention, "attention", "mean weighted by a softmax over the window of a learned mix of channels"}});
}

/// How the two channels of a pair, or the two strands, come together.
enum class StrandPool { sum, mean, weighted };
constexpr auto words_of(StrandPool) {
  return words<StrandPool>(
      {{StrandPool::sum, "sum"}, {StrandPool::mean, "mean"}, {StrandPool::weighted, "weighted", "learned weights of positions"}});
}

/// What a dense layer with weights shared between the strands gives.
enum class RcOutput { invariant, paired };
constexpr auto words_of(RcOutput) {
  return words<RcOutput>({{RcOutput::invariant, "invariant", "(N, units), the same for both strands"},
                          {RcOutput::paired, "paired", "(N, 2 units), as a convolution over one position does"}});
}

}  // namespace basewise::spec
