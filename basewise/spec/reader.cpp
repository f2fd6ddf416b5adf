#include "basewise/spec/reader.h"

#include <algorithm>
#include <cctype>

#include <toml++/toml.h>

#include "basewise/core/toml_keys.h"
#include "basewise/spec/detail/model_keys.h"
#include "basewise/spec/detail/toml_values.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/names.h"

namespace basewise::spec {
namespace {

using detail::FileKey;
using detail::HeadKey;
using detail::InputKey;
using detail::LayerKey;
using detail::PartKey;

class Reader : public detail::TomlValues {
 public:
  using TomlValues::TomlValues;

  StrandRule strands(const toml::node& node, std::string_view owner) const {
    const std::string word = text(node, "strands");
    for (const StrandRule rule :
         {StrandRule::unchanged, StrandRule::mirrored, StrandRule::paired, StrandRule::complemented})
      if (to_word(rule) == word) return rule;
    throw_spec_error(
        at(node),
        format("'strands' of {} is \"{}\"; expected \"unchanged\", \"mirrored\", \"paired\" or \"complemented\"", owner,
               word));
  }

  Combine combine(const toml::node& node) const {
    const std::string how = text(node, "combine");
    if (const auto known = find_choice<Combine>(how)) return *known;
    throw_spec_error(at(node), format("'combine' is \"{}\"; expected \"add\" or \"concat\"", how));
  }

  std::string name(const toml::node& node) const { return checked_name(text(node, "name"), at(node)); }

  // Layers of a part have the part's name and a dot in front.
  std::string layer_name(const toml::node& node) const {
    std::string name = text(node, "name");
    for (std::size_t start = 0, dot = 0; dot != std::string::npos; start = dot + 1) {
      dot = name.find('.', start);
      if (dot == start || start == name.size())
        throw_spec_error(at(node), format("name \"{}\" has an empty part beside a dot", name));
      checked_name(name.substr(start, dot == std::string::npos ? dot : dot - start), at(node));
    }
    return name;
  }

