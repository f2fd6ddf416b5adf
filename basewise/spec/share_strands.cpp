#include "basewise/spec/share_strands.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "basewise/spec/detail/model_text.h"
#include "basewise/spec/detail/wrap_layers.h"
#include "basewise/core/options.h"

namespace basewise::spec {
namespace {

using detail::TextHead;
using detail::TextInput;
using detail::TextLayer;
using detail::TextModel;
using Layers = std::vector<TextLayer>;

/// What an activation of the rewritten model is.
struct State {
  enum class Form { pairs, mirrored, invariant };
  Form form = Form::pairs;
  bool positions = true;
  bool single = false;  ///< one channel: its own reversal

  bool pairs() const { return form == Form::pairs; }
};

struct Scope {
  std::map<std::string, State> names;
  State last;
};

/// The head that layers belong to; for layers before the heads nothing is known.
struct HeadRule {
  std::optional<StrandRule> rule;
  bool stranded() const { return rule == StrandRule::paired || rule == StrandRule::complemented; }
};

std::string text_option(const TextLayer& layer, std::string_view key) {
  const SpecValue* value = layer.option(key);
  const auto* text = value ? std::get_if<std::string>(&value->value) : nullptr;
  return text ? *text : std::string();
}

std::int64_t whole_option(const TextLayer& layer, std::string_view key, std::int64_t otherwise) {
  const SpecValue* value = layer.option(key);
  const auto* number = value ? std::get_if<std::int64_t>(&value->value) : nullptr;
  return number ? *number : otherwise;
}

bool flag_option(const TextLayer& layer, std::string_view key, bool otherwise) {
  const SpecValue* value = layer.option(key);
  const auto* flag = value ? std::get_if<bool>(&value->value) : nullptr;
  return flag ? *flag : otherwise;
}

std::optional<StrandRule> rule_option(const std::vector<SpecOption>& options) {
  const SpecValue* value = detail::find_option(options, "strands");
  if (!value) return std::nullopt;
  return seq::parse_strand_rule(std::get<std::string>(value->value));
}

[[noreturn]] void refuse(const TextLayer& layer, const std::string& why) {
  throw ArgumentError(format("{}: has no form that is shared between the strands: {}", layer.label(), why));
}

TextLayer made(std::string name, std::string type, const FilePosition& where, std::vector<SpecOption> options = {}) {
  TextLayer layer;
  layer.name = std::move(name);
  layer.type = std::move(type);
  layer.where = where;
  layer.options = std::move(options);
  return layer;
}

SpecValue text_value(std::string text) { return {std::move(text), {}}; }
SpecValue whole_value(std::int64_t number) { return {number, {}}; }

class Sharing {
 public:
  Sharing(const SharingOptions& options, std::string origin) : options_(options), origin_(std::move(origin)) {}

  void rewrite(TextModel& model) {
    Scope scope;
    for (const TextInput& input : model.inputs) scope.names[input.name] = state_of(input), names_.insert(input.name);
    for (const TextLayer& layer : model.layers) names_.insert(layer.name);
    for (const TextHead& head : model.heads) names_.insert(head.name);
    scope.last = scope.names.at(model.inputs.front().name);
    model.layers = rewritten(std::move(model.layers), scope, {});
    const std::string trunk = model.layers.empty() ? model.inputs.front().name : last_name(model.layers.back());
    const std::size_t before = model.layers.size();
    for (TextHead& head : model.heads) rewrite(head, scope, model.layers);
    // What was put behind the trunk for a head is not what the other heads mean by "the last layer".
    if (model.layers.size() > before)
      for (TextHead& head : model.heads)
        if (head.from.empty()) head.from = {trunk};
  }

 private:
  static std::string last_name(const TextLayer& layer) { return layer.name; }

  State state_of(const TextInput& input) const {
    State state;
    const auto whole = [&](std::string_view key) {
      const SpecValue* value = detail::find_option(input.options, key);
      return value ? std::get<std::int64_t>(value->value) : 0;
    };
    state.positions = whole("features") == 0;
    const std::int64_t channels = state.positions ? whole("channels") : whole("features");
    state.single = channels == 1;
    StrandRule rule = !state.positions                            ? StrandRule::unchanged
                      : input.name == "sequence" || channels == 4 ? StrandRule::complemented
                                                                  : StrandRule::mirrored;
    if (state.positions && channels == 2 && input.name != "sequence") rule = StrandRule::paired;
    rule = rule_option(input.options).value_or(rule);
    state.form = rule == StrandRule::unchanged  ? State::Form::invariant
                 : rule == StrandRule::mirrored ? State::Form::mirrored
                                                : State::Form::pairs;
    if (rule == StrandRule::mirrored && !state.positions) state.form = State::Form::invariant;
    if (rule == StrandRule::paired && channels > 2)
      throw_spec_error({origin_, 1, 0},
                       format("input '{}' has {} channels in pairs of strands: only two can be shared", input.name, channels));
    return state;
  }

