// Layers with a weight matrix: convolution and dense.
#include <algorithm>

#include "basewise/ops/conv.h"
#include "basewise/ops/conv_unit.h"
#include "basewise/ops/native.h"
#include "basewise/ops/dense.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace detail {

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (ops::takes_dense(x, weight)) return ops::dense(x, weight, bias);
  std::optional<at::Tensor> offset;
  if (bias.defined()) offset = bias;
  return at::linear(x.dim() == 3 ? x.flatten(1) : x, weight, offset);
}

Shape conv_shape(const Shape& input, std::int64_t filters, std::int64_t width, const ops::ConvSettings& s) {
  need_positions(input);
  Shape output{filters, true, Shape::kVaries};
  if (input.length == Shape::kVaries) return output;
  const std::int64_t padded = input.length + s.pad_left + s.pad_right, span = (width - 1) * s.dilation + 1;
  if (padded < span)
    throw ShapeError(format("got {}: {} positions{} are fewer than the {} that the kernel spans (width {}, dilation {})", input.to_string(),
                            input.length, padded > input.length ? format(" with {} of padding", padded - input.length) : std::string(), span,
                            width, s.dilation));
  output.length = (padded - span) / s.stride + 1;
  return output;
}

ops::ConvSettings resolve(const ConvOptions& o, std::int64_t span) {
  ops::ConvSettings s{o.stride, o.dilation, o.groups, 0, 0};
  const std::int64_t overhang = std::max<std::int64_t>(span - o.stride, 0);
  if (o.padding == "same") s.pad_left = overhang / 2, s.pad_right = overhang - s.pad_left;
  if (o.padding == "causal") s.pad_left = overhang;
  if (o.padding == "explicit") s.pad_left = o.pad_left, s.pad_right = o.pad_right;
  return s;
}

void check_conv(const ConvOptions& o, const Shape& input) {
  need_positions(input);
  if (o.padding != "explicit" && (o.pad_left != 0 || o.pad_right != 0))
    throw ShapeError(format("pad_left and pad_right need padding = \"explicit\"; found padding = \"{}\"", o.padding));
  if (input.channels % o.groups != 0 || o.filters % o.groups != 0)
    throw ShapeError(format("got {} channels and {} filters; both must be multiples of groups = {}", input.channels, o.filters, o.groups));
}

void need_positions(const Shape& input) {
  if (!input.positions) throw ShapeError(format("got {}, expected (N, channels, length): this layer works along positions", input.to_string()));
}

}  // namespace detail

namespace {

using detail::WeightedLayer;

class Conv : public WeightedLayer {
 public:
  Conv(const ConvOptions& o, std::int64_t channels)
      : WeightedLayer(o.weight, {o.filters, channels / o.groups, o.width}, o.bias),
        options_(o),
        span_((o.width - 1) * o.dilation + 1),
        settings_(detail::resolve(o, span_)) {}

  at::Tensor forward(const at::Tensor& x) override { return ops::conv1d(x, weight_, bias_, settings_); }
  Part part() override { return {ops::ConvPart{weight_, bias_, settings_}}; }

  Shape output_shape(const Shape& input) const override {
    return detail::conv_shape(input, options_.filters, options_.width, settings_);
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
  ops::ConvSettings settings_;
};

class Dense : public WeightedLayer {
 public:
  Dense(const DenseOptions& o, const Shape& input)
      : WeightedLayer(o.weight, {o.units, width_of(o, input)}, o.bias), options_(o), built_for_(input) {}

  at::Tensor forward(const at::Tensor& x) override {
    // What was built for a flattening gets its input in front of it where a graph leaves that to this layer.
    if (x.dim() == 3 && built_for_.positions && options_.on == "channels") return ops::conv1d(x, weight_.unsqueeze(2), bias_, {});
    return detail::linear(x, weight_, bias_);
  }
  Part part() override { return {ops::DensePart{weight_, bias_, options_.on == "channels"}}; }

  Shape output_shape(const Shape& input) const override {
    if (!input.positions) return {options_.units, false, Shape::kVaries};
    if (options_.on == "channels") return {options_.units, true, input.length};
    if (input.length != built_for_.length)
      throw ShapeError(format("got {}, expected {}: a dense layer on flattened positions takes only the length it was built for",
                              input.to_string(), built_for_.to_string()));
    return {options_.units, false, Shape::kVaries};
  }

  Alignment alignment() const override { return options_.on == "flat" ? Alignment::everything() : Alignment::pointwise(); }

  // The channels of a position alone: positions may run the other way.
  Symmetry symmetry(const Activation& input) const override {
    const bool mirrored = options_.on == "channels" && input.symmetry.channels_stay();
    return mirrored ? input.symmetry : Layer::symmetry(input);
  }

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

LayerPtr make_conv(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<ConvOptions>(spec);
  check_conv(o, input.shape);
  return std::make_shared<Conv>(o, input.shape.channels);
}

LayerPtr make_dense(const DenseOptions& o, const Activation& input) { return std::make_shared<Dense>(o, input.shape); }

LayerPtr make_dense(const spec::LayerSpec& spec, const Activation& input) { return make_dense(options_of<DenseOptions>(spec), input); }

}  // namespace detail
}  // namespace basewise::nn
