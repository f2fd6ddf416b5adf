// Layers that bring the two strands together, and small ones around them.
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/nn/detail/layer_makers.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layers.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
namespace {

// Sum or mean of partners: (N, 2 F, L) to (N, F, L), (N, 2 F) to (N, F).
class RcPool : public Layer {
 public:
  RcPool(double factor, const Shape& input) : factor_(factor), positions_(input.positions) {}

  at::Tensor forward(const at::Tensor& x) override {
    const std::int64_t pairs = x.size(1) / 2;
    const at::Tensor other = x.slice(1, pairs);
    const at::Tensor sum = x.slice(1, 0, pairs) + (x.dim() == 3 ? other.flip({1, 2}) : other.flip({1}));
    return factor_ == 1.0 ? sum : sum * factor_;
  }

  Shape output_shape(const Shape& input) const override { return {input.channels / 2, input.positions, input.length}; }
  Alignment alignment() const override { return positions_ ? Alignment::everything() : Alignment::pointwise(); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::unchanged(); }

 private:
  double factor_;
  bool positions_;
};

// Learned weights of positions: (N, 2 F, L) to (N, 2 F).
class RcWeightedPool : public Layer {
 public:
  RcWeightedPool(bool symmetric, const Shape& input) : symmetric_(symmetric), built_for_(input) {
    const std::int64_t learned = symmetric ? (input.length + 1) / 2 : input.length;
    weight_ = register_parameter("weight", at::zeros(detail::checked_weight({input.channels / 2, learned})));
  }

  void initialise(std::uint64_t seed, const std::string& name) override {
    const double bound = std::sqrt(6.0 / (2.0 * static_cast<double>(built_for_.length * built_for_.channels)));
    const at::NoGradGuard no_grad;
    fill_uniform(weight_, Stream(seed, name_hash(name + ".weight")), -bound, bound);
  }

  at::Tensor forward(const at::Tensor& x) override {
    at::Tensor half = weight_;
    if (symmetric_) half = at::cat({half, half.slice(1, 0, built_for_.length / 2).flip({1})}, 1);
    return (x * at::cat({half, half.flip({0, 1})})).sum(2);
  }

  Shape output_shape(const Shape& input) const override {
    if (input.length != Shape::kVaries && input.length != built_for_.length)
      throw ShapeError(format("got {}, but this layer was built for {}", input.to_string(), built_for_.to_string()));
    return {input.channels, false, Shape::kVaries};
  }
  Alignment alignment() const override { return Alignment::everything(); }
  Symmetry symmetry(const Activation&) const override { return Symmetry::complemented(); }
  double multiply_adds(const Shape&) const override { return static_cast<double>(built_for_.channels * built_for_.length); }

 private:
  bool symmetric_;
  Shape built_for_;
  at::Tensor weight_;
};

class Scale : public Layer {
 public:
  explicit Scale(double factor) : factor_(factor) {}
  at::Tensor forward(const at::Tensor& x) override { return x * factor_; }
  Part part() override { return {ops::PointPart{true}}; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }

 private:
  double factor_;
};

class SumChannels : public Layer {
 public:
  at::Tensor forward(const at::Tensor& x) override { return x.sum(1, /*keepdim=*/true); }
  Shape output_shape(const Shape& input) const override { return {1, input.positions, input.length}; }
  Symmetry symmetry(const Activation& input) const override {
    const Symmetry& s = input.symmetry;
    if (s.is(Symmetry::Moves::none) || s.odd > 0) return Symmetry::none();
    return s.is(Symmetry::Moves::unchanged) ? s : Symmetry{Symmetry::Moves::split, 0, s.kept};
  }
};

class FlipChannels : public Layer {
 public:
  at::Tensor forward(const at::Tensor& x) override { return x.flip({1}); }
  Part part() override { return {ops::PointPart{false}}; }
  Shape output_shape(const Shape& input) const override { return input; }
  Symmetry symmetry(const Activation& input) const override { return input.symmetry.odd > 0 ? Symmetry::none() : input.symmetry; }
};

}  // namespace

namespace detail {

LayerPtr make_rc_pool(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<RcPoolOptions>(spec);
  need_pairs(input);
  if (o.kind != "weighted") {
    if (o.symmetric) throw ShapeError(format("'symmetric' belongs to kind = \"weighted\"; found kind = \"{}\"", o.kind));
    return std::make_shared<RcPool>(o.kind == "mean" ? 0.5 : 1.0, input.shape);
  }
  need_positions(input.shape);
  if (input.shape.length == Shape::kVaries)
    throw ShapeError(format("got {} of unknown length; weights of positions need one: give the input a 'length'", input.shape.to_string()));
  return std::make_shared<RcWeightedPool>(o.symmetric, input.shape);
}

LayerPtr make_scale(const spec::LayerSpec& spec, const Activation&) { return std::make_shared<Scale>(options_of<ScaleOptions>(spec).factor); }

LayerPtr make_sum_channels(const spec::LayerSpec& spec, const Activation&) {
  options_of<SumChannelsOptions>(spec);
  return std::make_shared<SumChannels>();
}

LayerPtr make_flip_channels(const spec::LayerSpec& spec, const Activation&) {
  options_of<FlipChannelsOptions>(spec);
  return std::make_shared<FlipChannels>();
}

}  // namespace detail
}  // namespace basewise::nn