  std::string fresh(const std::string& wanted) {
    std::string name = wanted;
    for (int n = 2; names_.contains(name); ++n) name = format("{}_{}", wanted, n);
    names_.insert(name);
    return name;
  }

  /// What `from` gives; for a concatenation it becomes [reversed, pairs, as they are], with layers that reverse put into `before`.
  State sources(std::vector<std::string>& from, const std::string& combine, const FilePosition& where, const Scope& scope, Layers& before) {
    if (from.empty()) return scope.last;
    std::vector<State> states;
    for (const std::string& name : from) states.push_back(scope.names.at(name));
    const auto pairs = static_cast<std::size_t>(std::count_if(states.begin(), states.end(), [](const State& s) { return s.pairs(); }));
    const bool alike = std::all_of(states.begin(), states.end(), [&](const State& s) { return s.form == states[0].form; });
    if (from.size() == 1) return states[0];
    if (alike && (combine == "add" || pairs == 0)) {
      states[0].single = states[0].single && combine == "add";
      return states[0];
    }
    if (combine == "add") throw_spec_error(where, format("adds [{}], which move unlike under reverse complement", fmt::join(from, ", ")));
    if (pairs != 1)
      throw_spec_error(
          where, format("concatenates [{}]: {} of them have channels for both strands; at most one can", fmt::join(from, ", "), pairs));
    return both_sides(from, states, where, before);
  }

  State both_sides(std::vector<std::string>& from, const std::vector<State>& states, const FilePosition& where, Layers& before) {
    std::vector<std::string> left, right;
    std::string middle;
    State state;
    for (std::size_t k = 0; k < from.size(); ++k) {
      if (states[k].pairs()) {
        middle = from[k];
        state = states[k];
        continue;
      }
      right.push_back(from[k]);
      left.insert(left.begin(), states[k].single ? from[k] : flipped(from[k], where, before));
    }
    from = left;
    from.push_back(middle);
    from.insert(from.end(), right.begin(), right.end());
    state.single = false;
    return state;
  }

  const std::string& flipped(const std::string& name, const FilePosition& where, Layers& before) {
    auto [it, added] = flipped_.try_emplace(name);
    if (added) {
      it->second = fresh(name + "_flipped");
      before.push_back(made(it->second, "flip_channels", where));
      before.back().from = {name};
    }
    return it->second;
  }

  Layers rewritten(Layers layers, Scope& scope, const std::optional<HeadRule>& head) {
    Layers out;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const bool linear = !detail::goes_on(layers, i), last = i + 1 == layers.size();
      TextLayer layer = layers[i];
      State state = sources(layer.from, layer.combine, layer.where, scope, out);
      if (state.form == State::Form::mirrored && layer.type != "flip_channels")
        refuse(layer, "it reads a track without strand alone; such tracks can only be concatenated with what has strands");
      // What is invariant goes through any layer.
      if (state.pairs())
        state = shared(std::move(layer), state, linear, last, scope, head, out);
      else {
        if (layer.type == "dense" || layer.type == "flatten" || flag_option(layer, "global", false)) state.positions = false;
        state.single = false;
        out.push_back(std::move(layer));
      }
      scope.names[layers[i].name] = scope.last = state;
    }
    return out;
  }

  State shared(TextLayer layer, State state, bool linear, bool last, const Scope& scope, const std::optional<HeadRule>& head, Layers& out) {
    const std::string& type = layer.type;
    if (type == "conv" || (type == "dense" && text_option(layer, "on") == "channels"))
      return convolution(std::move(layer), linear, last, head, out);
    if (type == "dense") return dense(std::move(layer), state, last, head, out);
    if (type == "flatten") return flatten(std::move(layer), out);
    if (type == "batch_norm") layer.type = "rc_batch_norm";
    if (type == "layer_norm" && flag_option(layer, "affine", true))
      refuse(layer, "its scale and shift of each channel; affine = false has one");
    if (type == "pool" && text_option(layer, "kind") == "attention")
      refuse(layer, "attention weighs channels by themselves; use max or mean");
    if (type == "pool") state.positions = state.positions && !flag_option(layer, "global", false);
    if (type == "residual" || type == "block") {
      Scope inner = scope;
      inner.last = state;
      layer.layers = rewritten(std::move(layer.layers), inner, std::nullopt);
      if (!inner.last.pairs()) refuse(layer, "what is inside gives up the strands; do that behind the block");
      state.positions = inner.last.positions;
    }
    out.push_back(std::move(layer));
    return state;
  }

