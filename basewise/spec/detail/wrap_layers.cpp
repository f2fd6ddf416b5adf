#include "basewise/spec/detail/wrap_layers.h"

#include <algorithm>
#include <map>
#include <set>

#include "basewise/core/options.h"

namespace basewise::spec::detail {
namespace {

bool any_of_type(const TextLayer& layer, std::initializer_list<std::string_view> types) {
  return std::find(types.begin(), types.end(), layer.type) != types.end();
}

std::int64_t filters_of(const TextLayer& layer) {
  const SpecValue* value = layer.option("filters");
  const auto* number = value ? std::get_if<std::int64_t>(&value->value) : nullptr;
  return number ? *number : 0;
}

/// Places of the layers of the trunk that can be wrapped: hidden convolutions and blocks of them.
std::vector<std::size_t> hidden_convolutions(const std::vector<TextLayer>& layers) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool profile = layers[i].type == "conv" && filters_of(layers[i]) <= 2 && !goes_on(layers, i);
    if (holds_convolution(layers[i]) && !profile) places.push_back(i);
  }
  return places;
}

std::vector<std::size_t> chosen_places(const TextModel& model, const std::vector<std::string>& chosen, const std::string& origin) {
  std::vector<std::size_t> places = hidden_convolutions(model.layers);
  const FilePosition top{origin, 1, 0};
  if (places.empty()) throw_spec_error(top, "no convolution to wrap: strand.layers = \"wrapped\" needs one before the heads");
  if (chosen == std::vector<std::string>{"all"}) return places;
  const bool early = chosen == std::vector<std::string>{"early"}, late = chosen == std::vector<std::string>{"late"};
  if ((early || late) && places.size() < 2)
    throw_spec_error(top, format("strand.wrap = \"{}\" needs at least two convolutions before the heads; there is one", chosen.front()));
  if (early) places.pop_back();
  if (late) places.erase(places.begin());
  if (early || late) return places;
  std::vector<std::string> known;
  for (const std::size_t i : places) known.push_back(model.layers[i].name);
  for (const std::string& name : chosen)
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto near = nearest(name, known);
      throw_spec_error(top, format("strand.wrap names '{}', which is no convolution before the heads; {}", name,
                                   near ? format("did you mean '{}'?", *near) : format("there are: {}", fmt::join(known, ", "))));
    }
  std::erase_if(places, [&](std::size_t i) { return std::find(chosen.begin(), chosen.end(), model.layers[i].name) == chosen.end(); });
  return places;
}

/// Whether `layers[i]` is computed from the layer above it and from nothing else.
bool follows(const std::vector<TextLayer>& layers, std::size_t i) {
  return layers[i].from.empty() || layers[i].from == std::vector<std::string>{layers[i - 1].name};
}

/// One past the last layer that goes into the wrap which starts at `first`: further chosen ones with all between them, then what
/// works on the last one position by position.
std::size_t end_of(const std::vector<TextLayer>& layers, const std::set<std::size_t>& chosen, std::size_t first) {
  std::size_t end = first + 1;
  for (std::size_t i = first + 1; i < layers.size() && follows(layers, i); ++i) {
    if (holds_convolution(layers[i]) && !chosen.contains(i)) break;
    if (any_of_type(layers[i], {"dense", "flatten"})) break;
    if (chosen.contains(i)) end = i + 1;
  }
  while (end < layers.size() && follows(layers, end) && any_of_type(layers[end], {"batch_norm", "layer_norm", "activation", "dropout"}))
    ++end;
  return end;
}

void rename_sources(std::vector<std::string>& from, const std::map<std::string, std::string>& renamed,
                    const std::map<std::string, std::string>& hidden, const FilePosition& where) {
  for (std::string& name : from) {
    if (const auto it = hidden.find(name); it != hidden.end())
      throw_spec_error(where, format("'{}' is read here, but would lie inside '{}': leave it out of strand.wrap", name, it->second));
    if (const auto it = renamed.find(name); it != renamed.end()) name = it->second;
  }
}

void rename_sources(std::vector<TextLayer>& layers, const std::map<std::string, std::string>& renamed,
                    const std::map<std::string, std::string>& hidden) {
  for (TextLayer& layer : layers) {
    rename_sources(layer.from, renamed, hidden, layer.where);
    if (layer.type != "rc_wrap") rename_sources(layer.layers, renamed, hidden);
  }
}

std::set<std::string> names_of(const TextModel& model) {
  std::set<std::string> names;
  for (const TextInput& input : model.inputs) names.insert(input.name);
  for (const TextLayer& layer : model.layers) names.insert(layer.name);
  for (const TextHead& head : model.heads) names.insert(head.name);
  return names;
}

}  // namespace

bool holds_convolution(const TextLayer& layer) {
  return layer.type == "conv" || std::any_of(layer.layers.begin(), layer.layers.end(), holds_convolution);
}

bool goes_on(const std::vector<TextLayer>& layers, std::size_t i) {
  return i + 1 < layers.size() && follows(layers, i + 1) && any_of_type(layers[i + 1], {"batch_norm", "layer_norm", "activation"});
}

void wrap_layers(TextModel& model, const std::vector<std::string>& chosen, const std::string& origin) {
  const std::vector<std::size_t> places = chosen_places(model, chosen, origin);
  const std::set<std::size_t> wanted(places.begin(), places.end());
  std::set<std::string> names = names_of(model);
  std::map<std::string, std::string> renamed, hidden;
  std::vector<TextLayer> layers;
  for (std::size_t i = 0; i < model.layers.size();) {
    if (!wanted.contains(i)) {
      layers.push_back(std::move(model.layers[i++]));
      continue;
    }
    const std::size_t end = end_of(model.layers, wanted, i);
    TextLayer wrap;
    wrap.name = "wrap";
    for (int n = 2; names.contains(wrap.name); ++n) wrap.name = format("wrap_{}", n);
    names.insert(wrap.name);
    wrap.type = "rc_wrap";
    wrap.where = model.layers[i].where;
    std::swap(wrap.from, model.layers[i].from);
    std::swap(wrap.combine, model.layers[i].combine);
    for (; i < end; ++i) {
      (i + 1 < end ? hidden : renamed)[model.layers[i].name] = wrap.name;
      wrap.layers.push_back(std::move(model.layers[i]));
    }
    layers.push_back(std::move(wrap));
  }
  model.layers = std::move(layers);
  rename_sources(model.layers, renamed, hidden);
  for (TextHead& head : model.heads) {
    rename_sources(head.from, renamed, hidden, head.where);
    rename_sources(head.layers, renamed, hidden);
  }
}

}  // namespace basewise::spec::detail
