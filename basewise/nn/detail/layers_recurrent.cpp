#include "basewise/nn/detail/layers_recurrent.h"

#include <array>

#include "basewise/core/error.h"
#include "basewise/nn/detail/bounds.h"
#include "basewise/nn/detail/symmetry.h"
#include "basewise/nn/layer_options.h"
#include "basewise/ops/recurrent.h"
#include "basewise/spec/strand_form.h"

namespace basewise::nn::detail {
namespace {

// What a layer is built from.
struct Cell {
  kernels::RecurrentCell kind = kernels::RecurrentCell::gru;
  Gates gates = Gates::sigmoid;
  double forget_bias = 0.0;  // of an LSTM
  RecurrentOptions options;

  bool lstm() const { return kind == kernels::RecurrentCell::lstm; }
  std::int64_t gate_units() const { return (lstm() ? 4 : 3) * options.units; }
};

// The parameters, and what they make of an input.
class RecurrentCore {
 public:
  RecurrentCore(torch::nn::Module& layer, Cell cell, std::int64_t channels) : cell_(std::move(cell)), channels_(channels) {
    const std::int64_t gates = cell_.gate_units(), units = cell_.options.units;
    for (std::size_t d = 0; d < directions(); ++d) {
      ops::RecurrentWeight& w = weights_[d];
      w.weight = layer.register_parameter(named("weight", d), at::zeros(checked_weight({gates, channels})));
      w.recurrent = layer.register_parameter(named("recurrent_weight", d), at::zeros(checked_weight({gates, units})));
      w.bias = layer.register_parameter(named("bias", d), at::zeros({gates}));
      if (cell_.kind == kernels::RecurrentCell::gru)
        w.recurrent_bias = layer.register_parameter(named("recurrent_bias", d), at::zeros({gates}));
    }
  }

  ops::RecurrentResult operator()(const at::Tensor& x, const at::Tensor& state, const at::Tensor& cell) const {
    const kernels::GateFunction gates =
        cell_.gates == Gates::sigmoid ? kernels::GateFunction::sigmoid : kernels::GateFunction::hard_sigmoid;
    const ops::RecurrentSettings settings{cell_.kind, gates, cell_.options.bidirectional};
    return ops::recurrent({x, weights_, state, cell}, settings, sequence());
  }

  void initialise(std::uint64_t seed, const std::string& name) {
    const RecurrentOptions& o = cell_.options;
    const auto units = static_cast<double>(o.units), gates = static_cast<double>(cell_.gate_units());
    const auto start = [&](at::Tensor& parameter, Initialiser rule, double scale, double inputs, const std::string& own) {
      const Fans fans{rule == Initialiser::torch ? units : inputs, gates};
      if (parameter.defined()) nn::initialise(parameter, rule, scale, fans, seed, name + "." + own);
    };
    for (std::size_t d = 0; d < directions(); ++d) {
      ops::RecurrentWeight& w = weights_[d];
      start(w.weight, o.weight.initialiser, o.weight.initialiser_scale, static_cast<double>(channels_), named("weight", d));
      start(w.recurrent, o.recurrent_initialiser, o.recurrent_scale, units, named("recurrent_weight", d));
      start(w.bias, o.weight.bias_initialiser, o.weight.bias_scale, units, named("bias", d));
      start(w.recurrent_bias, o.weight.bias_initialiser, o.weight.bias_scale, units, named("recurrent_bias", d));
      if (!cell_.lstm()) continue;
      const at::NoGradGuard no_grad;
      w.bias.narrow(0, o.units, o.units).fill_(cell_.forget_bias);
    }
  }

  // Of the weights of the input, as Keras' kernel_regularizer.
  at::Tensor penalty() const {
    at::Tensor sum;
    const auto add = [&](const at::Tensor& term) { sum = sum.defined() ? sum + term : term; };
    for (std::size_t d = 0; d < directions(); ++d) {
      const WeightOptions& o = cell_.options.weight;
      if (o.l1 > 0) add(weights_[d].weight.abs().sum() * o.l1);
      if (o.l2 > 0) add(weights_[d].weight.square().sum() * o.l2);
    }
    return sum;
  }

  void constrain() {
    const auto most = cell_.options.weight.max_norm;
    if (!most) return;
    const at::NoGradGuard no_grad;
    for (std::size_t d = 0; d < directions(); ++d)
      for (at::Tensor* w : {&weights_[d].weight, &weights_[d].recurrent})
        w->mul_((*most / w->norm(2, 1).clamp_min(1e-30)).clamp_max(1.0).unsqueeze(1));
  }

  bool lstm() const { return cell_.lstm(); }
  bool sequence() const { return cell_.options.output == RecurrentOutput::sequence; }
  std::int64_t units() const { return cell_.options.units; }
  std::int64_t channels() const { return channels_; }
  std::size_t directions() const { return cell_.options.bidirectional ? 2 : 1; }
  double multiply_adds(std::int64_t length) const {
    return static_cast<double>(length) * static_cast<double>(directions()) * static_cast<double>(cell_.gate_units()) *
           static_cast<double>(channels_ + units());
  }

 private:
  static std::string named(const std::string& name, std::size_t direction) { return direction == 0 ? name : name + "_reverse"; }

