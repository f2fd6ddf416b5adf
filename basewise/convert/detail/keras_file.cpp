#include "basewise/convert/detail/keras_file.h"

#include <algorithm>
#include <set>

#include "basewise/convert/detail/words.h"
#include "basewise/core/error.h"
#include "basewise/core/json.h"

namespace basewise::convert::detail {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostLayers = 10'000;
constexpr std::string_view kInput = "InputLayer";

std::string word(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

// A tensor of another layer, [name, node, tensor, {...}] or {"keras_history":
// [name, node, tensor]}.
bool is_tensor(const Json& value) {
  return value.is_array() && value.size() >= 3 && value[0].is_string() && value[1].is_number_integer() && value[2].is_number_integer();
}

// What a layer is called with: tensors of layers by name, other arguments in `arguments`. Keras 2
// nests lists, Keras 3 objects.
void read_call(const Json& value, KerasLayer& layer) {
  if (is_tensor(value)) {
    layer.inputs.push_back(value[0].get<std::string>());
    if (value.size() > 3 && value[3].is_object())
      for (const auto& [key, argument] : value[3].items()) {
        if (is_tensor(argument))
          layer.inputs.push_back(argument[0].get<std::string>());
        else
          layer.arguments[key] = argument;
      }
    return;
  }
  if (value.is_object() && value.contains("keras_history")) return read_call(value["keras_history"], layer);
  if (value.is_object() && value.contains("args")) {
    read_call(value["args"], layer);
    if (const auto more = value.find("kwargs"); more != value.end() && more->is_object())
      for (const auto& [key, argument] : more->items()) layer.arguments[key] = argument;
    return;
  }
  if (value.is_object() && value.contains("config")) return read_call(value["config"], layer);
  if (value.is_array())
    for (const Json& one : value) read_call(one, layer);
}

// "kernel" of "dense1_4/kernel:0".
std::string short_name(const std::string& name) {
  std::string last = name.substr(name.rfind('/') == std::string::npos ? 0 : name.rfind('/') + 1);
  return last.substr(0, last.find(':'));
}

}  // namespace

void KerasFile::fail(const std::string& problem) const { throw DataError(format("{}: {}", path_.string(), problem)); }

KerasFile::KerasFile(const std::filesystem::path& path) : path_(path), file_(path) {
  const std::vector<std::string> names = file_.attributes();
  if (std::find(names.begin(), names.end(), "model_config") == names.end())
    fail("has no attribute model_config, which says the layers: it holds weights alone, or is no Keras file. Save the whole model");
  const std::vector<std::string> text = file_.attribute<std::string>("", "model_config");
  if (text.size() != 1) fail(format("model_config is {} texts; expected one", text.size()));
  root_ = file_.contains("model_weights") ? "model_weights/" : "";
  read_layers(parse_json(text[0], path.string() + ": model_config"));
  read_weights();
}

void KerasFile::read_layers(const Json& root) {
  if (!root.is_object()) fail("model_config is no table");
  const std::string type = word(root, "class_name");
  const std::optional<ModelWord> known = find_choice<ModelWord>(type);
  if (!known) fail(format("model_config is of class \"{}\"; expected Sequential, Model or Functional", type));
  const bool sequential = known == ModelWord::sequential;
  const Json config = root.value("config", Json());
  const Json& list = config.is_array() ? config : config.is_object() && config.contains("layers") ? config["layers"] : Json();
  if (!list.is_array() || list.empty() || list.size() > kMostLayers)
    fail(format("model_config lists no layers, or more than {}", kMostLayers));
  for (const Json& entry : list) read_layer(entry, sequential);
  if (sequential) {
    outputs_ = {layers_.back().name};
    return;
  }
  KerasLayer ends;
  read_call(config.value("output_layers", Json()), ends);
  outputs_ = ends.inputs;
  if (outputs_.empty()) fail("model_config names no output_layers");
}

void KerasFile::read_layer(const Json& entry, bool sequential) {
  if (!entry.is_object()) fail("a layer of model_config is no table");
  KerasLayer layer;
  layer.type = word(entry, "class_name");
  layer.config = entry.value("config", Json::object());
  if (!layer.config.is_object()) fail(format("a {} of model_config has no config", layer.type));
  layer.name = word(entry, "name");
  if (layer.name.empty()) layer.name = word(layer.config, "name");
  layer.arguments = Json::object();
  if (layer.name.empty() || layer.type.empty()) fail("a layer of model_config has no name or class_name");
  if (std::any_of(layers_.begin(), layers_.end(), [&](const KerasLayer& other) { return other.name == layer.name; }))
    fail(format("model_config has two layers '{}'", layer.name));
  if (sequential && !layers_.empty()) layer.inputs = {layers_.back().name};
  if (sequential && layers_.empty() && layer.type != kInput) {
    KerasLayer input;
    input.name = layer.name + "_input";
    input.type = kInput;
    input.config = layer.config;
    layers_.push_back(std::move(input));
    layer.inputs = {layers_.back().name};
  }
  if (!sequential) {
    const Json calls = entry.value("inbound_nodes", Json::array());
    if (calls.is_array() && calls.size() > 1 && !is_tensor(calls[0]))
      fail(format("layer '{}' is called {} times; layers that are used twice are not converted", layer.name, calls.size()));
    read_call(calls, layer);
  }
  layers_.push_back(std::move(layer));
}

void KerasFile::read_weights() {
  std::set<std::string> used;
  for (KerasLayer& layer : layers_) {
    const std::string group = root_ + layer.name;
    // The list of no weights is an array of numbers.
    if (!file_.contains(group) || file_.data_sets(group).empty()) continue;
    std::vector<std::string> names;
    // Long lists are kept in pieces, weight_names0, weight_names1, ...
    for (const std::string& attribute : file_.attributes(group))
      if (attribute.starts_with("weight_names"))
        for (const std::string& name : file_.attribute<std::string>(group, attribute)) names.push_back(name);
    for (const std::string& name : names) {
      const std::string path = group + "/" + name;
      layer.weights.push_back({short_name(name), path, file_.info(path).shape});
      used.insert(path);
    }
  }
  for (const std::string& path : file_.data_sets(root_.empty() ? "" : "model_weights"))
    if (!used.contains(path)) strays_.push_back(path);
}

}  // namespace basewise::convert::detail
