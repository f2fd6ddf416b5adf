#include "basewise/nn/detail/spec_model.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/options.h"
#include "basewise/core/some_of.h"
#include "basewise/nn/detail/built.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/nn/pass.h"
#include "basewise/ops/native.h"
#include "basewise/spec/expand.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn::detail {
namespace {

std::vector<std::pair<std::string, Activation>> input_activations(const spec::ModelSpec& spec) {
  std::vector<std::pair<std::string, Activation>> inputs;
  for (const spec::InputSpec& input : spec.inputs) {
    Geometry geometry(static_cast<int>(inputs.size()));
    if (!input.positions) geometry = geometry.through(Alignment::everything());
    const std::optional<StrandRule> rule = spec::strand_rule(input);
    const Symmetry symmetry = rule ? symmetry_of(*rule, input.channels, input.positions) : Symmetry::none();
    inputs.push_back({input.name, {{input.channels, input.positions, input.length}, geometry, symmetry}});
  }
  return inputs;
}

}  // namespace

SpecModel::SpecModel(const spec::ModelFile& file, std::uint64_t seed)
    : toml_(file.text), spec_(spec::expanded(file.model)), graph_(input_activations(spec_), scope_) {
  for (const spec::LayerSpec& layer : spec_.layers) keep(layer, graph_.append(layer, scope_));
  const int trunk = scope_.last;
  for (const spec::HeadSpec& head : spec_.heads) {
    scope_.last = trunk;
    add_head(head);
  }
  for (const auto& module : named_modules(/*name_prefix=*/{}, /*include_self=*/false))
    if (auto layer = std::dynamic_pointer_cast<Layer>(module.value())) {
      layer->initialise(seed, module.key());
      all_layers_.push_back(layer.get());
    }
  for (const spec::HeadSpec& head : spec_.heads) set_bias(head);
  head_slots_ = graph_.head_slots();
  for (const Layer::Inside& row : graph_.has_state() ? graph_.rows(inputs_of(0)) : std::vector<Layer::Inside>())
    if (dynamic_cast<const LayerWithState*>(row.layer.get()) != nullptr) state_of_.push_back(row.name + ".");
}

void SpecModel::add_head(const spec::HeadSpec& head) {
  Graph::Scope scope;
  scope.outer = &scope_;
  scope.last = scope_.last;
  for (std::size_t i = 0; i < head.layers.size(); ++i) {
    spec::LayerSpec layer = head.layers[i];
    if (i == 0 && !head.from.empty()) {
      if (!layer.from.empty())
        spec::throw_spec_error(layer.from_where, format("head '{}' and its first layer both say 'from'; give it once", head.name));
      layer.from = head.from;
      layer.from_where = head.from_where;
      layer.combine = head.combine;
    }
    keep(layer, graph_.append(layer, scope));
    if (const at::Tensor bias = graph_.last_layer()->output_bias(); bias.defined()) head_bias_[head.name] = bias;
  }
  const int slot = graph_.append_head(head, scope);
  if (const std::int64_t channels = graph_.at(slot).shape.channels; head.strands == StrandRule::paired && channels % 2 != 0)
    spec::throw_spec_error(
        head.where, format("head '{}' has {} channels, so they cannot be strands in pairs: strands = \"paired\" needs an even number",
                           head.name, channels));
  scope_.names[head.name] = slot;
}

void SpecModel::set_bias(const spec::HeadSpec& head) {
  const std::vector<double> values = head.bias_values();
  if (values.empty()) return;
  const FilePosition& where = head.bias_initial->where;
  const auto it = head_bias_.find(head.name);
  if (it == head_bias_.end())
    spec::throw_spec_error(where, format("head '{}': bias_initial needs a layer with a bias among the head's own layers", head.name));
  at::Tensor bias = it->second;
  const auto count = static_cast<std::int64_t>(values.size());
  if (count != 1 && count != bias.size(0))
    spec::throw_spec_error(where, format("head '{}': bias_initial has {} values; expected 1 or {}", head.name, count, bias.size(0)));
  const at::NoGradGuard no_grad;
  bias.copy_(to_tensor(values, {count}).expand({bias.size(0)}));
}

std::vector<at::Tensor> SpecModel::graph_inputs(const Bundle& inputs) const {
  std::vector<at::Tensor> tensors;
  std::vector<Shape> shapes;
  for (const spec::InputSpec& input : spec_.inputs) {
    at::Tensor x = inputs.at(input.name);
    if (input.positions && input.channels == 4 && is_tokens(x)) {
      shapes.push_back({input.channels, true, x.size(1)});
      // Layers that cannot read tokens get one-hot rows from the graph, in single precision.
      const bool kept = x.device().is_cpu() && type() == at::kFloat && ops::chosen_kernels() != ops::Kernels::torch;
      tensors.push_back(kept ? x.contiguous() : one_hot_of(x, type()));
      continue;
    }
    if (input.positions)
      check_shape(x, input.name, {{"N"}, {"channels", input.channels}, {"length"}});
    else
      check_shape(x, input.name, {{"N"}, {"features", input.channels}});
    shapes.push_back({input.channels, input.positions, input.positions ? x.size(2) : Shape::kVaries});
    tensors.push_back(x.scalar_type() == type() ? x : x.to(type()));
  }
  graph_.check(shapes);
  return tensors;
}

