// Layers that keep the shape: normalisation, dropout, activations.
#include "basewise/nn/detail/activate.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/ops/native.h"
#include "basewise/ops/pool.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace {

class SameShape : public Layer {
 public:
  Shape output_shape(const Shape& input) const override { return input; }

 protected:
  // For layers that treat positions alike and each channel in its own way.
  static Symmetry by_channel(const Activation& input) { return input.symmetry.channels_stay() ? input.symmetry : Symmetry::none(); }
};

class BatchNorm : public SameShape {
 public:
  BatchNorm(const BatchNormOptions& o, std::int64_t channels) : options_(o) {
    if (o.affine) {
      weight_ = register_parameter("weight", at::ones({channels}));
      bias_ = register_parameter("bias", at::zeros({channels}));
    }
    mean_ = register_buffer("running_mean", at::zeros({channels}));
    variance_ = register_buffer("running_var", at::ones({channels}));
    batches_ = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (is_training()) {
      if (x.numel() / x.size(1) < 2)
        throw ShapeError(format("batch_norm in training got a single value per channel (shape ({})); it needs at least 2 to have a variance",
                                fmt::join(x.sizes().vec(), ", ")));
      batches_.add_(1);
    }
    std::optional<at::Tensor> weight;
    std::optional<at::Tensor> bias;
    if (weight_.defined()) weight = weight_, bias = bias_;
    return at::batch_norm(x, weight, bias, mean_, variance_, is_training(), options_.momentum, options_.eps, /*cudnn_enabled=*/true);
  }

  at::Tensor output_bias() const override { return bias_; }
  Symmetry symmetry(const Activation& input) const override { return by_channel(input); }

  Part part() override {
    return {ops::NormPart{weight_, bias_, mean_, variance_, batches_, is_training(), options_.momentum, options_.eps}};
  }

 private:
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

  at::Tensor forward(const at::Tensor& x) override {
    std::optional<at::Tensor> weight;
    std::optional<at::Tensor> bias;
    if (weight_.defined()) weight = weight_, bias = bias_;
    if (x.dim() == 2) return at::layer_norm(x, {channels_}, weight, bias, options_.eps);
    return at::layer_norm(x.transpose(1, 2), {channels_}, weight, bias, options_.eps).transpose(1, 2).contiguous();
  }
  Part part() override { return {ops::PointPart{false}}; }
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

class Dropout : public SameShape {
 public:
  explicit Dropout(const DropoutOptions& o) : options_(o) {}
  at::Tensor forward(const at::Tensor& x) override {
    if (!is_training() || options_.rate == 0.0) return x;
    if (!options_.channels && ops::native(x)) return ops::dropout(x, options_.rate);
    return options_.channels ? at::feature_dropout(x, options_.rate, true) : at::dropout(x, options_.rate, true);
  }
  // Of what is dropped in training the strands know nothing: the law is one of evaluation there.
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }
  Part part() override { return is_training() ? Part{} : Part{ops::PassPart{}}; }

 private:
  DropoutOptions options_;
};

struct ActivationKind {
  std::string_view name;
  at::Tensor (*apply)(const at::Tensor& x, const ActivationOptions& o);
  std::optional<kernels::Activation> kernel = {};
};

constexpr ActivationKind kActivations[] = {
    {"relu", [](const at::Tensor& x, const ActivationOptions&) { return at::relu(x); }, kernels::Activation::relu},
    {"gelu", [](const at::Tensor& x, const ActivationOptions&) { return at::gelu(x, "none"); }, kernels::Activation::gelu},
    {"gelu_tanh", [](const at::Tensor& x, const ActivationOptions&) { return at::gelu(x, "tanh"); }, kernels::Activation::gelu_tanh},
    {"elu", [](const at::Tensor& x, const ActivationOptions& o) { return at::elu(x, o.alpha); }, kernels::Activation::elu},
    {"leaky_relu", [](const at::Tensor& x, const ActivationOptions& o) { return at::leaky_relu(x, o.slope); }, kernels::Activation::leaky_relu},
    {"exponential", [](const at::Tensor& x, const ActivationOptions&) { return at::exp(x); }, kernels::Activation::exponential},
    {"sigmoid", [](const at::Tensor& x, const ActivationOptions&) { return at::sigmoid(x); }, kernels::Activation::sigmoid},
    {"softplus", [](const at::Tensor& x, const ActivationOptions&) { return at::softplus(x); }, kernels::Activation::softplus},
    {"tanh", [](const at::Tensor& x, const ActivationOptions&) { return at::tanh(x); }, kernels::Activation::tanh},
    {"silu", [](const at::Tensor& x, const ActivationOptions&) { return at::silu(x); }, kernels::Activation::silu},
    {"softmax", [](const at::Tensor& x, const ActivationOptions&) { return at::softmax(x, 1); }},
};

class ActivationLayer : public SameShape {
 public:
  explicit ActivationLayer(const ActivationOptions& o) : options_(o) {
    for (const ActivationKind& kind : kActivations)
      if (kind.name == o.kind) apply_ = kind.apply;
    if (apply_ == nullptr) throw InternalError(format("activation '{}' is described but not written", o.kind));
  }
  at::Tensor forward(const at::Tensor& x) override { return apply_(x, options_); }
  // Channels that change sign need an odd function.
  Symmetry symmetry(const Activation& input) const override {
    return input.symmetry.odd == 0 || options_.kind == "tanh" ? input.symmetry : Symmetry::none();
  }
  Part part() override {
    // The kernels know two of the functions with one parameter each.
    const bool known = (options_.kind != "elu" || options_.alpha == 1.0) && (options_.kind != "leaky_relu" || options_.slope == 0.01);
    for (const ActivationKind& kind : kActivations)
      if (kind.name == options_.kind && kind.kernel && known) return {ops::ActivationPart{*kind.kernel}};
    return {ops::PointPart{options_.kind != "softmax"}};
  }

 private:
  ActivationOptions options_;
  at::Tensor (*apply_)(const at::Tensor&, const ActivationOptions&) = nullptr;
};

}  // namespace

namespace detail {

at::Tensor activate(const at::Tensor& x, const ActivationOptions& o) {
  for (const ActivationKind& kind : kActivations)
    if (kind.name == o.kind) return kind.apply(x, o);
  throw InternalError(format("activation '{}' is described but not written", o.kind));
}

LayerPtr make_batch_norm(const spec::LayerSpec& spec, const Activation& input) {
  return std::make_shared<BatchNorm>(options_of<BatchNormOptions>(spec), input.shape.channels);
}
LayerPtr make_layer_norm(const spec::LayerSpec& spec, const Activation& input) {
  return std::make_shared<LayerNorm>(options_of<LayerNormOptions>(spec), input.shape.channels);
}
LayerPtr make_dropout(const spec::LayerSpec& spec, const Activation&) { return std::make_shared<Dropout>(options_of<DropoutOptions>(spec)); }
LayerPtr make_activation(const spec::LayerSpec& spec, const Activation&) {
  return std::make_shared<ActivationLayer>(options_of<ActivationOptions>(spec));
}

}  // namespace detail
}  // namespace basewise::nn
