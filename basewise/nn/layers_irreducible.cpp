// The irreducible form of reverse-complement equivariance: channels that stay (a) and channels that change sign (b).
//
// Mallet, Vert, "Reverse-complement equivariant networks for DNA sequences" (NeurIPS 2021): every equivariant linear map between such
// features is a convolution whose kernels from a to a and from b to b read the same from both ends (palindromic) and whose kernels between
// a and b read the negative (antipalindromic). Pairs (x, x') of the regular form are a = (x + x') / sqrt(2), b = (x - x') / sqrt(2).
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/nn/detail/activate.h"
#include "basewise/nn/detail/built.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace {

using detail::BuiltWeights;
using Moves = Symmetry::Moves;

// Channels 0 .. C - 1 of pairs as C / 2 sums and C / 2 differences, and back. `axis` holds the channels.
at::Tensor to_ab(const at::Tensor& x, std::int64_t axis) {
  const std::int64_t pairs = x.size(axis) / 2;
  const at::Tensor first = x.slice(axis, 0, pairs), second = x.slice(axis, pairs).flip({axis});
  return at::cat({first + second, first - second}, axis) * std::sqrt(0.5);
}
at::Tensor to_pairs(const at::Tensor& x, std::int64_t axis) {
  const std::int64_t pairs = x.size(axis) / 2;
  const at::Tensor a = x.slice(axis, 0, pairs), b = x.slice(axis, pairs);
  return at::cat({a + b, (a - b).flip({axis})}, axis) * std::sqrt(0.5);
}

class AbConv : public Layer {
 public:
  AbConv(const AbConvOptions& o, const Activation& input)
      : options_(o), span_((o.width - 1) * o.dilation + 1), from_pairs_(input.symmetry.is(Moves::complemented)) {
    b_in_ = from_pairs_ ? input.shape.channels / 2 : input.symmetry.odd;
    a_in_ = input.shape.channels - b_in_;
    ConvOptions plain;
    plain.stride = o.stride, plain.dilation = o.dilation, plain.padding = o.padding;
    settings_ = detail::resolve(plain, span_);
    const std::int64_t even = (o.width + 1) / 2, odd = o.width / 2;
    add("weight_aa", {o.a, a_in_, even});
    add("weight_ab", {o.a, b_in_, odd});
    add("weight_ba", {o.b, a_in_, odd});
    add("weight_bb", {o.b, b_in_, even});
    if (o.bias && o.a > 0) bias_ = register_parameter("bias", at::zeros({o.a}));
  }

  at::Tensor forward(const at::Tensor& x) override {
    const BuiltWeights weights = full();
    return ops::conv1d(x, weights.weight, weights.bias, settings_);
  }
  Part part() override {
    const BuiltWeights weights = full();
    return {ops::ConvPart{weights.weight, weights.bias, settings_}};
  }

  Shape output_shape(const Shape& input) const override {
    detail::Windows{span_, settings_.stride, settings_.pad_left, settings_.pad_right}.check(input);
    return detail::conv_shape(input, options_.a + options_.b, options_.width, settings_);
  }
  Alignment alignment() const override { return Alignment::window(span_, settings_.stride, settings_.pad_left, settings_.pad_right); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::split(options_.b); }
  double multiply_adds(const Shape& input) const override {
    return static_cast<double>(output_shape(input).length * (options_.a + options_.b) * (a_in_ + b_in_) * options_.width);
  }

  // Every block by the fans of the whole kernel, so that numbers start as large as in a convolution of as many channels.
  void initialise(std::uint64_t seed, const std::string& name) override {
    const auto width = static_cast<double>(options_.width);
    const Fans fans{static_cast<double>(a_in_ + b_in_) * width, static_cast<double>(options_.a + options_.b) * width};
    const WeightOptions& w = options_.weight;
    for (auto& [block, tensor] : blocks_) nn::initialise(tensor, w.initialiser, w.initialiser_scale, fans, seed, name + "." + block);
    if (bias_.defined()) nn::initialise(bias_, w.bias_initialiser, w.bias_scale, fans, seed, name + ".bias");
  }

  at::Tensor penalty() const override {
    at::Tensor sum;
    const auto add_to_sum = [&](const at::Tensor& term) { sum = sum.defined() ? sum + term : term; };
    for (const auto& [block, tensor] : blocks_) {
      if (options_.weight.l1 > 0) add_to_sum(tensor.abs().sum() * options_.weight.l1);
      if (options_.weight.l2 > 0) add_to_sum(tensor.square().sum() * options_.weight.l2);
    }
    return sum;
  }

