#include "basewise/spec/share_strands.h"

#include <algorithm>
#include <map>
#include <utility>

#include "basewise/core/options.h"
#include "basewise/core/some_of.h"
#include "basewise/spec/names.h"
#include "basewise/spec/wrap_layers.h"

namespace basewise::spec {
namespace {

using Layers = std::vector<LayerSpec>;

struct Scope {
  std::map<std::string, StrandState> names;
  StrandState last;

  const StrandState& at(const std::string& name, const FilePosition& where) const {
    if (const auto it = names.find(name); it != names.end()) return it->second;
    // "body.1" is one of a repetition that is still to be written out.
    if (const auto it = names.find(name.substr(0, name.rfind('.'))); it != names.end()) return it->second;
    std::vector<std::string> known;
    for (const auto& [one, state] : names) known.push_back(one);
    const auto near = nearest(name, known);
    throw_spec_error(
        where, format("from = \"{}\" names nothing above it; {}", name,
                      near ? format("did you mean \"{}\"?", *near) : format("there are: {}", some_of(known, "", 20))));
  }
};

const StrandForm& form_of(const LayerSpec& layer, const StrandForms& forms) {
  static constexpr StrandForm kUnknown{};  // building the model says so
  const StrandForm* form = forms(layer.type);
  return form ? *form : kUnknown;
}

StrandState state_of(const InputSpec& input) {
  const std::optional<StrandRule> rule = strand_rule(input);
  if (!rule) throw_spec_error(input.where, unsaid_strand_rule(input.name, input.channels));
  if (rule == StrandRule::paired && input.channels > 2)
    throw_spec_error(input.where, format("input '{}' has {} channels in pairs of strands: only two can be shared",
                                         input.name, input.channels));
  StrandState state;
  state.positions = input.positions;
  state.single = input.channels == 1;
  const bool stays = rule == StrandRule::unchanged || (rule == StrandRule::mirrored && !input.positions);
  state.form = stays                          ? StrandState::Form::invariant
               : rule == StrandRule::mirrored ? StrandState::Form::mirrored
                                              : StrandState::Form::pairs;
  return state;
}

class Sharing {
 public:
  Sharing(const ModelSpec& model, const SharingOptions& options, const StrandForms& forms)
      : options_(options), forms_(forms), names_(model) {}

  void rewrite(ModelSpec& model);

 private:
  class ListWriter;

  StrandState sources(std::vector<std::string>& from, std::optional<Combine> combine, const FilePosition& where, const Scope& scope,
                      Layers& before);
  StrandState both_sides(std::vector<std::string>& from, const std::vector<StrandState>& states,
                         const FilePosition& where, Layers& before);
  const std::string& flipped(const std::string& name, const FilePosition& where, Layers& before);
  Layers rewritten(const Layers& layers, Scope& scope, const HeadSpec* head, HeadBias* bias);
  void rewrite(HeadSpec& head, const Scope& trunk, Layers& before);

  const SharingOptions& options_;
  const StrandForms& forms_;
  Names names_;
  std::map<std::string, std::string> flipped_;
};

/// What the forms of one list of layers write to.
class Sharing::ListWriter : public StrandWriter {
 public:
  ListWriter(Sharing& sharing, const Scope& scope, Layers& out, HeadBias& bias)
      : sharing_(sharing), scope_(scope), out_(out), bias_(bias) {}

  const SharingOptions& options() const override { return sharing_.options_; }
  void put(LayerSpec layer) override {
    out_.push_back(std::move(layer));
    bias_ = HeadBias::as_given;
  }
  std::string fresh(const std::string& wanted, const FilePosition& where) override {
    return sharing_.names_.fresh(wanted, where);
  }
  StrandState rewrite_inside(LayerSpec& block, const StrandState& input) override {
    Scope inner = scope_;
    inner.names["input"] = inner.last = input;
    block.layers = sharing_.rewritten(block.layers, inner, nullptr, nullptr);
    return inner.last;
  }
  void set_bias(HeadBias bias) override { bias_ = bias; }

