#include "basewise/nn/detail/layers_ab_conv.h"

#include <utility>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/built.h"
#include "basewise/nn/detail/irreducible.h"
#include "basewise/nn/detail/layers_conv.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

using Moves = Symmetry::Moves;

class AbConv : public Layer {
 public:
  AbConv(const AbConvOptions& o, const Activation& input)
      : options_(o), span_((o.width - 1) * o.dilation + 1), from_pairs_(input.symmetry.is(Moves::complemented)) {
    b_in_ = from_pairs_ ? input.shape.channels / 2 : input.symmetry.odd;
    a_in_ = input.shape.channels - b_in_;
    ConvOptions plain;
    plain.stride = o.stride, plain.dilation = o.dilation, plain.padding = o.padding;
    settings_ = resolve(plain, span_);
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

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    Windows{span_, settings_.stride, settings_.pad_left, settings_.pad_right}.check(input);
    return conv_shape(input, options_.a + options_.b, options_.width, settings_);
  }
  Alignment alignment() const override { return Alignment::window(span_, settings_.stride, settings_.pad_left, settings_.pad_right); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::split(options_.b); }
  double multiply_adds(const Shape& input) const override {
    return static_cast<double>(output_shape(input).length * (options_.a + options_.b) * (a_in_ + b_in_) * options_.width);
  }

  // Every block by the fans of the whole kernel, so that numbers start as large as in a convolution
  // of as many channels.
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
  // Blocks are named by output and input: weight_ab makes a channels of b channels.
  // Blocks without numbers are left out.
  void add(const std::string& name, const std::vector<std::int64_t>& sizes) {
    if (sizes[0] * sizes[1] * sizes[2] > 0) blocks_.emplace_back(name, register_parameter(name, at::zeros(checked_weight(sizes))));
  }

  // The kernel of which the first half is stored, (outputs, inputs, width); the middle of an
  // antipalindromic one is zero.
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

  BuiltWeights full() const {
    return detail::built(this, [this] { return build(); });
  }

  AbConvOptions options_;
  std::int64_t span_;
  bool from_pairs_;
  std::int64_t a_in_ = 0;
  std::int64_t b_in_ = 0;
  ops::ConvSettings settings_;
  std::vector<std::pair<std::string, at::Tensor>> blocks_;
  at::Tensor bias_;
};

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

}  // namespace

void describe(Visitor& v, AbConvOptions& o) {
  v("a", o.a, "output channels that stay as they are on the other strand", between(0, 1e6));
  v("b", o.b, "output channels that change sign on the other strand", between(0, 1e6));
  v("width", o.width, "positions of the kernel", required_count());
  v("stride", o.stride, "input positions per output position", between(1, 1e6));
  v("dilation", o.dilation, "distance between the positions that the kernel reads", between(1, 1e6));
  v("padding", o.padding, "zeros beside the positions", one_of({Padding::same, Padding::valid}));
  v("bias", o.bias, "add a learned constant to each a channel");
  describe(v, o.weight);
}

std::span<const LayerType> ab_conv_layers() {
  static constexpr LayerType kTypes[] = {
      {"ab_conv", "convolution between channels that stay (a) and channels that change sign (b) on the other strand",
       describe_fresh<AbConvOptions>, make_ab_conv, &spec::forms::kAsItIs},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