  static std::string checked_name(std::string name, const FilePosition& where) {
    const bool plain = std::all_of(name.begin(), name.end(),
                                   [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
    if (!plain) throw_spec_error(where, format("name \"{}\" must consist of letters, digits, _ and -", name));
    return name;
  }

  // 0 leaves the layer out; a layer that says nothing is there once.
  std::int64_t repeat(const toml::node& node) const {
    const auto* given = node.as_integer();
    return given != nullptr && given->get() == 0 ? kLeftOut : positive(node, "repeat", 1000);
  }

  InputSpec input(const toml::key& key, const toml::node& node) const;
  PartSpec part(const toml::key& key, const toml::node& node) const;
  LayerSpec layer(const toml::table& table) const;
  std::vector<LayerSpec> layers(const toml::node& node, std::string_view key) const;
  HeadSpec head(const toml::table& table) const;
  SpecValue bias(const toml::node& node) const;
};

InputSpec Reader::input(const toml::key& key, const toml::node& node) const {
  const toml::table* table = node.as_table();
  if (table == nullptr)
    throw_spec_error(at(node),
                     format("input '{0}' must be a table [inputs.{0}]; found {1}", key.str(), type_text(node)));
  InputSpec input{std::string(key.str()), at(key)};
  for (const auto& [option, value] : *table) {
    switch (known_key<InputKey>(option, format("input '{}'", input.name))) {
      case InputKey::channels:
        input.channels = positive(value, "channels");
        break;
      case InputKey::features:
        input.channels = positive(value, "features"), input.positions = false;
        break;
      case InputKey::length:
        input.length = positive(value, "length");
        break;
      case InputKey::strands:
        input.strands = strands(value, format("input '{}'", input.name));
        break;
    }
  }
  if (input.channels == 0)
    throw_spec_error(
        input.where,
        format("input '{}' needs 'channels' (for a tensor (N, channels, L)) or 'features' (for (N, features))",
               input.name));
  if (input.strands == StrandRule::paired && input.channels % 2 != 0)
    throw_spec_error(
        input.where,
        format(
            "input '{}' has {} channels, so they cannot be strands in pairs: strands = \"paired\" needs an even number",
            input.name, input.channels));
  if (!input.positions && (input.length > 0 || table->contains("channels")))
    throw_spec_error(
        input.where,
        format("input '{}' has 'features', so it has no positions: drop 'channels' and 'length'", input.name));
  return input;
}

PartSpec Reader::part(const toml::key& key, const toml::node& node) const {
  const toml::table* table = node.as_table();
  if (table == nullptr)
    throw_spec_error(at(node), format("part '{0}' must be a table [parts.{0}]; found {1}", key.str(), type_text(node)));
  PartSpec part{checked_name(std::string(key.str()), at(key)), at(key), {}, false};
  for (const auto& [option, value] : *table) {
    switch (known_key<PartKey>(option, format("part '{}'", part.name))) {
      case PartKey::model:
        part.model = text(value, "model");
        break;
      case PartKey::heads:
        part.heads = flag(value, "heads");
        break;
    }
  }
  if (part.model.empty())
    throw_spec_error(part.where, format("part '{}' needs 'model', a model file or a run folder", part.name));
  return part;
}

LayerSpec Reader::layer(const toml::table& table) const {
  LayerSpec layer;
  layer.where = at(table);
  for (const auto& [key, node] : table) {
    const std::optional<LayerKey> known = find_choice<LayerKey>(key.str());
    if (!known) {
      layer.options.push_back({std::string(key.str()), value(node)});
      continue;
    }
    switch (*known) {
      case LayerKey::type:
        layer.type = text(node, "type");
        break;
      case LayerKey::name:
        layer.name = layer_name(node);
        break;
      case LayerKey::from:
        layer.from = names(node, "from"), layer.from_where = at(node);
        break;
      case LayerKey::combine:
        layer.combine = combine(node);
        break;
      case LayerKey::repeat:
        layer.repeat = repeat(node);
        break;
      case LayerKey::layers:
        layer.layers = layers(node, "layers");
        break;
    }
  }
  // toml++ keeps keys sorted; errors should come in the order of the file,
  // and a file written again should look as it did.
  std::stable_sort(layer.options.begin(), layer.options.end(),
                   [](const SpecOption& a, const SpecOption& b) { return a.value.where.line < b.value.where.line; });
  if (layer.type.empty()) throw_spec_error(layer.where, "this layer has no 'type'; for example type = \"conv\"");
  return layer;
}

std::vector<LayerSpec> Reader::layers(const toml::node& node, std::string_view key) const {
  std::vector<LayerSpec> all;
  for (const toml::node& item : tables(node, key)) all.push_back(layer(*item.as_table()));
  return all;
}

SpecValue Reader::bias(const toml::node& node) const {
  const toml::array one = node.is_array() ? *node.as_array() : toml::array{node};
  for (const toml::node& item : one)
    if (!item.is_number())
      throw_spec_error(at(node),
                       format("'bias_initial' must be a number or a list of numbers; found {}", type_text(item)));
  return value(node);
}

HeadSpec Reader::head(const toml::table& table) const {
  HeadSpec head;
  head.where = at(table);
  for (const auto& [key, node] : table) {
    switch (known_key<HeadKey>(key, "a head")) {
      case HeadKey::name:
        head.name = name(node);
        break;
      case HeadKey::from:
        head.from = names(node, "from"), head.from_where = at(node);
        break;
      case HeadKey::combine:
        head.combine = combine(node);
        break;
      case HeadKey::strands:
        head.strands = strands(node, "a head");
        break;
      case HeadKey::bias_initial:
        head.bias_initial = bias(node);
        break;
      case HeadKey::layers:
        head.layers = layers(node, "heads.layers");
        break;
    }
  }
  if (head.name.empty()) throw_spec_error(head.where, "this head has no 'name'; for example name = \"logits\"");
  if (head.bias_initial && head.bias_values().empty()) head.bias_initial.reset();
  return head;
}

toml::table parse_toml(const std::string& text, const std::string& origin) {
  check_toml_keys(text, origin);
  try {
    return toml::parse(text, origin);
  } catch (const toml::parse_error& e) {
    throw_spec_error(detail::position(e.source(), origin), format("this is no valid TOML: {}", e.description()));
  }
}

void check_format(const toml::table& root, const Reader& reader, const FilePosition& top) {
  const auto* version = root.get("format");
  if (version == nullptr) throw_spec_error(top, "a model file starts with format = 1; 'format' is missing");
  if (version->value<std::int64_t>() != 1)
    throw_spec_error(reader.at(*version),
                     "unknown 'format' of a model file; this program reads format = 1: a newer basewise may be needed");
}

// Names of inputs and heads stay free for them; layers without a name are given one.
void name_layers(ModelSpec& model) {
  for (HeadSpec& head : model.heads) Names().give(head.layers);
  Names names;
  for (const InputSpec& input : model.inputs) names.take(input.name, input.where);
  for (const HeadSpec& head : model.heads) names.take(head.name, head.where);
  names.give(model.layers);
  set_paths(model);
}

}  // namespace

ModelSpec parse_spec(const std::string& toml, const std::string& origin) {
  const toml::table root = parse_toml(toml, origin);
  const Reader reader(origin);
  ModelSpec model;
  const FilePosition top{origin, 1, 0};
  check_format(root, reader, top);
  for (const auto& [key, node] : root) {
    switch (reader.known_key<FileKey>(key, "a model file")) {
      case FileKey::format:
        break;
      case FileKey::inputs:
        if (!node.is_table()) throw_spec_error(reader.at(node), "'inputs' must be tables, written as [inputs.sequence]");
        for (const auto& [name, input] : *node.as_table()) model.inputs.push_back(reader.input(name, input));
        break;
      case FileKey::parts:
        if (!node.is_table()) throw_spec_error(reader.at(node), "'parts' must be tables, written as [parts.dna]");
        for (const auto& [name, part] : *node.as_table()) model.parts.push_back(reader.part(name, part));
        break;
      case FileKey::layers:
        model.layers = reader.layers(node, "layers");
        break;
      case FileKey::heads:
        for (const toml::node& item : reader.tables(node, "heads")) model.heads.push_back(reader.head(*item.as_table()));
        break;
    }
  }
  if (model.parts.empty() && model.inputs.empty())
    throw_spec_error(top, "the model has no input; for example [inputs.sequence] with channels = 4");
  if (model.parts.empty() && model.heads.empty())
    throw_spec_error(top, "the model has no head; end the file with [[heads]] and a name such as \"logits\"");
  // The order of the file, with "sequence" first: layers without `from` start there.
  std::stable_sort(model.inputs.begin(), model.inputs.end(), [](const InputSpec& a, const InputSpec& b) {
    return std::pair(a.name != kSequence, a.where.line) < std::pair(b.name != kSequence, b.where.line);
  });
  std::stable_sort(model.parts.begin(), model.parts.end(),
                   [](const PartSpec& a, const PartSpec& b) { return a.where.line < b.where.line; });
  check_layer_count(model);
  name_layers(model);
  return model;
}

}  // namespace basewise::spec