 private:
  Sharing& sharing_;
  const Scope& scope_;
  Layers& out_;
  HeadBias& bias_;
};

void Sharing::rewrite(ModelSpec& model) {
  Scope scope;
  for (const InputSpec& input : model.inputs) scope.names[input.name] = state_of(input);
  scope.last = scope.names.at(model.inputs.front().name);
  model.layers = rewritten(model.layers, scope, nullptr, nullptr);
  const std::string trunk = model.layers.empty() ? model.inputs.front().name : model.layers.back().name;
  const std::size_t before = model.layers.size();
  for (HeadSpec& head : model.heads) rewrite(head, scope, model.layers);
  // What was put behind the trunk for a head is not what the other heads mean by "the last layer".
  if (model.layers.size() > before)
    for (HeadSpec& head : model.heads)
      if (head.from.empty()) head.from = {trunk};
}

/// What `from` gives; for a concatenation it becomes [reversed, pairs, as they are], with layers
/// that reverse put into `before`.
StrandState Sharing::sources(std::vector<std::string>& from, std::optional<Combine> combine, const FilePosition& where, const Scope& scope,
                             Layers& before) {
  if (from.empty()) return scope.last;
  std::vector<StrandState> states;
  for (const std::string& name : from) states.push_back(scope.at(name, where));
  if (from.size() == 1) return states[0];
  const auto pairs = std::count_if(states.begin(), states.end(), [](const StrandState& s) { return s.pairs(); });
  const bool alike =
      std::all_of(states.begin(), states.end(), [&](const StrandState& s) { return s.form == states[0].form; });
  if (alike && (combine == Combine::add || pairs == 0)) {
    states[0].single = states[0].single && combine == Combine::add;
    return states[0];
  }
  if (combine == Combine::add)
    throw_spec_error(where, format("adds [{}], which move unlike under reverse complement", fmt::join(from, ", ")));
  if (pairs != 1)
    throw_spec_error(where, format("concatenates [{}]: {} of them have channels for both strands; at most one can",
                                   fmt::join(from, ", "), pairs));
  return both_sides(from, states, where, before);
}

StrandState Sharing::both_sides(std::vector<std::string>& from, const std::vector<StrandState>& states,
                                const FilePosition& where, Layers& before) {
  std::vector<std::string> left, right;
  std::string middle;
  StrandState state;
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

const std::string& Sharing::flipped(const std::string& name, const FilePosition& where, Layers& before) {
  auto [it, added] = flipped_.try_emplace(name);
  if (added) {
    it->second = names_.fresh(name + "_flipped", where);
    before.push_back(made_layer(it->second, "flip_channels", where));
    before.back().from = {name};
  }
  return it->second;
}

Layers Sharing::rewritten(const Layers& layers, Scope& scope, const HeadSpec* head, HeadBias* bias) {
  Layers out;
  HeadBias unused = HeadBias::as_given;
  ListWriter writer(*this, scope, out, bias ? *bias : unused);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    LayerSpec layer = layers[i];
    const StrandForm& form = form_of(layer, forms_);
    StrandState state = sources(layer.from, layer.combine, layer.where, scope, out);
    if (state.form == StrandState::Form::mirrored && !form.reads_mirrored)
      refuse_sharing(
          layer, "it reads a track without strand alone; such tracks can only be concatenated with what has strands");
    const StrandPlace place{state, goes_on(layers, i, forms_), i + 1 == layers.size(), head};
    if (state.pairs() && form.rewrite) {
      state = form.rewrite(std::move(layer), place, writer);
    } else {
      // What is invariant goes through any layer.
      if (!state.pairs()) state.single = false;
      writer.put(std::move(layer));
    }
    scope.names[layers[i].name] = scope.last = state;
  }
  return out;
}

/// The bias of a pair is one number; where both channels of a pair are summed it counts twice.
void fit_bias(HeadSpec& head, HeadBias bias) {
  const std::vector<double> values = head.bias_values();
  if (values.empty() || bias == HeadBias::as_given) return;
  if (bias == HeadBias::of_pairs && values.size() == 2 && values[0] != values[1])
    throw_spec_error(head.where,
                     format("head '{}': bias_initial is {} and {}; shared between the strands they must be equal",
                            head.name, values[0], values[1]));
  const FilePosition where = head.bias_initial->where;
  if (bias == HeadBias::of_pairs && values.size() == 2) head.bias_initial = {values[0], where};
  if (bias == HeadBias::of_sum) head.bias_initial = {values[0] / 2, where};
}

void Sharing::rewrite(HeadSpec& head, const Scope& trunk, Layers& before) {
  Scope scope = trunk;
  HeadBias bias = HeadBias::as_given;
  scope.last = sources(head.from, head.combine, head.where, trunk, before);
  head.layers = rewritten(head.layers, scope, &head, &bias);
  if (scope.last.pairs() && !scope.last.positions && !StrandPlace{.head = &head}.stranded()) {
    const StrandPool kind = options_.pool == StrandPool::mean ? StrandPool::mean : StrandPool::sum;
    head.layers.push_back(strand_pool(names_.fresh("strands", head.where), head.where, kind));
    bias = HeadBias::as_given;
  }
  fit_bias(head, bias);
}

void refuse_shared(const Layers& layers, const StrandForms& forms) {
  for (const LayerSpec& layer : layers) {
    if (form_of(layer, forms).role == StrandForm::Role::stranded)
      throw ArgumentError(
          format("{}: the model has layers of both strands already; use strand.layers = \"as_given\"", layer.label()));
    refuse_shared(layer.layers, forms);
  }
}

void check_options(const SharingOptions& o) {
  if (!(o.filters > 0 && o.filters <= 1))
    throw ArgumentError(format("strand.filters is {}: expected more than 0 and at most 1", o.filters));
  if (o.wrapped && o.wrap.empty())
    throw ArgumentError("strand.wrap is empty: expected all, early, late or names of layers");
}

}  // namespace

ModelSpec share_strands(const ModelSpec& model, const SharingOptions& options, const StrandForms& forms) {
  check_options(options);
  refuse_shared(model.layers, forms);
  for (const HeadSpec& head : model.heads) refuse_shared(head.layers, forms);
  ModelSpec shared = options.wrapped ? wrap_layers(model, options.wrap, forms) : model;
  Sharing(shared, options, forms).rewrite(shared);
  // Layers that were added must not have taken a name.
  const Names trunk(shared);
  for (HeadSpec& head : shared.heads) Names().give(head.layers);
  set_paths(shared);
  return shared;
}

std::string sharing_comment(const SharingOptions& options) {
  std::string comment = format("Rewritten: weights shared between the strands, {} of the filters, pool = {}",
                               options.filters, options.pool);
  if (options.wrapped) comment += format(", wrapped: {}", fmt::join(options.wrap, ", "));
  if (options.legacy_double_scale) comment += ", doubled convolutions";
  return comment + ".";
}

}  // namespace basewise::spec