  void constrain() override {
    if (!options_.weight.max_norm) return;
    const at::NoGradGuard no_grad;
    const at::Tensor norms = build().weight.flatten(1).norm(2, 1).clamp_min(1e-30);
    const at::Tensor factors = (*options_.weight.max_norm / norms).clamp_max(1.0).view({-1, 1, 1});
    for (auto& [block, tensor] : blocks_) tensor.mul_(block[7] == 'a' ? factors.slice(0, 0, options_.a) : factors.slice(0, options_.a));
  }

  at::Tensor output_bias() const override { return bias_; }

 private:
  // Blocks are named by output and input: weight_ab makes a channels of b channels. Blocks without numbers are left out.
  void add(const std::string& name, const std::vector<std::int64_t>& sizes) {
    if (sizes[0] * sizes[1] * sizes[2] > 0) blocks_.emplace_back(name, register_parameter(name, at::zeros(detail::checked_weight(sizes))));
  }

  // The kernel of which the first half is stored, (outputs, inputs, width); the middle of an antipalindromic one is zero.
  at::Tensor block(const std::string& name, std::int64_t outputs, std::int64_t inputs, bool palindromic) const {
    const at::TensorOptions like = blocks_.front().second.options().requires_grad(std::nullopt);
    for (const auto& [known, half] : blocks_) {
      if (known != name) continue;
      const at::Tensor turned = half.slice(2, 0, options_.width / 2).flip({2});
      if (palindromic) return at::cat({half, turned}, 2);
      return at::cat({half, at::zeros({outputs, inputs, options_.width % 2}, like), -turned}, 2);
    }
    return at::zeros({outputs, inputs, options_.width}, like);
  }

  BuiltWeights build() const {
    const std::int64_t a = options_.a, b = options_.b;
    const at::Tensor to_a = at::cat({block("weight_aa", a, a_in_, true), block("weight_ab", a, b_in_, false)}, 1);
    const at::Tensor to_b = at::cat({block("weight_ba", b, a_in_, false), block("weight_bb", b, b_in_, true)}, 1);
    const at::Tensor all = at::cat({to_a, to_b});
    at::Tensor bias = bias_;
    if (bias.defined() && b > 0) bias = at::cat({bias, at::zeros({b}, bias.options().requires_grad(std::nullopt))});
    // The change of basis is orthogonal, so it can be done to the weights in place of the input.
    return {from_pairs_ ? to_pairs(all, 1) : all, bias};
  }

  BuiltWeights full() const { return detail::built(this, [this] { return build(); }); }

  AbConvOptions options_;
  std::int64_t span_;
  bool from_pairs_;
  std::int64_t a_in_ = 0;
  std::int64_t b_in_ = 0;
  ops::ConvSettings settings_;
  std::vector<std::pair<std::string, at::Tensor>> blocks_;
  at::Tensor bias_;
};

class AbBatchNorm : public Layer {
 public:
  AbBatchNorm(const BatchNormOptions& o, std::int64_t a, std::int64_t b) : options_(o), a_(a), b_(b) {
    if (o.affine) weight_ = register_parameter("weight", at::ones({a + b}));
    if (o.affine && a > 0) bias_ = register_parameter("bias", at::zeros({a}));
    if (a > 0) mean_ = register_buffer("running_mean", at::zeros({a}));
    variance_ = register_buffer("running_var", at::ones({a + b}));
    batches_ = register_buffer("num_batches_tracked", at::zeros({}, at::kLong));
  }

  at::Tensor forward(const at::Tensor& x) override {
    if (!is_training()) {
      const ops::NormPart all = norm();
      std::optional<at::Tensor> weight, bias;
      if (all.weight.defined()) weight = all.weight, bias = all.bias;
      return at::batch_norm(x, weight, bias, all.running_mean, all.running_variance, false, options_.momentum, options_.eps, true);
    }
    const std::int64_t values = x.size(1) == 0 ? 0 : x.numel() / x.size(1);
    if (values < 2)
      throw ShapeError(format("ab_batch_norm in training got {} values per channel; it needs at least 2 to have a variance", values));
    batches_.add_(1);
    std::vector<at::Tensor> parts;
    if (a_ > 0) {
      std::optional<at::Tensor> weight, bias;
      if (weight_.defined()) weight = weight_.slice(0, 0, a_), bias = bias_;
      at::Tensor variance = variance_.slice(0, 0, a_);
      parts.push_back(at::batch_norm(x.slice(1, 0, a_), weight, bias, mean_, variance, true, options_.momentum, options_.eps, true));
    }
    if (b_ > 0) parts.push_back(signed_part(x.slice(1, a_)));
    return at::cat(parts, 1);
  }

