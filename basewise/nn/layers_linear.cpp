// Layers with a weight matrix: convolution and dense.
#include <algorithm>

#include "basewise/nn/detail/conv.h"
#include "basewise/nn/detail/conv_unit.h"
#include "basewise/nn/detail/native.h"
#include "basewise/nn/detail/native_dense.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/nn/detail/parts.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace detail {

at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const ConvSettings& s) {
  const ConvPart part{weight, bias, s};
  if (takes(x, part)) return apply({.conv = part, .norm = {}, .activation = {}, .skip_crop = {}, .pool = {}}, x);
  ++counts().torch;
  std::optional<at::Tensor> offset;
  if (bias.defined()) offset = bias;
  if (s.pad_left == s.pad_right) return at::conv1d(x, weight, offset, s.stride, s.pad_left, s.dilation, s.groups);
  // torch pads both ends alike; only what one end has more is copied.
  const std::int64_t both = std::min(s.pad_left, s.pad_right);
  const at::Tensor padded = at::constant_pad_nd(x, {s.pad_left - both, s.pad_right - both});
  return at::conv1d(padded, weight, offset, s.stride, both, s.dilation, s.groups);
}

void need_positions(const Shape& input) {
  if (!input.positions) throw ShapeError(format("got {}, expected (N, channels, length): this layer works along positions", input.to_string()));
}

}  // namespace detail

namespace {

// Weight and bias with start values, penalties and bounds.
class WeightedLayer : public Layer {
 public:
  at::Tensor penalty() const override {
    at::Tensor sum;
    if (options_.l1 > 0) sum = weight_.abs().sum() * options_.l1;
    if (options_.l2 > 0) {
      const at::Tensor squares = weight_.square().sum() * options_.l2;
      sum = sum.defined() ? sum + squares : squares;
    }
    return sum;
  }

  void constrain() override {
    if (!options_.max_norm) return;
    const at::NoGradGuard no_grad;
    const at::Tensor norms = weight_.flatten(1).norm(2, 1).clamp_min(1e-30);
    const at::Tensor factors = (*options_.max_norm / norms).clamp_max(1.0);
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(weight_.dim()), 1);
    sizes[0] = weight_.size(0);
    weight_.mul_(factors.view(sizes));
  }

  void initialise(std::uint64_t seed, const std::string& name) override {
    const Fans fan = fans(weight_);
    nn::initialise(weight_, options_.initialiser, options_.initialiser_scale, fan, seed, name + ".weight");
    if (bias_.defined()) nn::initialise(bias_, options_.bias_initialiser, options_.bias_scale, fan, seed, name + ".bias");
  }

  at::Tensor output_bias() const override { return bias_; }

 protected:
  WeightedLayer(WeightOptions options, at::IntArrayRef weight, bool bias) : options_(std::move(options)) {
    weight_ = register_parameter("weight", at::zeros(detail::checked_weight(weight)));
    if (bias) bias_ = register_parameter("bias", at::zeros({weight[0]}));
  }

  at::Tensor weight_;
  at::Tensor bias_;

 private:
  WeightOptions options_;
};

// Padding as zeros at both ends.
detail::ConvSettings resolve(const ConvOptions& o, std::int64_t span) {
  detail::ConvSettings s{o.stride, o.dilation, o.groups, 0, 0};
  const std::int64_t overhang = std::max<std::int64_t>(span - o.stride, 0);
  if (o.padding == "same") s.pad_left = overhang / 2, s.pad_right = overhang - s.pad_left;
  if (o.padding == "causal") s.pad_left = overhang;
  if (o.padding == "explicit") s.pad_left = o.pad_left, s.pad_right = o.pad_right;
  return s;
}

class Conv : public WeightedLayer {
 public:
  Conv(const ConvOptions& o, std::int64_t channels)
      : WeightedLayer(o.weight, {o.filters, channels / o.groups, o.width}, o.bias),
        options_(o),
        span_((o.width - 1) * o.dilation + 1),
        settings_(resolve(o, span_)) {}

  at::Tensor forward(const at::Tensor& x) override { return detail::conv1d(x, weight_, bias_, settings_); }
  detail::Part part() override { return {detail::ConvPart{weight_, bias_, settings_}}; }

