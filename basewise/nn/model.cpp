// A model made from a model file.
#include "basewise/nn/model.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/nn/detail/built.h"
#include "basewise/nn/graph.h"
#include "basewise/nn/detail/limits.h"
#include "basewise/ops/native.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/model_file.h"
#include "basewise/spec/writer.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn {
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

class SpecModel : public Model {
 public:
  SpecModel(const spec::ModelFile& file, std::uint64_t seed)
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
  }

  Bundle forward(const Bundle& inputs) override {
    const detail::BuildScope weights;
    const std::vector<at::Tensor> outputs = graph_.run(taken(inputs), head_slots_);
    Bundle named;
    for (std::size_t i = 0; i < outputs.size(); ++i) named.set(spec_.heads[i].name, outputs[i]);
    return named;
  }

  std::optional<Wiring> wiring() const override {
    return Wiring{&graph_, head_slots_, output_names(), [this](const Bundle& inputs) { return taken(inputs); }};
  }

  /// The inputs in the order of the graph, checked.
  std::vector<at::Tensor> taken(const Bundle& inputs) const {
    std::vector<at::Tensor> tensors;
    std::vector<Shape> shapes;
    for (const spec::InputSpec& input : spec_.inputs) {
      at::Tensor x = inputs.at(input.name);
      if (input.positions && input.channels == 4 && is_letters(x)) {
        shapes.push_back({input.channels, true, x.size(1)});
        // Layers that cannot read letters get one-hot rows from the graph, in single precision.
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

  std::vector<std::string> input_names() const override {
    std::vector<std::string> names;
    for (const spec::InputSpec& input : spec_.inputs) names.push_back(input.name);
    return names;
  }

  std::vector<std::string> output_names() const override {
    std::vector<std::string> names;
    for (const spec::HeadSpec& head : spec_.heads) names.push_back(head.name);
    return names;
  }

  std::vector<std::pair<std::string, std::vector<std::int64_t>>> input_shapes() const override {
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> shapes;
    for (const spec::InputSpec& input : spec_.inputs) {
      std::vector<std::int64_t> shape{input.channels};
      if (input.positions) shape.push_back(input.length);
      shapes.emplace_back(input.name, std::move(shape));
    }
    return shapes;
  }

  Context context(const std::string& output) const override {
    const Activation& head = graph_.at(slot_of(output));
    Context context;
    context.has_length = head.shape.positions;
    if (!context.has_length || head.geometry.whole()) return context;
    const Geometry& g = head.geometry;
    if (g.stride() % g.unit() != 0 || g.left() % g.unit() != 0 || g.right() % g.unit() != 0)
      throw ArgumentError(
          format("output '{}' has {} input positions per output position; only whole numbers have a context", output, g.stride_text()));
    context.left = g.left() / g.unit();
    context.right = g.right() / g.unit();
    context.stride = g.stride() / g.unit();
    std::tie(context.receptive_left, context.receptive_right) = g.reach();
    return context;
  }

  StrandRule strand_rule(const std::string& name) const override {
    const auto said = [&](std::optional<StrandRule> rule, std::int64_t channels) {
      if (rule) return *rule;
      throw ArgumentError(spec::unsaid_strand_rule(name, channels));
    };
    for (const spec::InputSpec& input : spec_.inputs)
      if (input.name == name) return said(spec::strand_rule(input), input.channels);
    for (std::size_t i = 0; i < spec_.heads.size(); ++i) {
      if (spec_.heads[i].name != name) continue;
      const Shape& shape = graph_.at(head_slots_[i]).shape;
      return said(spec_.heads[i].strands ? spec_.heads[i].strands : spec::usual_strand_rule(true, name, shape.channels, shape.positions), shape.channels);
    }
    throw ArgumentError(format("the model has no input or output '{}'; there are: {}, {}", name, fmt::join(input_names(), ", "), fmt::join(output_names(), ", ")));
  }

  bool equivariant(const std::string& output) const override {
    const Activation& head = graph_.at(slot_of(output));
    for (const spec::HeadSpec& spec : spec_.heads)
      if (spec.name == output && !spec.strands && !spec::usual_strand_rule(true, output, head.shape.channels, head.shape.positions)) return false;
    return moves_by(head.symmetry, strand_rule(output), head.shape.channels, head.shape.positions);
  }

  at::Tensor penalty() const override {
    at::Tensor sum;
    for (const Layer* layer : all_layers_)
      if (const at::Tensor one = layer->penalty(); one.defined()) sum = sum.defined() ? sum + one : one;
    return sum;
  }

  void constrain() override {
    for (Layer* layer : all_layers_) layer->constrain();
  }

  std::vector<LayerRow> layer_rows(std::int64_t length) const override;
  std::int64_t typical_length() const override;

  std::string specification() const override { return toml_; }

 private:
  void keep(const spec::LayerSpec& spec, const LayerPtr& layer) { register_at(*this, spec.path, layer); }

  void add_head(const spec::HeadSpec& head) {
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
    head_slots_.push_back(graph_.append_head(head, scope));
    if (const std::int64_t channels = graph_.at(head_slots_.back()).shape.channels; head.strands == StrandRule::paired && channels % 2 != 0)
      spec::throw_spec_error(head.where, format("head '{}' has {} channels, so they cannot be strands in pairs: strands = \"paired\" needs an even number",
                                          head.name, channels));
    scope_.names[head.name] = head_slots_.back();
  }

  void set_bias(const spec::HeadSpec& head) {
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

  int slot_of(const std::string& output) const {
    for (std::size_t i = 0; i < spec_.heads.size(); ++i)
      if (spec_.heads[i].name == output) return head_slots_[i];
    throw ArgumentError(format("the model has no output '{}'; there are: {}", output, fmt::join(output_names(), ", ")));
  }

  at::ScalarType type() const {
    for (const Layer* layer : all_layers_)
      for (const auto& parameter : layer->parameters(/*recurse=*/false)) return parameter.scalar_type();
    return at::kFloat;
  }

  std::string toml_;
  spec::ModelSpec spec_;
  Graph::Scope scope_;
  Graph graph_;
  std::vector<int> head_slots_;
  std::map<std::string, at::Tensor> head_bias_;
  std::vector<Layer*> all_layers_;
};

std::int64_t SpecModel::typical_length() const {
  if (!spec_.inputs.front().positions) return 0;
  if (spec_.inputs.front().length > 0) return spec_.inputs.front().length;
  std::int64_t reach = 0;
  for (int slot = 0; slot < graph_.slots(); ++slot)
    if (!graph_.at(slot).geometry.whole()) reach = std::max(reach, graph_.at(slot).geometry.receptive_field());
  // Long enough that windows fit, and a multiple of usual pooling factors.
  return std::max<std::int64_t>(2048, (2 * std::min(reach, spec::kMostSize / 4) + 1023) / 1024 * 1024);
}

std::vector<LayerRow> SpecModel::layer_rows(std::int64_t length) const {
  if (length == 0) length = typical_length();
  std::vector<Activation> activations;
  for (auto& [name, input] : input_activations(spec_)) {
    if (input.shape.positions && (activations.empty() || input.shape.length == Shape::kVaries)) input.shape.length = length;
    activations.push_back(input);
  }
  std::vector<LayerRow> rows;
  for (const Layer::Inside& inside : graph_.rows(activations)) {
    LayerRow row{inside.name, inside.type, inside.output.shape.to_string(), 0, inside.layer->multiply_adds(inside.input.shape),
                 0,           inside.depth};
    for (const auto& parameter : inside.layer->parameters(/*recurse=*/false)) row.parameters += parameter.numel();
    row.receptive_field = inside.output.geometry.whole() ? 0 : inside.output.geometry.receptive_field();
    row.strands = inside.output.symmetry.to_string(inside.output.shape.channels);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

StrandRule Model::strand_rule(const std::string& name) const {
  if (name == "sequence") return StrandRule::complemented;
  const std::vector<std::string> outputs = output_names();
  if (std::find(outputs.begin(), outputs.end(), name) != outputs.end() && !context(name).has_length) return StrandRule::unchanged;
  throw ArgumentError(format("this model does not say how '{}' looks from the other strand: its class must override strand_rule", name));
}

ModelPtr build_model(const spec::ModelFile& file, std::uint64_t seed) { return std::make_shared<SpecModel>(file, seed); }

ModelPtr build_model(const spec::ModelSpec& spec, std::uint64_t seed) { return build_model(spec::ModelFile{spec, spec::to_toml(spec)}, seed); }

ModelPtr build_model(const std::string& toml, const std::string& origin, std::uint64_t seed) {
  return build_model(spec::read_model_text(toml, origin, fs::path(origin).parent_path()), seed);
}

ModelPtr build_model_file(const std::filesystem::path& file, std::uint64_t seed) { return build_model(spec::read_model_file(file), seed); }

ModelPtr build_equivariant_model(const spec::ModelFile& file, std::uint64_t seed) {
  ModelPtr model = build_model(file, seed);
  for (const spec::HeadSpec& head : file.model.heads)
    if (!model->equivariant(head.name))
      throw ArgumentError(
          format("{}: output '{}' is not the same for both strands (strand rule {}); look at `basewise inspect` of the model, or use "
                 "strand.layers = \"as_given\"",
                 head.where.to_string(), head.name, to_word(model->strand_rule(head.name))));
  return model;
}

ModelPtr load_model(const std::filesystem::path& run_folder) {
  for (const char* part : {"model.toml", "weights.safetensors"})
    if (!fs::exists(run_folder / part))
      throw StateError(format("{} is no run folder with a model: {} is missing", run_folder.string(), part));
  const ModelPtr model = build_model_file(run_folder / "model.toml", 0);
  load_weights(*model, run_folder / "weights.safetensors");
  model->eval();
  return model;
}

}  // namespace basewise::nn
