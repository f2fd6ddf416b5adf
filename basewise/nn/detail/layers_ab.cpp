#include "basewise/nn/detail/layers_ab.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/nn/detail/irreducible.h"
#include "basewise/nn/detail/layers_norm.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/pass.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

using Moves = Symmetry::Moves;

class AbBatchNorm : public Layer {
 public:
  AbBatchNorm(const BatchNormOptions& o, std::int64_t a, std::int64_t b) : options_(o), a_(a), b_(b) {
    if (o.affine) weight_ = register_parameter("weight", at::full({a + b}, o.scale_initial));
    if (o.affine && a > 0) bias_ = register_parameter("bias", at::zeros({a}));
    if (a > 0) mean_ = register_buffer("running_mean", at::zeros({a}));
    variance_ = register_buffer("running_var", at::ones({a + b}));
    batches_ = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (!uses_batch()) {
      const ops::NormPart all = norm();
      std::optional<at::Tensor> weight, bias;
      if (all.weight.defined()) weight = all.weight, bias = all.bias;
      return at::batch_norm(x, weight, bias, all.running_mean, all.running_variance, false, options_.momentum, options_.eps, true);
    }
    const std::int64_t values = x.size(1) == 0 ? 0 : x.numel() / x.size(1);
    if (values < 2)
      throw ShapeError(format("ab_batch_norm in training got {} values per channel; it needs at least 2 to have a variance", values));
    const double share = batch_weight(options_, batches_);
    batches_.add_(1);
    std::vector<at::Tensor> parts;
    if (a_ > 0) {
      std::optional<at::Tensor> weight, bias;
      if (weight_.defined()) weight = weight_.slice(0, 0, a_), bias = bias_;
      // The backward pass keeps the estimates that it was given: a copy, since those of the b
      // channels, in the same tensor, change before it.
      const at::Tensor variance = variance_.detach().slice(0, 0, a_).clone();
      parts.push_back(at::batch_norm(x.slice(1, 0, a_), weight, bias, mean_, variance, true, share, options_.eps, true));
      const at::NoGradGuard no_grad;
      variance_.slice(0, 0, a_).copy_(variance);
    }
    if (b_ > 0) parts.push_back(signed_part(x.slice(1, a_), share));
    return at::cat(parts, 1);
  }

  Part part() override {
    if (is_training()) return {};
    return {norm()};
  }

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  bool uses_batch() const { return is_training() && options_.statistics == NormStatistics::batch; }

  // Over both strands the mean of a channel that changes sign is zero:
  // only the scale is normalised.
  at::Tensor signed_part(const at::Tensor& x, double share) {
    const std::vector<std::int64_t> all = x.dim() == 3 ? std::vector<std::int64_t>{0, 2} : std::vector<std::int64_t>{0};
    const at::Tensor squares = x.square().mean(all);
    {
      const at::NoGradGuard no_grad;
      variance_.slice(0, a_).mul_(1.0 - share).add_(squares, share);
    }
    at::Tensor scale = (squares + options_.eps).rsqrt();
    if (weight_.defined()) scale = scale * weight_.slice(0, a_);
    return x * (x.dim() == 3 ? scale.unsqueeze(1) : scale);
  }

  ops::NormPart norm() const {
    const at::Tensor zeros = at::zeros({b_}, variance_.options());
    const at::Tensor mean = a_ > 0 ? at::cat({mean_, zeros}) : zeros;
    at::Tensor bias;
    if (weight_.defined()) bias = a_ > 0 ? at::cat({bias_, zeros}) : zeros;
    return {weight_, bias, mean, variance_, batches_, false, options_.momentum, options_.eps};
  }

  BatchNormOptions options_;
  std::int64_t a_;
  std::int64_t b_;
  at::Tensor weight_;
  at::Tensor bias_;
  at::Tensor mean_;
  at::Tensor variance_;
  at::Tensor batches_;
};

class AbActivation : public Layer {
 public:
  AbActivation(const AbActivationOptions& o, std::int64_t a, std::int64_t b)
      : options_(o), a_(a), b_(b), function_(make_function(o.kind)), odd_(make_function(ActivationKind::tanh)) {}

  at::Tensor forward(const at::Tensor& x) override {
    return by_parts(x, [](Layer& function, const char*, const at::Tensor& part) { return function.forward(part); });
  }

