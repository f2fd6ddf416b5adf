#include "basewise/nn/detail/layers_dense.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/ops/conv.h"
#include "basewise/ops/dense.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class Dense : public WeightedLayer {
 public:
  Dense(const DenseOptions& o, const Shape& input)
      : WeightedLayer(o.weight, {o.units, width_of(o, input)}, o.bias), options_(o), built_for_(input) {}

  at::Tensor forward(const at::Tensor& x) override {
    // What was built for a flattening gets its input in front of it where a graph leaves that to
    // this layer.
    if (x.dim() == 3 && built_for_.positions && options_.on == DenseOn::channels) return ops::conv1d(x, weight_.unsqueeze(2), bias_, {});
    return linear(x, weight_, bias_);
  }
  Part part() override { return {ops::DensePart{weight_, bias_, options_.on == DenseOn::channels}}; }

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Shape output_shape(const Shape& input) const override {
    if (!input.positions) return {options_.units, false, Shape::kVaries};
    if (options_.on == DenseOn::channels) return {options_.units, true, input.length};
    if (input.length != built_for_.length)
      throw ShapeError(format("got {}, expected {}: a dense layer on flattened positions takes only the length it was built for",
                              input.to_string(), built_for_.to_string()));
    return {options_.units, false, Shape::kVaries};
  }

  Alignment alignment() const override { return options_.on == DenseOn::flat ? Alignment::everything() : Alignment::pointwise(); }

  // The channels of a position alone: positions may run the other way.
  Symmetry symmetry(const Activation& input) const override {
    const bool mirrored = options_.on == DenseOn::channels && input.symmetry.channels_stay();
    return mirrored ? input.symmetry : Layer::symmetry(input);
  }

  double multiply_adds(const Shape& input) const override {
    const bool each = input.positions && options_.on == DenseOn::channels;
    return static_cast<double>(weight_.numel()) * static_cast<double>(each ? input.length : 1);
  }

 private:
  static std::int64_t width_of(const DenseOptions& o, const Shape& input) {
    if (!input.positions || o.on == DenseOn::channels) return input.channels;
    if (input.length == Shape::kVaries)
      throw ShapeError(
          format("got {} of unknown length; a dense layer on flattened positions needs one: give the input a 'length', pool "
                 "with global = true before, or set on = \"channels\"",
                 input.to_string()));
    const std::int64_t width = input.channels * input.length;
    if (width > 1'000'000'000)
      throw ShapeError(format("got {}: {} values per example are too many for a dense layer", input.to_string(), width));
    return width;
  }

  DenseOptions options_;
  Shape built_for_;
};

LayerPtr dense_from_file(const spec::LayerSpec& spec, const Activation& input) { return make_dense(options_of<DenseOptions>(spec), input); }

}  // namespace

void describe(Visitor& v, DenseOptions& o) {
  v("units", o.units, "outputs", required_count());
  v("on", o.on, "what is put together");
  v("bias", o.bias, "add a learned constant to each output");
  describe(v, o.weight);
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (ops::takes_dense(x, weight)) return ops::dense(x, weight, bias);
  std::optional<at::Tensor> offset;
  if (bias.defined()) offset = bias;
  return at::linear(x.dim() == 3 ? x.flatten(1) : x, weight, offset);
}

LayerPtr make_dense(const DenseOptions& o, const Activation& input) { return std::make_shared<Dense>(o, input.shape); }

std::span<const LayerType> dense_layers() {
  static constexpr LayerType kTypes[] = {
      {"dense", "matrix product: (N, C, L) or (N, C) to (N, units), or the channels of each position", describe_fresh<DenseOptions>,
       dense_from_file, &spec::forms::kDense},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