  Part part() override {
    if (is_training()) return {};
    return {norm()};
  }

  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  // Over both strands the mean of a channel that changes sign is zero: only the scale is normalised.
  at::Tensor signed_part(const at::Tensor& x) {
    const std::vector<std::int64_t> all = x.dim() == 3 ? std::vector<std::int64_t>{0, 2} : std::vector<std::int64_t>{0};
    const at::Tensor squares = x.square().mean(all);
    {
      const at::NoGradGuard no_grad;
      variance_.slice(0, a_).mul_(1.0 - options_.momentum).add_(squares, options_.momentum);
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
  AbActivation(const AbActivationOptions& o, std::int64_t a, std::int64_t b) : options_(o), a_(a), b_(b) {}

  at::Tensor forward(const at::Tensor& x) override {
    // As many as there are of both kinds, in the basis of pairs; what is left over by itself.
    const std::int64_t pairs = options_.basis == "regular" ? std::min(a_, b_) : 0;
    at::Tensor a = x.slice(1, pairs, a_), b = x.slice(1, a_ + pairs);
    std::vector<at::Tensor> as, bs;
    if (pairs > 0) {
      const at::Tensor both = at::cat({x.slice(1, 0, pairs), x.slice(1, a_, a_ + pairs)}, 1);
      const at::Tensor y = to_ab(detail::activate(to_pairs(both, 1), function()), 1);
      as.push_back(y.slice(1, 0, pairs)), bs.push_back(y.slice(1, pairs));
    }
    if (a_ > pairs) as.push_back(detail::activate(a, function()));
    if (b_ > pairs) bs.push_back(options_.odd == "tanh" ? b.tanh() : b);
    as.insert(as.end(), bs.begin(), bs.end());
    return as.size() == 1 ? as.front() : at::cat(as, 1);
  }

  Part part() override { return {ops::PointPart{false}}; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  ActivationOptions function() const {
    ActivationOptions f;
    f.kind = options_.kind;
    return f;
  }

  AbActivationOptions options_;
  std::int64_t a_;
  std::int64_t b_;
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
  Shape output_shape(const Shape& input) const override { return input; }
  Alignment alignment() const override { return Alignment::everything(); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::unchanged(); }

 private:
  double factor_;
  std::int64_t b_;
};

class AbBasis : public Layer {
 public:
  explicit AbBasis(bool from_pairs) : from_pairs_(from_pairs) {}
  at::Tensor forward(const at::Tensor& x) override { return from_pairs_ ? to_ab(x, 1) : to_pairs(x, 1); }
  Part part() override { return {ops::PointPart{false}}; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override {
    return from_pairs_ ? Symmetry{Moves::split, input.shape.channels / 2, input.symmetry.kept}
                       : Symmetry{Moves::complemented, 0, input.symmetry.kept};
  }

 private:
  bool from_pairs_;
};

void need_ab(const Activation& input) {
  const Symmetry& s = input.symmetry;
  if (s.is(Moves::split)) return;
  const std::string text = s.to_string(input.shape.channels);
  const std::string found = text.empty()
                                ? (s.lost.empty() ? std::string("not known to move in any way") : format("that was lost at {}", s.lost))
                                : "it is " + text;
  throw ShapeError(
      format("got {}, expected the irreducible form, a channels that stay and b channels that change sign under reverse complement; {}: "
             "ab_conv and ab_basis make that form, ab_batch_norm and ab_activation keep it",
             input.shape.to_string(), found));
}

}  // namespace

namespace detail {

LayerPtr make_ab_conv(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<AbConvOptions>(spec);
  need_positions(input.shape);
  if (o.a + o.b == 0) throw ShapeError("a and b are both 0; at least one channel must come out");
  if (input.symmetry.is(Moves::complemented))
    need_pairs(input);
  else
    need_ab(input);
  if (const auto layer = std::make_shared<AbConv>(o, input); !layer->parameters(false).empty()) return layer;
  throw ShapeError(
      format("got {} and width 1: no kernel of one position turns only a channels into only b channels or back; use a width of 2 or more",
             input.shape.to_string()));
}

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
  return std::make_shared<AbPool>(o.kind == "mean" ? 0.5 : 1.0, input.symmetry.odd);
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
  return std::make_shared<AbBasis>(pairs);
}

}  // namespace detail
}  // namespace basewise::nn
