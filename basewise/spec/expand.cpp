#include "basewise/spec/expand.h"

#include <algorithm>
#include <map>

#include "basewise/spec/limits.h"
#include "basewise/spec/series.h"

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

// Value `i` of an option that lists one per repetition, or says a rule for them.
SpecValue pick(const SpecOption& option, std::int64_t i, std::int64_t repeat, const LayerSpec& layer) {
  if (const auto* text = std::get_if<std::string>(&option.value.value); text != nullptr && is_series(*text)) {
    const std::string owner = format("layer '{}': option '{}'", layer.name, option.key);
    return {series_value(*text, i, repeat, option.value.where, owner), option.value.where};
  }
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

/// What stands for layers that are left out, in the list that they stood in.
class LeftOut {
 public:
  /// `above` is what the first layer of the list reads.
  explicit LeftOut(std::string above) : above_(std::move(above)) {}
  /// Of a list inside, which may name what stands outside.
  LeftOut(const LeftOut& outer, std::string above) : stands_(outer.stands_), above_(std::move(above)) {}

  /// Takes `layer` out. Whoever names it from now on reads what it read.
  void take(const LayerSpec& layer) {
    if (layer.from.size() > 1)
      throw_spec_error(layer.where, format("layer '{}' is left out by repeat = 0, but it takes {} sources: nothing single stands for it",
                                           layer.name, layer.from.size()));
    const std::string source = layer.from.empty() ? above_ : stand_in(layer.from[0]);
    stands_[layer.name] = source;
    above_ = source;
    moved_ = moved_ || !layer.from.empty();
  }

  /// A layer that stays, or a head.
  void put(std::vector<std::string>& from, const std::string& name) {
    for (std::string& one : from) one = stand_in(one);
    if (from.empty() && moved_ && !above_.empty()) from = {above_};
    if (name.empty()) return;
    above_ = name;
    moved_ = false;
  }

 private:
  std::string stand_in(const std::string& name) const {
    const auto it = stands_.find(name);
    return it == stands_.end() || it->second.empty() ? name : it->second;
  }

  std::map<std::string, std::string> stands_;
  std::string above_;
  bool moved_ = false;  // "the layer above" is no longer the one that stands above
};

std::vector<LayerSpec> expanded(const std::vector<LayerSpec>& layers, LeftOut& left_out) {
  std::vector<LayerSpec> all;
  for (const LayerSpec& layer : layers) {
    if (layer.repeat == kLeftOut) {
      left_out.take(layer);
      continue;
    }
    std::vector<std::string> from = layer.from;
    left_out.put(from, layer.name);
    for (std::int64_t i = 0; i < std::max<std::int64_t>(layer.repeat, 1); ++i) {
      LayerSpec one = layer;
      one.from = from;
      one.repeat = 0;
      if (layer.repeat > 0) {
        pick_all(one, i, layer.repeat);
        one.name += format(".{}", i);
      }
      if (i > 0) one.from.clear(), one.combine.reset();
      if (!layer.layers.empty()) {
        LeftOut inside(left_out, "input");
        one.layers = expanded(one.layers, inside);
        if (one.layers.empty())
          throw_spec_error(layer.where, format("layer '{}': all layers inside are left out by repeat = 0", layer.name));
      }
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
  LeftOut trunk(all.inputs.empty() ? std::string() : all.inputs.front().name);
  all.layers = expanded(all.layers, trunk);
  for (HeadSpec& head : all.heads) {
    trunk.put(head.from, "");
    LeftOut inside(trunk, "");
    head.layers = expanded(head.layers, inside);
  }
  set_paths(all);
  return all;
}

}  // namespace basewise::spec
