#include "basewise/spec/wrap_layers.h"

#include <algorithm>
#include <map>
#include <set>

#include "basewise/core/options.h"
#include "basewise/core/some_of.h"
#include "basewise/spec/names.h"

namespace basewise::spec {
namespace {

using Role = StrandForm::Role;

bool has_role(const LayerSpec& layer, std::initializer_list<Role> roles, const StrandForms& forms) {
  const StrandForm* form = forms(layer.type);
  return form != nullptr && std::find(roles.begin(), roles.end(), form->role) != roles.end();
}

/// A convolution, or a block that holds one.
bool holds_convolution(const LayerSpec& layer, const StrandForms& forms) {
  return has_role(layer, {Role::filters}, forms) ||
         std::any_of(layer.layers.begin(), layer.layers.end(),
                     [&](const LayerSpec& inner) { return holds_convolution(inner, forms); });
}

/// Places of the layers of the trunk that can be wrapped: hidden convolutions and blocks of them.
std::vector<std::size_t> hidden_convolutions(const std::vector<LayerSpec>& layers, const StrandForms& forms) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const bool profile =
        has_role(layers[i], {Role::filters}, forms) && layers[i].whole("filters", 0) <= 2 && !goes_on(layers, i, forms);
    if (holds_convolution(layers[i], forms) && !profile) places.push_back(i);
  }
  return places;
}

std::vector<std::size_t> chosen_places(const ModelSpec& model, const std::vector<std::string>& chosen,
                                       const StrandForms& forms) {
  std::vector<std::size_t> places = hidden_convolutions(model.layers, forms);
  const FilePosition top{model.inputs.front().where.file, 1, 0};
  if (places.empty())
    throw_spec_error(top, "no convolution to wrap: strand.layers = \"wrapped\" needs one before the heads");
  if (chosen == std::vector<std::string>{"all"}) return places;
  const bool early = chosen == std::vector<std::string>{"early"}, late = chosen == std::vector<std::string>{"late"};
  if ((early || late) && places.size() < 2)
    throw_spec_error(top, format("strand.wrap = \"{}\" needs at least two convolutions before the heads; there is one",
                                 chosen.front()));
  if (early) places.pop_back();
  if (late) places.erase(places.begin());
  if (early || late) return places;
  std::vector<std::string> known;
  for (const std::size_t i : places) known.push_back(model.layers[i].name);
  for (const std::string& name : chosen)
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      const auto near = nearest(name, known);
      throw_spec_error(
          top, format("strand.wrap names '{}', which is no convolution before the heads; {}", name,
                      near ? format("did you mean '{}'?", *near) : format("there are: {}", some_of(known, "", 20))));
    }
  std::erase_if(places, [&](std::size_t i) {
    return std::find(chosen.begin(), chosen.end(), model.layers[i].name) == chosen.end();
  });
  return places;
}

/// Whether `layers[i]` is computed from the layer above it and from nothing else.
bool follows(const std::vector<LayerSpec>& layers, std::size_t i) {
  return layers[i].from.empty() || layers[i].from == std::vector<std::string>{layers[i - 1].name};
}

/// One past the last layer that goes into the wrap which starts at `first`: further chosen ones
/// with all between them, then what works on the last one position by position.
std::size_t end_of(const std::vector<LayerSpec>& layers, const std::set<std::size_t>& chosen, std::size_t first,
                   const StrandForms& forms) {
  std::size_t end = first + 1;
  for (std::size_t i = first + 1; i < layers.size() && follows(layers, i); ++i) {
    if (holds_convolution(layers[i], forms) && !chosen.contains(i)) break;
    if (has_role(layers[i], {Role::readout}, forms)) break;
    if (chosen.contains(i)) end = i + 1;
  }
  while (end < layers.size() && follows(layers, end) && has_role(layers[end], {Role::finish, Role::along}, forms))
    ++end;
  return end;
}

void rename_sources(std::vector<std::string>& from, const std::map<std::string, std::string>& renamed,
                    const std::map<std::string, std::string>& hidden, const FilePosition& where) {
  for (std::string& name : from) {
    if (const auto it = hidden.find(name); it != hidden.end())
      throw_spec_error(
          where, format("'{}' is read here, but would lie inside '{}': leave it out of strand.wrap", name, it->second));
    if (const auto it = renamed.find(name); it != renamed.end()) name = it->second;
  }
}

/// `wraps` are those of `layers` inside of which names stay what they are.
void rename_sources(std::vector<LayerSpec>& layers, const std::map<std::string, std::string>& renamed,
                    const std::map<std::string, std::string>& hidden, const std::set<std::string>& wraps = {}) {
  for (LayerSpec& layer : layers) {
    rename_sources(layer.from, renamed, hidden, layer.where);
    if (!wraps.contains(layer.name)) rename_sources(layer.layers, renamed, hidden);
  }
}

/// The chosen layers of `layers`, each run of them in a wrap; `renamed` and `hidden` say in which
/// wrap the last layer of it and the others are now.
std::vector<LayerSpec> wrapped(std::vector<LayerSpec> layers, const std::set<std::size_t>& wanted,
                               const StrandForms& forms, Names& names, std::map<std::string, std::string>& renamed,
                               std::map<std::string, std::string>& hidden) {
  std::vector<LayerSpec> out;
  for (std::size_t i = 0; i < layers.size();) {
    if (!wanted.contains(i)) {
      out.push_back(std::move(layers[i++]));
      continue;
    }
    const std::size_t end = end_of(layers, wanted, i, forms);
    LayerSpec wrap = made_layer(names.fresh("wrap", layers[i].where), "rc_wrap", layers[i].where);
    std::swap(wrap.from, layers[i].from);
    std::swap(wrap.from_where, layers[i].from_where);
    std::swap(wrap.combine, layers[i].combine);
    for (; i < end; ++i) {
      (i + 1 < end ? hidden : renamed)[layers[i].name] = wrap.name;
      wrap.layers.push_back(std::move(layers[i]));
    }
    out.push_back(std::move(wrap));
  }
  return out;
}

}  // namespace

bool goes_on(const std::vector<LayerSpec>& layers, std::size_t i, const StrandForms& forms) {
  return i + 1 < layers.size() && follows(layers, i + 1) && has_role(layers[i + 1], {Role::finish}, forms);
}

ModelSpec wrap_layers(ModelSpec model, const std::vector<std::string>& chosen, const StrandForms& forms) {
  const std::vector<std::size_t> places = chosen_places(model, chosen, forms);
  Names names(model);
  std::map<std::string, std::string> renamed, hidden;
  model.layers = wrapped(std::move(model.layers), {places.begin(), places.end()}, forms, names, renamed, hidden);
  std::set<std::string> wraps;
  for (const auto& [layer, wrap] : renamed) wraps.insert(wrap);
  rename_sources(model.layers, renamed, hidden, wraps);
  for (HeadSpec& head : model.heads) {
    rename_sources(head.from, renamed, hidden, head.where);
    rename_sources(head.layers, renamed, hidden);
  }
  set_paths(model);
  return model;
}

}  // namespace basewise::spec
