// Descriptions of all layer options, and the reader that fills them from a model file.
#include <algorithm>
#include <cmath>

#include "basewise/nn/initialise.h"
#include "basewise/nn/layer.h"
#include "basewise/nn/layers.h"

namespace basewise::nn {
namespace {

Constraint count(double most = 1e9) {
  Constraint c = between(1, most);
  return c;
}

Constraint required_count() {
  Constraint c = count(1e6);
  c.required = true;
  return c;
}

}  // namespace

void describe(Visitor& v, WeightOptions& o) {
  v("initialiser", o.initialiser, "rule for the start of the weight", one_of(initialiser_names()));
  v("initialiser_scale", o.initialiser_scale, "deviation of normal, half width of uniform, value of constant; a factor for the other rules");
  v("bias_initialiser", o.bias_initialiser, "rule for the start of the bias", one_of(initialiser_names()));
  v("bias_scale", o.bias_scale, "the same for the bias");
  v("l1", o.l1, "adds l1 * sum |w| of the weight to the loss", non_negative());
  v("l2", o.l2, "adds l2 * sum w^2 of the weight to the loss", non_negative());
  v("max_norm", o.max_norm, "largest L2 norm of the weights of one output channel, enforced after each step", positive());
}

void describe(Visitor& v, ConvOptions& o) {
  v("filters", o.filters, "output channels", required_count());
  v("width", o.width, "positions of the kernel", required_count());
  v("stride", o.stride, "input positions per output position", count(1e6));
  v("dilation", o.dilation, "distance between the positions that the kernel reads", count(1e6));
  v("groups", o.groups, "groups of channels that do not mix", count(1e6));
  v("padding", o.padding, "same: L / stride positions, zeros at both ends; valid: none; causal: zeros at the left only; explicit: pad_left, pad_right",
    one_of({"same", "valid", "causal", "explicit"}));
  v("pad_left", o.pad_left, "zeros at the left end, with padding = explicit", between(0, 1e6));
  v("pad_right", o.pad_right, "zeros at the right end, with padding = explicit", between(0, 1e6));
  v("bias", o.bias, "add a learned constant to each output channel");
  describe(v, o.weight);
}

void describe(Visitor& v, DenseOptions& o) {
  v("units", o.units, "outputs", required_count());
  v("on", o.on, "flat: all channels and positions together; channels: the channels of each position alike", one_of({"flat", "channels"}));
  v("bias", o.bias, "add a learned constant to each output");
  describe(v, o.weight);
}

void describe(Visitor& v, BatchNormOptions& o) {
  v("eps", o.eps, "added to the variance", positive());
  v("momentum", o.momentum, "weight of the new batch in the running mean and variance (Keras writes 1 - this)", fraction());
  v("affine", o.affine, "learn a scale and a shift per channel");
}

void describe(Visitor& v, LayerNormOptions& o) {
  v("eps", o.eps, "added to the variance", positive());
  v("affine", o.affine, "learn a scale and a shift per channel");
}

void describe(Visitor& v, PoolOptions& o) {
  v("kind", o.kind, "max, mean, or attention: mean weighted by a softmax over the window of a learned mix of channels",
    one_of({"max", "mean", "attention"}));
  v("width", o.width, "positions per window", count());
  v("stride", o.stride, "positions from window to window; default: the width", count());
  v("padding", o.padding, "valid: only whole windows; same: L / stride windows, what lies outside does not count", one_of({"valid", "same"}));
  v("global", o.global, "one window over all positions; gives (N, C)");
}

void describe(Visitor& v, DropoutOptions& o) {
  Constraint below_one = between(0, 1);
  below_one.maximum_open = true;
  v("rate", o.rate, "share of values set to zero in training", below_one);
  v("channels", o.channels, "drop whole channels instead of single values");
}

void describe(Visitor& v, ActivationOptions& o) {
  v("kind", o.kind, "the function; gelu_tanh is the tanh approximation of gelu, softmax runs over channels",
    one_of({"relu", "gelu", "gelu_tanh", "elu", "leaky_relu", "exponential", "sigmoid", "softplus", "tanh", "silu", "softmax"}));
  v("slope", o.slope, "leaky_relu: slope below zero", non_negative());
  v("alpha", o.alpha, "elu: -alpha is the limit far below zero", positive());
}

void describe(Visitor&, FlattenOptions&) {}

void describe(Visitor& v, CropOptions& o) {
  v("left", o.left, "positions cut at the left end", between(0, 1e9));
  v("right", o.right, "positions cut at the right end", between(0, 1e9));
  v("length", o.length, "cut both ends to this length instead", count());
}

void describe(Visitor& v, UpsampleOptions& o) {
  v("factor", o.factor, "output positions per input position", count(1e4));
  v("kind", o.kind, "nearest repeats, linear interpolates between centres", one_of({"nearest", "linear"}));
}

void describe(Visitor& v, ResidualOptions& o) {
  v("project", o.project, "a convolution of width 1 on the skip: auto when channels change, always, or never", one_of({"auto", "always", "never"}));
  describe(v, o.weight);
}

void describe(Visitor&, BlockOptions&) {}

namespace {

// Fills one described struct from the options of one layer.
class OptionReader : public Visitor {
 public:
  explicit OptionReader(const spec::LayerSpec& spec) : spec_(spec), used_(spec.options.size(), false) {}

