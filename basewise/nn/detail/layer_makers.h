// Makers of layers, one per type; the table of types lists them.
#pragma once

#include <memory>
#include <utility>

#include "basewise/nn/layer.h"
#include "basewise/nn/layers.h"

namespace basewise::nn::detail {

/// Options of `spec` read into a fresh struct.
template <class O>
O options_of(const spec::LayerSpec& spec) {
  O options;
  read_options(described(options), spec);
  return options;
}

template <class O>
void describe_fresh(Visitor& v) {
  O options;
  describe(v, options);
}

/// Throws ShapeError unless the input has positions: "got (N, 64), expected (N, channels, length)".
void need_positions(const Shape& input);

LayerPtr make_conv(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_dense(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_batch_norm(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_layer_norm(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_pool(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_dropout(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_activation(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_flatten(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_crop(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_upsample(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_residual(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_block(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_rc_conv(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_rc_batch_norm(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_rc_dense(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_rc_pool(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_rc_wrap(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_scale(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_sum_channels(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_flip_channels(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_ab_conv(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_ab_batch_norm(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_ab_activation(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_ab_pool(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_ab_basis(const spec::LayerSpec& spec, const Activation& input);
LayerPtr make_kmer(const spec::LayerSpec& spec, const Activation& input);

/// For layers that hold others of their own, from options that are no text.
LayerPtr make_dense(const DenseOptions& options, const Activation& input);
LayerPtr make_rc_conv(const RcConvOptions& options, const Activation& input);

}  // namespace basewise::nn::detail