  Cell cell_;
  std::int64_t channels_;
  std::array<ops::RecurrentWeight, 2> weights_;
};

// What layers with one and with two directions share.
template <class Base>
class RecurrentLayer : public Base {
 public:
  RecurrentLayer(Cell cell, std::int64_t channels) : core_(*this, std::move(cell), channels) {}

  Shape output_shape(const Shape& input) const override {
    need_positions(input);
    if (input.channels != core_.channels())
      throw ShapeError(format("got {}, expected {} channels, which the layer was built for", input.to_string(), core_.channels()));
    const std::int64_t channels = static_cast<std::int64_t>(core_.directions()) * core_.units();
    return core_.sequence() ? Shape{channels, true, input.length} : Shape{channels, false, Shape::kVaries};
  }
  Alignment alignment() const override { return core_.sequence() ? Alignment::among_all() : Alignment::everything(); }
  AttributionRule attribution_rule() const override { return AttributionRule::path; }
  double multiply_adds(const Shape& input) const override { return core_.multiply_adds(input.length); }
  at::Tensor penalty() const override { return core_.penalty(); }
  void constrain() override { core_.constrain(); }
  void initialise(std::uint64_t seed, const std::string& name) override { core_.initialise(seed, name); }

 protected:
  RecurrentCore core_;
};

class ToBothSides : public RecurrentLayer<Layer> {
 public:
  using RecurrentLayer::RecurrentLayer;
  at::Tensor forward(const at::Tensor& x) override {
    const ops::RecurrentResult result = core_(x, {}, {});
    return core_.sequence() ? result.states : result.last;
  }
};

class ToTheRight : public RecurrentLayer<LayerWithState> {
 public:
  using RecurrentLayer::RecurrentLayer;

 protected:
  Bundle initial_state(const at::Tensor& x) const override {
    const at::Tensor zeros = at::zeros({x.size(0), core_.units()}, x.options().requires_grad(std::nullopt));
    if (core_.lstm()) return {{"state", zeros}, {"cell", zeros.clone()}};
    return {{"state", zeros}};
  }

  std::pair<at::Tensor, Bundle> segment(const at::Tensor& x, const Bundle& state) override {
    const ops::RecurrentResult result = core_(x, state.at("state"), core_.lstm() ? state.at("cell") : at::Tensor());
    Bundle next{{"state", result.last}};
    if (core_.lstm()) next.set("cell", result.cell);
    return {core_.sequence() ? result.states : result.last, std::move(next)};
  }
};

LayerPtr made(Cell cell, const Activation& input) {
  need_positions(input.shape);
  if (cell.options.bidirectional) return std::make_shared<ToBothSides>(std::move(cell), input.shape.channels);
  return std::make_shared<ToTheRight>(std::move(cell), input.shape.channels);
}

LayerPtr make_gru(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<GruOptions>(spec);
  if (o.cell == GruCell::torch) return made({kernels::RecurrentCell::gru, Gates::sigmoid, 0.0, o.shared}, input);
  return made({kernels::RecurrentCell::gru_reset_before, o.gates, 0.0, o.shared}, input);
}

LayerPtr make_lstm(const spec::LayerSpec& spec, const Activation& input) {
  const auto o = options_of<LstmOptions>(spec);
  return made({kernels::RecurrentCell::lstm, o.gates, o.forget_bias, o.shared}, input);
}

spec::StrandState refuse_to_share(spec::LayerSpec layer, const spec::StrandPlace&, spec::StrandWriter&) {
  spec::refuse_sharing(layer, "units are no pairs of strands, and what comes first in the sequence comes last on the other strand");
}
constexpr spec::StrandForm kOneStrand{.rewrite = refuse_to_share};

void describe_shared(Visitor& v, RecurrentOptions& o) {
  v("units", o.units, "numbers of the state", required_count());
  v("bidirectional", o.bidirectional,
    "a second one runs from the last position to the first; its channels stand behind those of the first");
  v("output", o.output, "what the layer gives");
}

void describe_start(Visitor& v, RecurrentOptions& o) {
  describe(v, o.weight);
  v("recurrent_initialiser", o.recurrent_initialiser, "rule for the start of the recurrent weight");
  v("recurrent_scale", o.recurrent_scale, "the same as initialiser_scale for the recurrent weight");
}

}  // namespace

void describe(Visitor& v, GruOptions& o) {
  describe_shared(v, o.shared);
  v("cell", o.cell, "where the reset gate acts");
  v.when("cell", o.cell, {GruCell::keras1}, [&] { v("gates", o.gates, "function of the gates"); });
  describe_start(v, o.shared);
}

void describe(Visitor& v, LstmOptions& o) {
  describe_shared(v, o.shared);
  v("gates", o.gates, "function of the gates");
  v("forget_bias", o.forget_bias, "start of the bias of the forget gate", between(-1e6, 1e6));
  describe_start(v, o.shared);
}

std::span<const LayerType> recurrent_layers() {
  static constexpr LayerType kTypes[] = {
      {"gru", "a state that is carried along the positions, changed at each by two gates", describe_fresh<GruOptions>, make_gru,
       &kOneStrand},
      {"lstm", "a state and a longer memory that are carried along the positions, changed at each by three gates",
       describe_fresh<LstmOptions>, make_lstm, &kOneStrand},
  };
  return kTypes;
}

}  // namespace basewise::nn::detail
