#include "basewise/nn/detail/layers_dropout.h"

#include "basewise/nn/detail/same_shape.h"
#include "basewise/nn/dropout.h"
#include "basewise/nn/layer_options.h"
#include "basewise/nn/parts.h"
#include "basewise/ops/native.h"
#include "basewise/ops/pool.h"
#include "basewise/spec/strand_forms.h"

namespace basewise::nn::detail {
namespace {

class Dropout : public SameShape {
 public:
  explicit Dropout(const DropoutOptions& o) : options_(o) {}
  bool draws() const { return options_.rate > 0; }
  at::Tensor forward(const at::Tensor& x) override {
    if (!is_training() || options_.rate == 0.0) return x;
    if (!options_.channels && ops::native(x)) return ops::dropout(x, options_.rate);
    return options_.channels ? at::feature_dropout(x, options_.rate, true) : at::dropout(x, options_.rate, true);
  }
  // Of what is dropped in training the strands know nothing: the law is one of evaluation there.
  Symmetry symmetry(const Activation& input) const override { return input.symmetry; }
  AttributionRule attribution_rule() const override { return AttributionRule::linear; }
  Part part() override { return is_training() ? Part{} : Part{ops::PassPart{}}; }

 private:
  DropoutOptions options_;
};

LayerPtr make_dropout(const spec::LayerSpec& spec, const Activation&) {
  return std::make_shared<Dropout>(options_of<DropoutOptions>(spec));
}

}  // namespace

void describe(Visitor& v, DropoutOptions& o) {
  Constraint below_one = between(0, 1);
  below_one.maximum_open = true;
  v("rate", o.rate, "share of values set to zero in training", below_one);
  v("channels", o.channels, "drop whole channels instead of single values");
}

std::span<const LayerType> dropout_layers() {
  static constexpr LayerType kTypes[] = {
      {"dropout", "sets random values to zero in training", describe_fresh<DropoutOptions>, make_dropout, &spec::forms::kDropout},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail

namespace basewise::nn {

bool drops_out(const torch::nn::Module& layer) {
  const auto* dropout = dynamic_cast<const detail::Dropout*>(&layer);
  return dropout != nullptr && dropout->draws();
}

}  // namespace basewise::nn
