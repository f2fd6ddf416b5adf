#include "basewise/spec/detail/named_layers.h"

#include <cmath>

namespace basewise::spec::detail {
namespace {

SpecOption of(std::string key, std::int64_t value) { return {std::move(key), {value, {}}}; }
SpecOption of(std::string key, double value) { return {std::move(key), {value, {}}}; }
SpecOption of(std::string key, const char* value) { return {std::move(key), {std::string(value), {}}}; }
SpecOption yes(std::string key) { return {std::move(key), {true, {}}}; }

LayerSpec layer(std::string name, const char* type, std::vector<SpecOption> options) {
  return made_layer(std::move(name), type, {}, std::move(options));
}

LayerSpec batch_norm(std::string name) { return layer(std::move(name), "batch_norm", {}); }

/// Where a layer comes from, for errors.
void set_places(std::vector<LayerSpec>& layers, const FilePosition& where) {
  for (LayerSpec& layer : layers) {
    layer.where = where;
    set_places(layer.layers, where);
  }
}

/// What softplus turns into y; y itself where they are the same to the last digit.
double before_softplus(double y) { return y > 30 ? y : std::log(std::expm1(std::max(y, 1e-6))); }

}  // namespace

void NamedLayers::refuse(const std::string& text) const { throw ArgumentError(format("model \"{}\": {}", model_.name, text)); }

void NamedLayers::sequence(bool fixed) {
  InputSpec input;
  input.name = kSequence;
  input.channels = 4;
  if (fixed && task_.length > 0) input.length = task_.length;
  spec_.inputs.push_back(input);
}

void NamedLayers::controls() {
  if (task_.control_channels > 0) {
    InputSpec profile;
    profile.name = "control_profile";
    profile.channels = task_.control_channels;
    profile.length = task_.length - 2 * task_.context;
    profile.strands = StrandRule::mirrored;
    spec_.inputs.push_back(profile);
  }
  if (task_.control_counts) {
    InputSpec counts;
    counts.name = "control_counts";
    counts.channels = 1;
    counts.positions = false;
    spec_.inputs.push_back(counts);
  }
}

LayerSpec NamedLayers::conv(std::string name, std::int64_t filters, std::int64_t width, const char* padding) {
  return layer(std::move(name), "conv", {of("filters", filters), of("width", width), of("padding", padding)});
}

LayerSpec NamedLayers::relu(std::string name) { return layer(std::move(name), "activation", {of("kind", "relu")}); }

LayerSpec NamedLayers::pool(std::string name, std::int64_t width) {
  return layer(std::move(name), "pool", {of("kind", "max"), of("width", width)});
}

LayerSpec NamedLayers::global_pool(std::string name, const char* kind) {
  return layer(std::move(name), "pool", {of("kind", kind), yes("global")});
}

LayerSpec NamedLayers::dense(std::string name, std::int64_t units) { return layer(std::move(name), "dense", {of("units", units)}); }

void NamedLayers::add_normalised(LayerSpec layer) {
  const std::string name = layer.name;
  add(std::move(layer));
  add(batch_norm(name + "_norm"));
  add(relu(name + "_relu"));
}

void NamedLayers::add_dropout(double rate) {
  if (rate > 0) add(layer("dropout", "dropout", {of("rate", rate)}));
}

void NamedLayers::add_body(std::int64_t layers, std::int64_t filters, bool norm, const char* padding) {
  std::vector<SpecValue> dilations;
  for (std::int64_t i = 1; i <= layers; ++i) dilations.push_back({std::int64_t{1} << i, {}});
  LayerSpec inner = conv("conv", filters, 3, padding);
  inner.set("dilation", {std::move(dilations), {}});
  LayerSpec body = layer("body", "residual", {});
  body.repeat = layers;
  body.layers.push_back(std::move(inner));
  if (norm) body.layers.push_back(batch_norm("norm"));
  body.layers.push_back(relu("relu"));
  add(std::move(body));
}

void NamedLayers::add_crop(std::string name, std::int64_t left, std::int64_t right) {
  if (left + right > 0) add(layer(std::move(name), "crop", {of("left", left), of("right", right)}));
}

HeadSpec& NamedLayers::head(const HeadTask& task, std::vector<std::string> from, LayerSpec last) {
  const bool first = spec_.heads.empty();
  HeadSpec& head = spec_.heads.emplace_back();
  head.name = task.name;
  head.from = std::move(from);
  if (head.from.size() > 1) head.combine = Combine::concat;
  if (task.positions || task.strands != StrandRule::unchanged) head.strands = task.strands;
  head.layers.push_back(std::move(last));
  if (task.positive) head.layers.push_back(layer("rate", "activation", {of("kind", "softplus")}));
  if (!first) return head;
  if (model_.output_scale != 1) head.layers.push_back(layer("scale", "scale", {of("factor", model_.output_scale)}));
  const std::vector<double>& bias = model_.bias_initial;
  if (bias.empty()) return head;
  if (bias.size() != 1 && std::ssize(bias) != task.channels)
    refuse(format("bias_initial has {} numbers, and the head '{}' has {} outputs; give one number or one for each", bias.size(), task.name,
                  task.channels));
  std::vector<SpecValue> values;
  for (const double value : bias) {
    const double scaled = value / model_.output_scale;
    values.push_back({task.positive ? before_softplus(scaled) : scaled, {}});
  }
  head.bias_initial = values.size() == 1 ? values[0] : SpecValue{std::move(values), {}};
  return head;
}

ModelSpec NamedLayers::finish() {
  const FilePosition where{format("model \"{}\"", model_.name), 0, 0};
  set_places(spec_.layers, where);
  for (HeadSpec& head : spec_.heads) {
    head.where = where;
    set_places(head.layers, where);
  }
  set_paths(spec_);
  return std::move(spec_);
}

}  // namespace basewise::spec::detail
