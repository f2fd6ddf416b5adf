#include "basewise/nn/detail/layers_rc_pool.h"

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/initialise.h"
#include "basewise/nn/layer_options.h"
#include "basewise/spec/strand_forms.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn::detail {
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

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
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
    weight_ = register_parameter("weight", at::zeros(checked_weight({input.channels / 2, learned})));
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

  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
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

LayerPtr make_rc_pool(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<RcPoolOptions>(spec);
  need_pairs(input);
  if (o.kind != StrandPool::weighted) return std::make_shared<RcPool>(o.kind == StrandPool::mean ? 0.5 : 1.0, input.shape);
  need_positions(input.shape);
  if (input.shape.length == Shape::kVaries)
    throw ShapeError(format("got {} of unknown length; weights of positions need one: give the input a 'length'", input.shape.to_string()));
  return std::make_shared<RcWeightedPool>(o.symmetric, input.shape);
}

}  // namespace

void describe(Visitor& v, RcPoolOptions& o) {
  v("kind", o.kind, "how the two channels of a pair come together: sum and mean give (N, F, L) or (N, F), weighted (N, 2 F)");
  v.when("kind", o.kind, {StrandPool::weighted}, [&] { v("symmetric", o.symmetric, "position t weighs as much as L - 1 - t"); });
}

std::span<const LayerType> rc_pool_layers() {
  static constexpr LayerType kTypes[] = {
      {"rc_pool", "brings the channels of RC pairs together: sum, mean, or learned weights of positions", describe_fresh<RcPoolOptions>,
       make_rc_pool, &spec::forms::kStranded},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
