#include "basewise/nn/detail/layers_rc.h"

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/built.h"
#include "basewise/nn/detail/layers_dense.h"
#include "basewise/nn/detail/layers_norm.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

// A layer whose kernels take more weights than it learns.
class SharedLayer : public WeightedLayer {
 protected:
  using WeightedLayer::WeightedLayer;
  virtual BuiltWeights build() const = 0;
  BuiltWeights full() const {
    return built(this, [this] { return build(); });
  }
  at::Tensor mirrored_bias() const { return bias_.defined() ? at::cat({bias_, bias_.flip({0})}) : at::Tensor(); }
};

class RcConv : public SharedLayer {
 public:
  RcConv(const RcConvOptions& o, std::int64_t channels)
      : SharedLayer(o.conv.weight, {o.conv.filters, channels / o.conv.groups, o.conv.width}, o.conv.bias),
        options_(o),
        span_((o.conv.width - 1) * o.conv.dilation + 1),
        settings_(resolve(o.conv, span_)) {}

  at::Tensor forward(const at::Tensor& x) override {
    const BuiltWeights weights = full();
    return ops::conv1d(x, weights.weight, weights.bias, settings_);
  }

  Part part() override {
    const BuiltWeights weights = full();
    return {ops::ConvPart{weights.weight, weights.bias, settings_}};
  }

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    windows().check(input);
    return conv_shape(input, 2 * options_.conv.filters, options_.conv.width, settings_);
  }

  Alignment alignment() const override { return Alignment::window(span_, settings_.stride, settings_.pad_left, settings_.pad_right); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::complemented(); }

  double multiply_adds(const Shape& input) const override {
    return 2 * static_cast<double>(output_shape(input).length) * static_cast<double>(weight_.numel());
  }

 private:
  Windows windows() const { return {span_, settings_.stride, settings_.pad_left, settings_.pad_right}; }

  // Filter 2 F - 1 - f is filter f turned around: taps, input channels and place among the filters.
  BuiltWeights build() const override {
    const at::Tensor all = at::cat({weight_, weight_.flip({0, 1, 2})});
    return {options_.legacy_double_scale ? all * 2 : all, mirrored_bias()};
  }

  RcConvOptions options_;
  std::int64_t span_;
  ops::ConvSettings settings_;
};

class RcDense : public SharedLayer {
 public:
  RcDense(const RcDenseOptions& o, const Shape& input)
      : SharedLayer(o.weight, {o.units, o.output == RcOutput::paired ? width_of(input) : width_of(input) / 2}, o.bias),
        options_(o),
        built_for_(input) {}

  at::Tensor forward(const at::Tensor& x) override {
    const BuiltWeights weights = full();
    return linear(x, weights.weight, weights.bias);
  }

  Part part() override {
    const BuiltWeights weights = full();
    return {ops::DensePart{weights.weight, weights.bias, false}};
  }

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    if (input.positions && input.length != Shape::kVaries && input.length != built_for_.length)
      throw ShapeError(format("got {}, but this layer was built for {}", input.to_string(), built_for_.to_string()));
    return {pairs() ? 2 * options_.units : options_.units, false, Shape::kVaries};
  }

  Alignment alignment() const override { return Alignment::everything(); }
  Symmetry symmetry(const Activation&) const override { return pairs() ? Symmetry::complemented() : Symmetry::unchanged(); }
  double multiply_adds(const Shape&) const override { return 2 * static_cast<double>(weight_.numel()); }

 private:
  bool pairs() const { return options_.output == RcOutput::paired; }

  static std::int64_t width_of(const Shape& input) {
    if (input.positions && input.length == Shape::kVaries)
      throw ShapeError(
          format("got {} of unknown length; an rc_dense layer needs one: give the input a 'length', or pool with global = true before",
                 input.to_string()));
    return input.channels * (input.positions ? input.length : 1);
  }

  // Numbers i and M - 1 - i of M are partners, whether channels alone or channels with positions.
  BuiltWeights build() const override {
    if (pairs()) return {at::cat({weight_, weight_.flip({0, 1})}), mirrored_bias()};
    return {at::cat({weight_, weight_.flip({1})}, 1), bias_};
  }

  RcDenseOptions options_;
  Shape built_for_;
};

class RcBatchNorm : public Layer {
 public:
  RcBatchNorm(const BatchNormOptions& o, std::int64_t pairs) : options_(o), pairs_(pairs) {
    if (o.affine) {
      weight_ = register_parameter("weight", at::full({pairs}, o.scale_initial));
      bias_ = register_parameter("bias", at::zeros({pairs}));
    }
    mean_ = register_buffer("running_mean", at::zeros({pairs}));
    variance_ = register_buffer("running_var", at::ones({pairs}));
    batches_ = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }

