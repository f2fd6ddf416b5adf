#include "basewise/nn/detail/layers_channels.h"

#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class Scale : public Layer {
 public:
  explicit Scale(double factor) : factor_(factor) {}
  at::Tensor forward(const at::Tensor& x) override { return x * factor_; }
  Part part() override { return {ops::PointPart{true}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  double factor_;
};

class SumChannels : public Layer {
 public:
  at::Tensor forward(const at::Tensor& x) override { return x.sum(1, /*keepdim=*/true); }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return {1, input.positions, input.length}; }
  Symmetry symmetry(const Activation& input) const override {
    const Symmetry& s = input.symmetry;
    if (s.is(Symmetry::Moves::none) || s.odd > 0) return Symmetry::none();
    return s.is(Symmetry::Moves::unchanged) ? s : Symmetry{Symmetry::Moves::split, 0, s.kept};
  }
};

class FlipChannels : public Layer {
 public:
  bool flips_channels() const override { return true; }
  at::Tensor forward(const at::Tensor& x) override { return x.flip({1}); }
  Part part() override { return {ops::PointPart{false}}; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry.odd > 0 ? Symmetry::none() : input.symmetry; }
};

LayerPtr make_scale(const spec::LayerSpec& spec, const Activation&) {
  return std::make_shared<Scale>(options_of<ScaleOptions>(spec).factor);
}

LayerPtr make_sum_channels(const spec::LayerSpec& spec, const Activation&) {
  options_of<SumChannelsOptions>(spec);
  return std::make_shared<SumChannels>();
}

LayerPtr make_flip_channels(const spec::LayerSpec& spec, const Activation&) {
  options_of<FlipChannelsOptions>(spec);
  return std::make_shared<FlipChannels>();
}

}  // namespace

void describe(Visitor& v, ScaleOptions& o) { v("factor", o.factor, "what every value is multiplied by; not learned"); }

void describe(Visitor&, SumChannelsOptions&) {}
void describe(Visitor&, FlipChannelsOptions&) {}

std::span<const LayerType> channel_layers() {
  static constexpr LayerType kTypes[] = {
      {"scale", "a constant factor", describe_fresh<ScaleOptions>, make_scale, &spec::forms::kAsItIs},
      {"sum_channels", "the sum over channels", describe_fresh<SumChannelsOptions>, make_sum_channels, &spec::forms::kAsItIs},
      {"flip_channels", "channels in reverse order", describe_fresh<FlipChannelsOptions>, make_flip_channels, &spec::forms::kFlipChannels},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