  std::int64_t kept(std::int64_t filters) const {
    return std::max<std::int64_t>(1, std::llround(options_.filters * static_cast<double>(filters)));
  }

  SpecValue kept(const SpecValue& filters) const {
    if (const auto* list = std::get_if<std::vector<SpecValue>>(&filters.value)) {
      std::vector<SpecValue> all;
      for (const SpecValue& one : *list) all.push_back(kept(one));
      return {std::move(all), filters.where};
    }
    return {kept(std::get<std::int64_t>(filters.value)), filters.where};
  }

  State convolution(TextLayer layer, bool linear, bool last, const std::optional<HeadRule>& head, Layers& out) {
    if (layer.type == "dense") {
      if (const SpecValue* units = layer.option("units")) layer.set("filters", SpecValue(*units));
      layer.erase("units");
      layer.erase("on");
      layer.set("width", whole_value(1));
    }
    if (whole_option(layer, "groups", 1) != 1) refuse(layer, "groups of channels would have to be groups of pairs");
    if (text_option(layer, "padding") == "causal") refuse(layer, "causal padding treats the ends unlike; use valid or same");
    const SpecValue* filters = layer.option("filters");
    if (!filters) refuse(layer, "it says no number of filters");
    const std::int64_t count = whole_option(layer, "filters", 0);
    const bool end = head.has_value() && last && linear;
    const bool summed = end && count == 1;
    if (summed || (linear && count == 2))
      layer.set("filters", whole_value(1));
    else if (end && head->rule == StrandRule::complemented && count % 2 == 0)
      layer.set("filters", whole_value(count / 2));
    else if (end)
      refuse(layer, format("a head of {} channels; one or two have strands, and strands = \"complemented\" any even number", count));
    else
      layer.set("filters", kept(SpecValue(*filters)));
    layer.type = "rc_conv";
    if (options_.legacy_double_scale) layer.set("legacy_double_scale", {true, {}});
    const FilePosition where = layer.where;
    out.push_back(std::move(layer));
    if (!summed) return {};
    out.push_back(made("sum", "sum_channels", where));
    return {State::Form::mirrored, true, true};
  }

  /// Both strands as one: the layers that stand for `pool`, the first of which takes the sources of `reader`.
  void pool_strands(TextLayer& reader, bool positions, Layers& out, bool pairs_to_one = true) {
    const bool weighted = options_.pool == "weighted";
    if (weighted && !positions)
      refuse(reader, "strand.pool = \"weighted\" weighs positions, and there are none left here; use sum or mean");
    TextLayer pool = made(fresh("strands"), "rc_pool", reader.where, {{"kind", text_value(options_.pool)}});
    std::swap(pool.from, reader.from);
    std::swap(pool.combine, reader.combine);
    out.push_back(std::move(pool));
    if (weighted && pairs_to_one) out.push_back(made(fresh("pairs"), "rc_pool", reader.where, {{"kind", text_value("sum")}}));
  }

  State dense(TextLayer layer, const State& state, bool last, const std::optional<HeadRule>& head, Layers& out) {
    if (head && head->stranded()) return stranded_dense(std::move(layer), last, *head, out);
    const State result{State::Form::invariant, false, false};
    if (options_.pool == "weighted" && whole_option(layer, "units", 0) == 1 && head && last) {
      pool_strands(layer, state.positions, out, false);
      out.push_back(made(layer.name, "sum_channels", layer.where));
      return result;
    }
    pool_strands(layer, state.positions, out);
    out.push_back(std::move(layer));
    return result;
  }

  State stranded_dense(TextLayer layer, bool last, const HeadRule& head, Layers& out) {
    const std::int64_t units = whole_option(layer, "units", 0);
    if (last && (units % 2 != 0 || (units != 2 && head.rule == StrandRule::paired)))
      refuse(layer, format("a head of {} numbers; of a pair of strands there are two", units));
    layer.set("units", last ? whole_value(units / 2) : whole_value(kept(units)));
    layer.set("output", text_value("paired"));
    layer.erase("on");
    layer.type = "rc_dense";
    out.push_back(std::move(layer));
    return {State::Form::pairs, false, false};
  }

