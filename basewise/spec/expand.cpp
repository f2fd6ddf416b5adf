#include "basewise/spec/expand.h"

#include <algorithm>

#include "basewise/spec/limits.h"

namespace basewise::spec {
namespace {

// Counts the layers of a model as they will be with repetitions written out, before that is done.
class LayerCount {
 public:
  /// Errors: ArgumentError that names the layer with which the limit is passed.
  void add(const std::vector<LayerSpec>& layers) {
    for (const LayerSpec& layer : layers) total_ = within(total_ + of(layer), layer);
  }

 private:
  // What is repeated is within the limit and at most 1000 repetitions are read, so no product is
  // large.
  static std::int64_t of(const LayerSpec& layer) {
    std::int64_t layers = 1;
    for (const LayerSpec& inner : layer.layers) layers = within(layers + of(inner), inner);
    return within(layers * std::max<std::int64_t>(layer.repeat, 1), layer);
  }

  static std::int64_t within(std::int64_t layers, const LayerSpec& layer) {
    if (layers <= kMostLayers) return layers;
    throw_spec_error(
        layer.where,
        format("layer '{}': with it and its repetitions the model has {} layers or more; at most {} are allowed",
               layer.name.empty() ? layer.type : layer.name, layers, kMostLayers));
  }

  std::int64_t total_ = 0;
};

// Value `i` of an option that lists one per repetition.
SpecValue pick(const SpecOption& option, std::int64_t i, std::int64_t repeat, const LayerSpec& layer) {
  const auto* list = std::get_if<std::vector<SpecValue>>(&option.value.value);
  if (list == nullptr) return option.value;
  if (static_cast<std::int64_t>(list->size()) != repeat)
    throw_spec_error(
        option.value.where,
        format("layer '{}': option '{}' lists {} values, but the repetition has {}; give one value for all or {}",
               layer.name, option.key, list->size(), repeat, repeat));
  return (*list)[static_cast<std::size_t>(i)];
}

// Fixes list options of `layer` and of everything inside it that is not repeated by itself.
void pick_all(LayerSpec& layer, std::int64_t i, std::int64_t repeat) {
  for (SpecOption& option : layer.options) option.value = pick(option, i, repeat, layer);
  for (LayerSpec& inner : layer.layers)
    if (inner.repeat == 0) pick_all(inner, i, repeat);
}

std::vector<LayerSpec> expanded(const std::vector<LayerSpec>& layers) {
  std::vector<LayerSpec> all;
  for (const LayerSpec& layer : layers) {
    for (std::int64_t i = 0; i < std::max<std::int64_t>(layer.repeat, 1); ++i) {
      LayerSpec one = layer;
      one.repeat = 0;
      if (layer.repeat > 0) {
        pick_all(one, i, layer.repeat);
        one.name += format(".{}", i);
      }
      if (i > 0) one.from.clear(), one.combine.reset();
      one.layers = expanded(one.layers);
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace

void check_layer_count(const ModelSpec& model) {
  LayerCount count;
  for (const HeadSpec& head : model.heads) count.add(head.layers);
  count.add(model.layers);
}

ModelSpec expanded(const ModelSpec& model) {
  if (!model.parts.empty())
    throw_spec_error(model.parts.front().where,
                     format("part '{}' is not joined yet: read the file as a file", model.parts.front().name));
  check_layer_count(model);
  ModelSpec all = model;
  for (HeadSpec& head : all.heads) head.layers = expanded(head.layers);
  all.layers = expanded(all.layers);
  set_paths(all);
  return all;
}

}  // namespace basewise::spec
