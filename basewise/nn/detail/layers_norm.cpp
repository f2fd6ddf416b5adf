#include "basewise/nn/detail/layers_norm.h"

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/nn/detail/same_shape.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class BatchNorm : public SameShape {
 public:
  BatchNorm(const BatchNormOptions& o, std::int64_t channels) : options_(o) {
    if (o.affine) {
      weight_ = register_parameter("weight", at::full({channels}, o.scale_initial));
      bias_ = register_parameter("bias", at::zeros({channels}));
    }
    mean_ = register_buffer("running_mean", at::zeros({channels}));
    variance_ = register_buffer("running_var", at::ones({channels}));
    batches_ = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }

  at::Tensor forward(const at::Tensor& x) override {
    double share = options_.momentum;
    if (uses_batch()) {
      if (x.numel() / x.size(1) < 2)
        throw ShapeError(
            format("batch_norm in training got a single value per channel (shape ({})); it needs at least 2 to have a variance",
                   fmt::join(x.sizes().vec(), ", ")));
      share = batch_weight(options_, batches_);
      batches_.add_(1);
    }
    std::optional<at::Tensor> weight;
    std::optional<at::Tensor> bias;
    if (weight_.defined()) weight = weight_, bias = bias_;
    return at::batch_norm(x, weight, bias, mean_, variance_, uses_batch(), share, options_.eps, /*cudnn_enabled=*/true);
  }

  at::Tensor output_bias() const override { return bias_; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Symmetry symmetry(const Activation& input) const override { return by_channel(input); }

  Part part() override {
    if (is_training() && !uses_batch()) return {};
    const double share = uses_batch() ? batch_weight(options_, batches_) : options_.momentum;
    return {ops::NormPart{weight_, bias_, mean_, variance_, batches_, is_training(), share, options_.eps}};
  }

 private:
  bool uses_batch() const { return is_training() && options_.statistics == NormStatistics::batch; }

  BatchNormOptions options_;
  at::Tensor weight_;
  at::Tensor bias_;
  at::Tensor mean_;
  at::Tensor variance_;
  at::Tensor batches_;
};

class LayerNorm : public SameShape {
 public:
  LayerNorm(const LayerNormOptions& o, std::int64_t channels) : options_(o), channels_(channels) {
    if (!o.affine) return;
    weight_ = register_parameter("weight", at::ones({channels}));
    bias_ = register_parameter("bias", at::zeros({channels}));
  }

  void initialise(std::uint64_t seed, const std::string& name) override {
    if (!weight_.defined() || options_.scale_spread == 0) return;
    nn::initialise(weight_, Initialiser::normal, options_.scale_spread, {}, seed, name + ".weight");
    const at::NoGradGuard no_grad;
    weight_.add_(1.0);
  }

  at::Tensor forward(const at::Tensor& x) override {
    std::optional<at::Tensor> weight;
    std::optional<at::Tensor> bias;
    if (weight_.defined()) weight = weight_, bias = bias_;
    if (x.dim() == 2) return at::layer_norm(x, {channels_}, weight, bias, options_.eps);
    return at::layer_norm(x.transpose(1, 2), {channels_}, weight, bias, options_.eps).transpose(1, 2).contiguous();
  }
  Part part() override { return {ops::PointPart{false}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::path; }
  // Mean and variance over channels do not ask for their order.
  Symmetry symmetry(const Activation& input) const override {
    return options_.affine || input.symmetry.odd > 0 ? by_channel(input) : input.symmetry;
  }

 private:
  LayerNormOptions options_;
  std::int64_t channels_;
  at::Tensor weight_;
  at::Tensor bias_;
};

LayerPtr make_batch_norm(const spec::LayerSpec& spec, const Activation& input) {
  return std::make_shared<BatchNorm>(options_of<BatchNormOptions>(spec), input.shape.channels);
}

LayerPtr make_layer_norm(const spec::LayerSpec& spec, const Activation& input) {
  return std::make_shared<LayerNorm>(options_of<LayerNormOptions>(spec), input.shape.channels);
}

}  // namespace

double batch_weight(const BatchNormOptions& o, const at::Tensor& batches) {
  if (!o.zero_debias || o.momentum == 0) return o.momentum;
  return o.momentum / (1 - std::pow(1 - o.momentum, static_cast<double>(batches.item<std::int64_t>() + 1)));
}

void describe(Visitor& v, BatchNormOptions& o) {
  v("statistics", o.statistics, "whose mean and variance are taken");
  v("eps", o.eps, "added to the variance", positive());
  v.when("statistics", o.statistics, {NormStatistics::batch}, [&] {
    v("momentum", o.momentum, "weight of the new batch in the running mean and variance (Keras writes 1 - this)", fraction());
    v("zero_debias", o.zero_debias, "running estimates have no share of the values 0 and 1 that they start from, as in Keras 2.2.4");
  });
  v("affine", o.affine, "learn a scale and a shift per channel");
  v.when("affine", o.affine, true, [&] {
    v("scale_initial", o.scale_initial, "start of the scales; 0 lets a residual block start as its input", between(-1e6, 1e6));
  });
}

void describe(Visitor& v, LayerNormOptions& o) {
  v("eps", o.eps, "added to the variance", positive());
  v("affine", o.affine, "learn a scale and a shift per channel");
  v.when("affine", o.affine, true,
         [&] { v("scale_spread", o.scale_spread, "standard deviation of the starts of the scales around 1", between(0, 1e6)); });
}

std::span<const LayerType> norm_layers() {
  static constexpr LayerType kTypes[] = {
      {"batch_norm", "normalises channels over batch and positions", describe_fresh<BatchNormOptions>, make_batch_norm,
       &spec::forms::kBatchNorm},
      {"layer_norm", "normalises over the channels of each position", describe_fresh<LayerNormOptions>, make_layer_norm,
       &spec::forms::kLayerNorm},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