  State flatten(TextLayer layer, Layers& out) {
    if (options_.pool == "weighted")
      refuse(layer,
             "strand.pool = \"weighted\" gives numbers without positions: leave the flatten out, dense layers flatten by themselves");
    pool_strands(layer, true, out);
    out.push_back(std::move(layer));
    return {State::Form::invariant, false, false};
  }

  void rewrite(TextHead& head, const Scope& trunk, Layers& before) {
    Scope scope = trunk;
    const HeadRule rule{rule_option(head.options)};
    scope.last = sources(head.from, head.combine, head.where, trunk, before);
    head.layers = rewritten(std::move(head.layers), scope, rule);
    if (scope.last.pairs() && !scope.last.positions && !rule.stranded()) {
      head.layers.push_back(
          made(fresh("strands"), "rc_pool", head.where, {{"kind", text_value(options_.pool == "mean" ? "mean" : "sum")}}));
    }
    fit_bias(head);
  }

  /// The bias of a pair is one number; where both channels of a pair are summed it counts twice.
  static void fit_bias(TextHead& head) {
    if (head.layers.empty()) return;
    const bool pairs = head.layers.back().type == "rc_conv" ||
                       (head.layers.back().type == "rc_dense" && text_option(head.layers.back(), "output") == "paired");
    const bool summed =
        head.layers.size() > 1 && head.layers.back().type == "sum_channels" && head.layers[head.layers.size() - 2].type == "rc_conv";
    for (SpecOption& option : head.options) {
      if (option.key != "bias_initial") continue;
      std::vector<double> values;
      const auto take = [&](const SpecValue& v) {
        values.push_back(std::holds_alternative<double>(v.value) ? std::get<double>(v.value)
                                                                 : static_cast<double>(std::get<std::int64_t>(v.value)));
      };
      if (const auto* list = std::get_if<std::vector<SpecValue>>(&option.value.value))
        std::for_each(list->begin(), list->end(), take);
      else
        take(option.value);
      if (pairs && values.size() == 2 && values[0] != values[1])
        throw_spec_error(head.where, format("head '{}': bias_initial is {} and {}; shared between the strands they must be equal",
                                            head.name, values[0], values[1]));
      if (pairs && values.size() == 2) option.value = {values[0], option.value.where};
      if (summed) option.value = {values.at(0) / 2, option.value.where};
    }
  }

  const SharingOptions& options_;
  std::string origin_;
  std::set<std::string> names_;
  std::map<std::string, std::string> flipped_;
};

void refuse_shared(const Layers& layers) {
  for (const TextLayer& layer : layers) {
    if (layer.type.starts_with("rc_"))
      throw ArgumentError(format("{}: the model has layers of both strands already; use strand.layers = \"as_given\"", layer.label()));
    refuse_shared(layer.layers);
  }
}

void check_options(const SharingOptions& o) {
  if (!(o.filters > 0 && o.filters <= 1))
    throw ArgumentError(format("strand.filters is {}: expected more than 0 and at most 1", o.filters));
  if (o.pool != "sum" && o.pool != "mean" && o.pool != "weighted")
    throw ArgumentError(format("strand.pool is '{}': expected sum, mean or weighted", o.pool));
  if (o.wrapped && o.wrap.empty()) throw ArgumentError("strand.wrap is empty: expected all, early, late or names of layers");
}

}  // namespace

std::string share_strands(const std::string& toml, const std::string& origin, const SharingOptions& options) {
  check_options(options);
  TextModel model = detail::read_model_text(toml, origin);
  refuse_shared(model.layers);
  for (const TextHead& head : model.heads) refuse_shared(head.layers);
  if (options.wrapped) detail::wrap_layers(model, options.wrap, origin);
  Sharing(options, origin).rewrite(model);
  std::string comment =
      format("Rewritten: weights shared between the strands, {} of the filters, pool = {}", options.filters, options.pool);
  if (options.wrapped) comment += format(", wrapped: {}", fmt::join(options.wrap, ", "));
  if (options.legacy_double_scale) comment += ", doubled convolutions";
  return detail::write_model_text(model, comment + ".");
}

}  // namespace basewise::spec
