#include "basewise/nn/detail/layers_conv.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class Conv : public WeightedLayer {
 public:
  Conv(const ConvOptions& o, std::int64_t channels)
      : WeightedLayer(o.weight, {o.filters, channels / o.groups, o.width}, o.bias),
        options_(o),
        span_((o.width - 1) * o.dilation + 1),
        settings_(resolve(o, span_)) {}

  at::Tensor forward(const at::Tensor& x) override { return ops::conv1d(x, weight_, bias_, settings_); }
  Part part() override { return {ops::ConvPart{weight_, bias_, settings_}}; }

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return conv_shape(input, options_.filters, options_.width, settings_); }

  Alignment alignment() const override {
    return Alignment::window(span_, options_.stride, settings_.pad_left, settings_.pad_right, options_.padding == Padding::causal);
  }

  double multiply_adds(const Shape& input) const override {
    return static_cast<double>(output_shape(input).length) * static_cast<double>(weight_.numel());
  }

 private:
  ConvOptions options_;
  std::int64_t span_;
  ops::ConvSettings settings_;
};

LayerPtr make_conv(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<ConvOptions>(spec);
  check_conv(o, input.shape);
  return std::make_shared<Conv>(o, input.shape.channels);
}

}  // namespace

void describe(Visitor& v, ConvOptions& o) {
  v("filters", o.filters, "output channels", required_count());
  v("width", o.width, "positions of the kernel", required_count());
  v("stride", o.stride, "input positions per output position", count());
  v("dilation", o.dilation, "distance between the positions that the kernel reads", count());
  v("groups", o.groups, "groups of channels that do not mix", count());
  v("padding", o.padding, "zeros beside the positions");
  v.when("padding", o.padding, {Padding::given}, [&] {
    v("pad_left", o.pad_left, "zeros at the left end", between(0, 1e6));
    v("pad_right", o.pad_right, "zeros at the right end", between(0, 1e6));
  });
  v("bias", o.bias, "add a learned constant to each output channel");
  describe(v, o.weight);
}

ops::ConvSettings resolve(const ConvOptions& o, std::int64_t span) {
  ops::ConvSettings s{o.stride, o.dilation, o.groups, 0, 0};
  const std::int64_t overhang = std::max<std::int64_t>(span - o.stride, 0);
  switch (o.padding) {
    case Padding::same:
      s.pad_left = overhang / 2, s.pad_right = overhang - s.pad_left;
      break;
    case Padding::valid:
      break;
    case Padding::causal:
      s.pad_left = overhang;
      break;
    case Padding::given:
      s.pad_left = o.pad_left, s.pad_right = o.pad_right;
      break;
  }
  return s;
}

void check_conv(const ConvOptions& o, const Shape& input) {
  need_positions(input);
  if (input.channels % o.groups != 0 || o.filters % o.groups != 0)
    throw ShapeError(format("got {} channels and {} filters; both must be multiples of groups = {}", input.channels, o.filters, o.groups));
}

Shape conv_shape(const Shape& input, std::int64_t filters, std::int64_t width, const ops::ConvSettings& s) {
  need_positions(input);
  Shape output{filters, true, Shape::kVaries};
  if (input.length == Shape::kVaries) return output;
  const std::int64_t padded = input.length + s.pad_left + s.pad_right, span = (width - 1) * s.dilation + 1;
  if (padded < span)
    throw ShapeError(format("got {}: {} positions{} are fewer than the {} that the kernel spans (width {}, dilation {})", input.to_string(),
                            input.length, padded > input.length ? format(" with {} of padding", padded - input.length) : std::string(),
                            span, width, s.dilation));
  output.length = (padded - span) / s.stride + 1;
  return output;
}

std::span<const LayerType> conv_layers() {
  static constexpr LayerType kTypes[] = {
      {"conv", "1-D convolution: (N, C, L) to (N, filters, L')", describe_fresh<ConvOptions>, make_conv, &spec::forms::kConvolution},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