  at::Tensor forward(const at::Tensor& x) override {
    std::optional<at::Tensor> weight, bias;
    if (!uses_batch()) {
      const BuiltWeights both = full();
      if (both.weight.defined()) weight = both.weight, bias = both.bias;
      return at::batch_norm(x, weight, bias, doubled(mean_), doubled(variance_), false, options_.momentum, options_.eps, true);
    }
    if (2 * x.numel() / x.size(1) < 2) throw ShapeError("rc_batch_norm in training got an empty batch; it needs at least one example");
    const double share = batch_weight(options_, batches_);
    batches_.add_(1);
    if (weight_.defined()) weight = weight_, bias = bias_;
    // Partners as further positions of one channel; in which order does not matter to mean and
    // variance.
    const bool positions = x.dim() == 3;
    const at::Tensor rows = positions ? x : x.unsqueeze(2);
    const std::int64_t length = rows.size(2);
    const at::Tensor joint = at::cat({rows.slice(1, 0, pairs_), rows.slice(1, pairs_).flip({1})}, 2);
    const at::Tensor y = at::batch_norm(joint, weight, bias, mean_, variance_, true, share, options_.eps, true);
    const at::Tensor result = at::cat({y.slice(2, 0, length), y.slice(2, length).flip({1})}, 1);
    return positions ? result : result.squeeze(2);
  }

  Part part() override {
    if (is_training() && !uses_batch()) return {};
    const BuiltWeights both = full();
    const double share = uses_batch() ? batch_weight(options_, batches_) : options_.momentum;
    return {ops::NormPart{both.weight, both.bias, mean_, variance_, batches_, is_training(), share, options_.eps, true}};
  }

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return {Symmetry::Moves::complemented, 0, input.symmetry.kept}; }

 private:
  bool uses_batch() const { return is_training() && options_.statistics == NormStatistics::batch; }
  static at::Tensor doubled(const at::Tensor& x) { return at::cat({x, x.flip({0})}); }
  BuiltWeights full() const {
    if (!weight_.defined()) return {};
    return built(this, [this] { return BuiltWeights{doubled(weight_), doubled(bias_)}; });
  }

  BatchNormOptions options_;
  std::int64_t pairs_;
  at::Tensor weight_;
  at::Tensor bias_;
  at::Tensor mean_;
  at::Tensor variance_;
  at::Tensor batches_;
};

LayerPtr rc_conv_from_file(const spec::LayerSpec& spec, const Activation& input) {
  return make_rc_conv(options_of<RcConvOptions>(spec), input);
}

LayerPtr make_rc_dense(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<RcDenseOptions>(spec);
  need_pairs(input);
  return std::make_shared<RcDense>(o, input.shape);
}

LayerPtr make_rc_batch_norm(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<BatchNormOptions>(spec);
  need_pairs(input);
  return std::make_shared<RcBatchNorm>(o, input.shape.channels / 2);
}

}  // namespace

void describe(Visitor& v, RcConvOptions& o) {
  describe(v, o.conv);
  v("legacy_double_scale", o.legacy_double_scale,
    "compute 2 conv(x) + bias in place of conv(x) + bias, as the layer of keras-genomics did that published models were trained with");
}

void describe(Visitor& v, RcDenseOptions& o) {
  v("units", o.units, "outputs; with output = \"paired\" twice as many come out", required_count());
  v("output", o.output, "whether the strands stay apart");
  v("bias", o.bias, "add a learned constant to each output");
  describe(v, o.weight);
}

LayerPtr make_rc_conv(const RcConvOptions& o, const Activation& input) {
  need_pairs(input);
  check_conv(o.conv, input.shape);
  if (o.conv.padding == Padding::causal)
    throw ShapeError("padding = \"causal\" looks to the left only, which is the right for the other strand: use \"same\" or \"valid\"");
  return std::make_shared<RcConv>(o, input.shape.channels);
}

std::span<const LayerType> rc_layers() {
  static constexpr LayerType kTypes[] = {
      {"rc_conv", "convolution whose kernels serve both strands: RC pairs (N, C, L) to (N, 2 filters, L')", describe_fresh<RcConvOptions>,
       rc_conv_from_file, &spec::forms::kStranded},
      {"rc_batch_norm", "batch_norm with statistics, scale and shift shared by the two channels of an RC pair",
       describe_fresh<BatchNormOptions>, make_rc_batch_norm, &spec::forms::kStranded},
      {"rc_dense", "matrix product with weights shared between the strands: RC pairs to invariant numbers or to pairs",
       describe_fresh<RcDenseOptions>, make_rc_dense, &spec::forms::kStranded},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