  Shape output_shape(const Shape& input) const override {
    detail::need_positions(input);
    Shape output{options_.filters, true, Shape::kVaries};
    if (input.length == Shape::kVaries) return output;
    const std::int64_t padded = input.length + settings_.pad_left + settings_.pad_right;
    if (padded < span_)
      throw ShapeError(format("got {}: {} positions{} are fewer than the {} that the kernel spans (width {}, dilation {})", input.to_string(),
                              input.length, padded > input.length ? format(" with {} of padding", padded - input.length) : std::string(), span_,
                              options_.width, options_.dilation));
    output.length = (padded - span_) / options_.stride + 1;
    return output;
  }

  Alignment alignment() const override {
    return Alignment::window(span_, options_.stride, settings_.pad_left, settings_.pad_right, options_.padding == "causal");
  }

  double multiply_adds(const Shape& input) const override {
    return static_cast<double>(output_shape(input).length) * static_cast<double>(weight_.numel());
  }

 private:
  ConvOptions options_;
  std::int64_t span_;
  detail::ConvSettings settings_;
};

class Dense : public WeightedLayer {
 public:
  Dense(const DenseOptions& o, const Shape& input)
      : WeightedLayer(o.weight, {o.units, width_of(o, input)}, o.bias), options_(o), built_for_(input) {}

  at::Tensor forward(const at::Tensor& x) override {
    // What was built for a flattening gets its input in front of it where a graph leaves that to this layer.
    if (x.dim() == 3 && built_for_.positions && options_.on == "channels") return detail::conv1d(x, weight_.unsqueeze(2), bias_, {});
    if (detail::takes_dense(x, weight_)) return detail::dense(x, weight_, bias_);
    std::optional<at::Tensor> offset;
    if (bias_.defined()) offset = bias_;
    return at::linear(x.dim() == 3 ? x.flatten(1) : x, weight_, offset);
  }
  detail::Part part() override { return {detail::DensePart{weight_, bias_, options_.on == "channels"}}; }

  Shape output_shape(const Shape& input) const override {
    if (!input.positions) return {options_.units, false, Shape::kVaries};
    if (options_.on == "channels") return {options_.units, true, input.length};
    if (input.length != built_for_.length)
      throw ShapeError(format("got {}, expected {}: a dense layer on flattened positions takes only the length it was built for",
                              input.to_string(), built_for_.to_string()));
    return {options_.units, false, Shape::kVaries};
  }

  Alignment alignment() const override { return options_.on == "flat" ? Alignment::everything() : Alignment::pointwise(); }

  double multiply_adds(const Shape& input) const override {
    const bool each = input.positions && options_.on == "channels";
    return static_cast<double>(weight_.numel()) * static_cast<double>(each ? input.length : 1);
  }

 private:
  static std::int64_t width_of(const DenseOptions& o, const Shape& input) {
    if (!input.positions || o.on == "channels") return input.channels;
    if (input.length == Shape::kVaries)
      throw ShapeError(format("got {} of unknown length; a dense layer on flattened positions needs one: give the input a 'length', pool "
                              "with global = true before, or set on = \"channels\"", input.to_string()));
    const std::int64_t width = input.channels * input.length;
    if (width > 1'000'000'000) throw ShapeError(format("got {}: {} values per example are too many for a dense layer", input.to_string(), width));
    return width;
  }

  DenseOptions options_;
  Shape built_for_;
};

}  // namespace

namespace detail {

LayerPtr make_conv(const LayerSpec& spec, const Activation& input) {
  const auto o = options_of<ConvOptions>(spec);
  need_positions(input.shape);
  if (o.padding != "explicit" && (o.pad_left != 0 || o.pad_right != 0))
    throw ShapeError(format("pad_left and pad_right need padding = \"explicit\"; found padding = \"{}\"", o.padding));
  if (input.shape.channels % o.groups != 0 || o.filters % o.groups != 0)
    throw ShapeError(format("got {} channels and {} filters; both must be multiples of groups = {}", input.shape.channels, o.filters, o.groups));
  return std::make_shared<Conv>(o, input.shape.channels);
}

LayerPtr make_dense(const LayerSpec& spec, const Activation& input) { return std::make_shared<Dense>(options_of<DenseOptions>(spec), input.shape); }

}  // namespace detail
}  // namespace basewise::nn