std::vector<std::string> SpecModel::input_names() const {
  std::vector<std::string> names;
  for (const spec::InputSpec& input : spec_.inputs) names.push_back(input.name);
  return names;
}

std::vector<std::string> SpecModel::output_names() const {
  std::vector<std::string> names;
  for (const spec::HeadSpec& head : spec_.heads) names.push_back(head.name);
  return names;
}

std::vector<std::pair<std::string, std::vector<std::int64_t>>> SpecModel::input_shapes() const {
  std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes;
  for (const spec::InputSpec& input : spec_.inputs) {
    std::vector<std::int64_t> shape{input.channels};
    if (input.positions) shape.push_back(input.length);
    shapes.emplace_back(input.name, std::move(shape));
  }
  return shapes;
}

Model::Context SpecModel::context(const std::string& output) const {
  const Activation& head = graph_.at(slot_of(output));
  const Geometry& g = head.geometry;
  Context context;
  context.has_length = head.shape.positions;
  context.reads_all = context.has_length && g.reads_all();
  if (!context.has_length || g.positions_end()) return context;
  if (g.stride() % g.unit() != 0 || g.left() % g.unit() != 0 || g.right() % g.unit() != 0)
    throw ArgumentError(
        format("output '{}' has {} input positions per output position; only whole numbers have a context", output, g.stride_text()));
  context.left = g.left() / g.unit();
  context.right = g.right() / g.unit();
  context.stride = g.stride() / g.unit();
  if (const auto reach = g.reach()) std::tie(context.receptive_left, context.receptive_right) = *reach;
  return context;
}

StrandRule SpecModel::strand_rule(const std::string& name) const {
  const auto said = [&](std::optional<StrandRule> rule, std::int64_t channels) {
    if (rule) return *rule;
    throw ArgumentError(spec::unsaid_strand_rule(name, channels));
  };
  for (const spec::InputSpec& input : spec_.inputs)
    if (input.name == name) return said(spec::strand_rule(input), input.channels);
  for (std::size_t i = 0; i < spec_.heads.size(); ++i) {
    if (spec_.heads[i].name != name) continue;
    const Shape& shape = graph_.at(head_slots_[i]).shape;
    return said(spec_.heads[i].strands ? spec_.heads[i].strands : spec::usual_strand_rule(true, name, shape.channels, shape.positions),
                shape.channels);
  }
  throw ArgumentError(format("the model has no input or output '{}'; there are: {}, {}", name, fmt::join(input_names(), ", "),
                             fmt::join(output_names(), ", ")));
}

bool SpecModel::equivariant(const std::string& output) const {
  const Activation& head = graph_.at(slot_of(output));
  for (const spec::HeadSpec& spec : spec_.heads)
    if (spec.name == output && !spec.strands && !spec::usual_strand_rule(true, output, head.shape.channels, head.shape.positions))
      return false;
  return moves_by(head.symmetry, strand_rule(output), head.shape.channels, head.shape.positions);
}

at::Tensor SpecModel::penalty() const {
  at::Tensor sum;
  for (const Layer* layer : all_layers_)
    if (const at::Tensor one = layer->penalty(); one.defined()) sum = sum.defined() ? sum + one : one;
  return sum;
}

void SpecModel::constrain() {
  for (Layer* layer : all_layers_) layer->constrain();
}

int SpecModel::slot_of(const std::string& output) const {
  for (const Graph::Head& head : graph_.heads())
    if (head.name == output) return head.slot;
  throw ArgumentError(format("the model has no output '{}'; there are: {}", output, fmt::join(output_names(), ", ")));
}

at::ScalarType SpecModel::type() const {
  for (const Layer* layer : all_layers_)
    for (const auto& parameter : layer->parameters(/*recurse=*/false)) return parameter.scalar_type();
  return at::kFloat;
}

std::int64_t SpecModel::typical_length() const {
  if (!spec_.inputs.front().positions) return 0;
  if (spec_.inputs.front().length > 0) return spec_.inputs.front().length;
  std::int64_t reach = 0, cut = 0;
  for (int slot = 0; slot < graph_.slots(); ++slot) {
    const Geometry& g = graph_.at(slot).geometry;
    reach = std::max(reach, g.receptive_field().value_or(0));
    if (!g.positions_end()) cut = std::max(cut, (g.left() + g.right()) / g.unit());
  }
  // Long enough that windows fit and that crops leave something, and a multiple of usual pooling
  // factors.
  reach = std::min(reach, spec::kMostSize / 4);
  return std::max<std::int64_t>(2048, (reach + std::max(reach, std::min(cut, spec::kMostSize / 4)) + 1023) / 1024 * 1024);
}

