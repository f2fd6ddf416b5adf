#include "basewise/nn/detail/layers_activation.h"

#include <optional>

#include "basewise/core/error.h"
#include "basewise/nn/detail/same_shape.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

struct Function {
  ActivationKind kind;
  at::Tensor (*apply)(const at::Tensor& x, const ActivationOptions& o);
  std::optional<kernels::Activation> kernel = {};
};

at::Tensor clipped(const at::Tensor& x, const ActivationOptions& o) { return o.clip ? x.clamp(-*o.clip, *o.clip) : x; }

// The part that is not taken must not overflow: infinity times its gradient of zero is no number.
at::Tensor exp_linear(const at::Tensor& x, const ActivationOptions& o) {
  return at::where(x.gt(0), x + 1, at::exp(clipped(x.clamp_max(0), o)));
}

constexpr Function kFunctions[] = {
    {ActivationKind::relu, [](const at::Tensor& x, const ActivationOptions&) { return at::relu(x); }, kernels::Activation::relu},
    {ActivationKind::gelu, [](const at::Tensor& x, const ActivationOptions&) { return at::gelu(x, "none"); }, kernels::Activation::gelu},
    {ActivationKind::gelu_tanh, [](const at::Tensor& x, const ActivationOptions&) { return at::gelu(x, "tanh"); },
     kernels::Activation::gelu_tanh},
    {ActivationKind::gelu_sigmoid, [](const at::Tensor& x, const ActivationOptions&) { return x * at::sigmoid(1.702 * x); }},
    {ActivationKind::elu, [](const at::Tensor& x, const ActivationOptions& o) { return at::elu(x, o.alpha); }, kernels::Activation::elu},
    {ActivationKind::leaky_relu, [](const at::Tensor& x, const ActivationOptions& o) { return at::leaky_relu(x, o.slope); },
     kernels::Activation::leaky_relu},
    {ActivationKind::exponential, [](const at::Tensor& x, const ActivationOptions& o) { return at::exp(clipped(x, o)); },
     kernels::Activation::exponential},
    {ActivationKind::exp_linear, exp_linear},
    {ActivationKind::sigmoid, [](const at::Tensor& x, const ActivationOptions&) { return at::sigmoid(x); }, kernels::Activation::sigmoid},
    {ActivationKind::softplus, [](const at::Tensor& x, const ActivationOptions& o) { return at::softplus(clipped(x, o)); },
     kernels::Activation::softplus},
    {ActivationKind::tanh, [](const at::Tensor& x, const ActivationOptions&) { return at::tanh(x); }, kernels::Activation::tanh},
    {ActivationKind::silu, [](const at::Tensor& x, const ActivationOptions&) { return at::silu(x); }, kernels::Activation::silu},
    {ActivationKind::softmax, [](const at::Tensor& x, const ActivationOptions&) { return at::softmax(x, 1); }},
    {ActivationKind::linear, [](const at::Tensor& x, const ActivationOptions&) { return x; }, kernels::Activation::identity},
    {ActivationKind::exp_relu, [](const at::Tensor& x, const ActivationOptions&) { return at::relu(at::expm1(x)); }},
    {ActivationKind::log_relu, [](const at::Tensor& x, const ActivationOptions&) { return at::relu(at::log(at::abs(x) + 1e-10)); }},
};

const Function& function_of(ActivationKind kind) {
  for (const Function& function : kFunctions)
    if (function.kind == kind) return function;
  throw InternalError(format("activation '{}' is described but not written", kind));
}

class ActivationLayer : public SameShape {
 public:
  explicit ActivationLayer(const ActivationOptions& o) : options_(o), function_(function_of(o.kind)) {}
  at::Tensor forward(const at::Tensor& x) override {
    at::Tensor u = options_.in_scale == 1 ? x : x * options_.in_scale;
    if (options_.shift != 0) u = u - options_.shift;
    at::Tensor y = function_.apply(u, options_);
    if (options_.power != 1) y = y.pow(options_.power);
    if (options_.out_scale != 1) y = y * options_.out_scale;
    return options_.offset == 0 ? y : y + options_.offset;
  }
  // Channels that change sign need an odd function.
  Symmetry symmetry(const Activation& input) const override {
    const bool kind = options_.kind == ActivationKind::tanh || options_.kind == ActivationKind::linear;
    const bool odd = kind && options_.shift == 0 && options_.offset == 0 && options_.power % 2 == 1;
    return input.symmetry.odd == 0 || odd ? input.symmetry : Symmetry::none();
  }
  AttributionRule attribution_rule() const override {
    return options_.kind == ActivationKind::softmax ? AttributionRule::path : AttributionRule::elementwise;
  }
  Part part() override {
    // The kernels know two of the functions with one parameter each.
    const bool known = (options_.kind != ActivationKind::elu || options_.alpha == 1.0) &&
                       (options_.kind != ActivationKind::leaky_relu || options_.slope == 0.01);
    if (function_.kernel && known && plain()) return {ops::ActivationPart{*function_.kernel}};
    return {ops::PointPart{options_.kind != ActivationKind::softmax}};
  }

 private:
  /// The function alone, as the kernels have it.
  bool plain() const {
    return !options_.clip && options_.in_scale == 1 && options_.shift == 0 && options_.power == 1 && options_.out_scale == 1 &&
           options_.offset == 0;
  }

  ActivationOptions options_;
  const Function& function_;
};

LayerPtr make_activation(const spec::LayerSpec& spec, const Activation&) {
  return std::make_shared<ActivationLayer>(options_of<ActivationOptions>(spec));
}

}  // namespace

void describe(Visitor& v, ActivationOptions& o) {
  v("kind", o.kind, "the function");
  v.when("kind", o.kind, {ActivationKind::leaky_relu}, [&] { v("slope", o.slope, "slope below zero", non_negative()); });
  v.when("kind", o.kind, {ActivationKind::elu}, [&] { v("alpha", o.alpha, "-alpha is the limit far below zero", positive()); });
  v.when("kind", o.kind, {ActivationKind::exponential, ActivationKind::exp_linear, ActivationKind::softplus},
         [&] { v("clip", o.clip, "what the exponential is taken of is brought to -clip to clip", positive()); });
  v("in_scale", o.in_scale, "a of b f(a x - s)^p + c, f being the function");
  v("shift", o.shift, "s of it");
  v("power", o.power, "p of it", between(1, 9));
  v("out_scale", o.out_scale, "b of it");
  v("offset", o.offset, "c of it");
}

LayerPtr make_function(ActivationKind kind) {
  ActivationOptions o;
  o.kind = kind;
  return std::make_shared<ActivationLayer>(o);
}

std::span<const LayerType> activation_layers() {
  static constexpr LayerType kTypes[] = {
      {"activation", "a function of each value", describe_fresh<ActivationOptions>, make_activation, &spec::forms::kActivation},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