  void option(Option option) override {
    known_.emplace_back(option.name);
    for (std::size_t i = 0; i < spec_.options.size(); ++i) {
      if (spec_.options[i].key != option.name) continue;
      used_[i] = true;
      std::visit([&](auto* target) { set(*target, spec_.options[i], option); }, option.value);
      return;
    }
    if (option.constraint.required) fail(spec_.where, format("option '{}' is missing ({})", option.name, option.help));
  }

  void group_of(std::string_view, std::string_view, const std::function<void(Visitor&)>& inside) override { inside(*this); }
  void list_of(OptionList) override { throw InternalError("layer options hold no lists of tables"); }

  void refuse_unknown() const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) continue;
      const spec::SpecOption& option = spec_.options[i];
      const auto near = nearest(option.key, known_);
      const std::string hint = near             ? format("did you mean '{}'?", *near)
                               : known_.empty() ? std::string("this type has none")
                                                : format("expected one of: {}", fmt::join(known_, ", "));
      fail(option.value.where, format("unknown option '{}'; {}", option.key, hint));
    }
  }

 private:
  [[noreturn]] void fail(const FilePosition& where, const std::string& problem) const {
    spec::throw_spec_error(where, format("layer '{}' ({}): {}", spec_.path, spec_.type, problem));
  }

  [[noreturn]] void wrong_type(const spec::SpecOption& given, std::string_view expected) const {
    fail(given.value.where, format("option '{}' must be {}; found {}", given.key, expected, given.value.kind()));
  }

  void check_bounds(double x, const spec::SpecOption& given, const Constraint& c) const {
    const bool low = c.minimum_open ? x > c.minimum : x >= c.minimum;
    const bool high = c.maximum_open ? x < c.maximum : x <= c.maximum;
    if (!std::isfinite(x)) fail(given.value.where, format("option '{}' is {}; expected a finite number", given.key, x));
    if (!low || !high) fail(given.value.where, format("option '{}' is {}; it must be {}", given.key, x, c.text()));
  }

  void set(bool& target, const spec::SpecOption& given, const Option&) const {
    if (const bool* x = std::get_if<bool>(&given.value.value)) target = *x;
    else wrong_type(given, "true or false");
  }
  void set(std::int64_t& target, const spec::SpecOption& given, const Option& option) const {
    const auto* x = std::get_if<std::int64_t>(&given.value.value);
    if (x == nullptr) wrong_type(given, "a whole number");
    check_bounds(static_cast<double>(*x), given, option.constraint);
    target = *x;
  }
  void set(double& target, const spec::SpecOption& given, const Option& option) const {
    if (const double* x = std::get_if<double>(&given.value.value)) target = *x;
    else if (const auto* n = std::get_if<std::int64_t>(&given.value.value)) target = static_cast<double>(*n);
    else wrong_type(given, "a number");
    check_bounds(target, given, option.constraint);
  }
  void set(std::string& target, const spec::SpecOption& given, const Option& option) const {
    const auto* x = std::get_if<std::string>(&given.value.value);
    if (x == nullptr) wrong_type(given, "text in quotes");
    const std::vector<std::string>& choices = option.constraint.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), *x) == choices.end()) {
      const auto near = nearest(*x, choices);
      fail(given.value.where, format("option '{}' is \"{}\"; it must be {}{}", given.key, *x, option.constraint.text(),
                                     near ? format(" (did you mean \"{}\"?)", *near) : std::string()));
    }
    target = *x;
  }
  void set(std::optional<std::int64_t>& target, const spec::SpecOption& given, const Option& option) const { set(target.emplace(), given, option); }
  void set(std::optional<double>& target, const spec::SpecOption& given, const Option& option) const { set(target.emplace(), given, option); }

  template <class T>
  void set(T&, const spec::SpecOption& given, const Option&) const {
    throw InternalError(format("no layer option has the type of '{}'", given.key));
  }

  const spec::LayerSpec& spec_;
  std::vector<bool> used_;
  std::vector<std::string> known_;
};

}  // namespace

void read_options(const Described& options, const spec::LayerSpec& spec) {
  OptionReader reader(spec);
  options(reader);
  reader.refuse_unknown();
}

}  // namespace basewise::nn