// The inputs with `length` positions; 0: as the file declares them.
std::vector<Activation> SpecModel::inputs_of(std::int64_t length) const {
  std::vector<Activation> inputs;
  for (auto& [name, input] : input_activations(spec_)) {
    const bool sets = inputs.empty() || input.shape.length == Shape::kVaries;
    if (length > 0 && input.shape.positions && sets) input.shape.length = length;
    inputs.push_back(input);
  }
  return inputs;
}

std::vector<ActivationRow> SpecModel::activation_paths(std::int64_t length) const {
  const auto sizes = [](const Shape& s) {
    return s.positions ? std::vector<std::int64_t>{s.channels, s.length} : std::vector<std::int64_t>{s.channels};
  };
  const std::vector<Activation> inputs = inputs_of(length);
  std::vector<ActivationRow> rows;
  for (std::size_t i = 0; i < inputs.size(); ++i)
    rows.push_back({spec_.inputs[i].name, "input", sizes(inputs[i].shape), {}, spec_.inputs[i].name});
  const auto source = [&](const Activation& a) { return spec_.inputs[static_cast<std::size_t>(a.geometry.source())].name; };
  std::string wrap;  // the path of the rc_wrap around, with its dot
  for (const Layer::Inside& in : graph_.rows(inputs)) {
    const bool both = !wrap.empty() && in.name.starts_with(wrap);
    rows.push_back({in.name, in.type, sizes(in.output.shape), sizes(in.input.shape), source(in.output), both});
    if (!both) wrap = in.layer->runs_both_strands() ? in.name + "." : std::string();
  }
  const std::vector<Activation> slots = graph_.activations(inputs);
  for (const Graph::Head& head : graph_.heads()) {
    const Activation& a = slots[static_cast<std::size_t>(head.slot)];
    rows.push_back({head.name, "head", sizes(a.shape), {}, source(a)});
  }
  return rows;
}

void SpecModel::check_wanted(const Wanted& wanted, const Bundle& state) const {
  std::vector<std::string> paths;
  if (!wanted.activations.empty())
    for (const ActivationRow& row : activation_paths(0)) {
      paths.push_back(row.path);
      if (!row.input_shape.empty()) paths.push_back(row.path + ".input");
    }
  for (const std::string& path : wanted.activations) {
    if (std::find(paths.begin(), paths.end(), path) != paths.end()) continue;
    const auto near = nearest(path, paths);
    throw ArgumentError(format("the model has no activation '{}'; {}", path,
                               near ? format("did you mean '{}'?", *near) : format("there are: {}", some_of(paths, "", 20))));
  }
  for (const auto& [name, value] : state) {
    const bool known = std::any_of(state_of_.begin(), state_of_.end(), [&](const std::string& path) { return name.starts_with(path); });
    if (!known) throw ArgumentError(format("the state '{}' belongs to no layer of the model", name));
  }
}

RunResult SpecModel::run(const Bundle& inputs, const Wanted& wanted, const Bundle& state) {
  const BuildScope weights;
  std::vector<at::Tensor> given = graph_inputs(inputs);
  RunResult result;
  const auto outputs = [&](const std::vector<std::string>& names, const std::vector<int>& slots, Pass* pass) {
    const std::vector<at::Tensor> all = graph_.run(given, slots, pass);
    for (std::size_t i = 0; i < all.size(); ++i) result.outputs.set(names[i], all[i]);
  };
  if (!wanted.heads && wanted.stand_in == nullptr && wanted.activations.empty() && state.empty() && !has_state()) {
    outputs(output_names(), head_slots_, nullptr);
    return result;
  }
  check_wanted(wanted, state);
  Pass pass(wanted.activations, state, wanted.heads.has_value(), wanted.stand_in);
  for (std::size_t i = 0; i < given.size(); ++i)
    if (const std::string& name = spec_.inputs[i].name; pass.wants(name)) given[i] = pass.keep(name, given[i]);
  const std::vector<std::string> names = wanted.heads.value_or(output_names());
  std::vector<int> slots;
  for (const std::string& name : names) slots.push_back(slot_of(name));
  outputs(names, slots, &pass);
  for (const std::string& path : wanted.activations) result.activations.set(path, pass.activations().at(path));
  result.state = pass.state();
  return result;
}

std::vector<LayerRow> SpecModel::layer_rows(std::int64_t length) const {
  if (length == 0) length = typical_length();
  std::vector<LayerRow> rows;
  for (const Layer::Inside& inside : graph_.rows(inputs_of(length))) {
    LayerRow row{inside.name, inside.type, inside.output.shape.to_string(), 0, inside.layer->multiply_adds(inside.input.shape),
                 0,           inside.depth};
    for (const auto& parameter : inside.layer->parameters(/*recurse=*/false)) row.parameters += parameter.numel();
    row.receptive_field = inside.output.geometry.receptive_field().value_or(0);
    row.strands = inside.output.symmetry.to_string(inside.output.shape.channels);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace basewise::nn::detail