  at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass) override {
    return by_parts(x,
                    [&](Layer& function, const char* name, const at::Tensor& part) { return pass.through(function, path + name, part); });
  }

  Part part() override { return {ops::PointPart{false}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::inside; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  template <class Apply>
  at::Tensor by_parts(const at::Tensor& x, Apply&& apply) const {
    // As many as there are of both kinds, in the basis of pairs; what is left over by itself.
    const std::int64_t pairs = options_.basis == AbBasis::regular ? std::min(a_, b_) : 0;
    at::Tensor a = x.slice(1, pairs, a_), b = x.slice(1, a_ + pairs);
    std::vector<at::Tensor> as, bs;
    if (pairs > 0) {
      const at::Tensor both = at::cat({x.slice(1, 0, pairs), x.slice(1, a_, a_ + pairs)}, 1);
      const at::Tensor y = to_ab(apply(*function_, ".pairs", to_pairs(both, 1)), 1);
      as.push_back(y.slice(1, 0, pairs)), bs.push_back(y.slice(1, pairs));
    }
    if (a_ > pairs) as.push_back(apply(*function_, ".a", a));
    if (b_ > pairs) bs.push_back(options_.odd == OddFunction::tanh ? apply(*odd_, ".b", b) : b);
    as.insert(as.end(), bs.begin(), bs.end());
    return as.size() == 1 ? as.front() : at::cat(as, 1);
  }

  AbActivationOptions options_;
  std::int64_t a_;
  std::int64_t b_;
  LayerPtr function_;
  LayerPtr odd_;
};

// (a + mirrored a, b - mirrored b): (N, C, L) to (N, C, L), the same for both strands.
class AbPool : public Layer {
 public:
  AbPool(double factor, std::int64_t b) : factor_(factor), b_(b) {}
  at::Tensor forward(const at::Tensor& x) override {
    const at::Tensor turned = x.flip({2});
    if (b_ == 0) return (x + turned) * factor_;
    const std::int64_t a = x.size(1) - b_;
    return at::cat({x.slice(1, 0, a) + turned.slice(1, 0, a), x.slice(1, a) - turned.slice(1, a)}, 1) * factor_;
  }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return input; }
  Alignment alignment() const override { return Alignment::everything(); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::unchanged(); }

 private:
  double factor_;
  std::int64_t b_;
};

class ChangeOfBasis : public Layer {
 public:
  explicit ChangeOfBasis(bool from_pairs) : from_pairs_(from_pairs) {}
  at::Tensor forward(const at::Tensor& x) override { return from_pairs_ ? to_ab(x, 1) : to_pairs(x, 1); }
  Part part() override { return {ops::PointPart{false}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override {
    return from_pairs_ ? Symmetry{Moves::split, input.shape.channels / 2, input.symmetry.kept}
                       : Symmetry{Moves::complemented, 0, input.symmetry.kept};
  }

 private:
  bool from_pairs_;
};

LayerPtr make_ab_batch_norm(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<BatchNormOptions>(spec);
  need_ab(input);
  return std::make_shared<AbBatchNorm>(o, input.shape.channels - input.symmetry.odd, input.symmetry.odd);
}

LayerPtr make_ab_activation(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<AbActivationOptions>(spec);
  need_ab(input);
  return std::make_shared<AbActivation>(o, input.shape.channels - input.symmetry.odd, input.symmetry.odd);
}

LayerPtr make_ab_pool(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<AbPoolOptions>(spec);
  need_ab(input);
  need_positions(input.shape);
  return std::make_shared<AbPool>(o.kind == StrandPool::mean ? 0.5 : 1.0, input.symmetry.odd);
}

LayerPtr make_ab_basis(const spec::LayerSpec& spec, const Activation& input) {
  options_of<AbBasisOptions>(spec);
  const bool pairs = input.symmetry.is(Moves::complemented);
  if (pairs)
    need_pairs(input);
  else
    need_ab(input);
  if (!pairs && 2 * input.symmetry.odd != input.shape.channels)
    throw ShapeError(format("got {} with {}; pairs need as many a channels as b channels", input.shape.to_string(),
                            input.symmetry.to_string(input.shape.channels)));
  return std::make_shared<ChangeOfBasis>(pairs);
}

}  // namespace

void describe(Visitor& v, AbActivationOptions& o) {
  using enum ActivationKind;
  v("kind", o.kind, "the function of a channels, or of pairs",
    one_of({relu, gelu, gelu_tanh, elu, leaky_relu, exponential, sigmoid, softplus, tanh, silu}));
  v("odd", o.odd, "the function of b channels");
  v("basis", o.basis, "what the function works on");
}

void describe(Visitor& v, AbPoolOptions& o) {
  v("kind", o.kind, "sum or mean of both strands", one_of({StrandPool::sum, StrandPool::mean}));
}

void describe(Visitor&, AbBasisOptions&) {}

std::span<const LayerType> ab_layers() {
  static constexpr LayerType kTypes[] = {
      {"ab_batch_norm", "batch_norm of a and b channels", describe_fresh<BatchNormOptions>, make_ab_batch_norm, &spec::forms::kAsItIs},
      {"ab_activation", "any function of a channels, an odd one of b channels", describe_fresh<AbActivationOptions>, make_ab_activation,
       &spec::forms::kAsItIs},
      {"ab_pool", "a and b channels to what is the same on both strands", describe_fresh<AbPoolOptions>, make_ab_pool,
       &spec::forms::kAsItIs},
      {"ab_basis", "RC pairs to a and b channels, and back", describe_fresh<AbBasisOptions>, make_ab_basis, &spec::forms::kAsItIs},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
