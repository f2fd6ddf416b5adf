#include "basewise/spec/reader.h"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <toml++/toml.h>

#include "basewise/core/options.h"
#include "basewise/core/toml_keys.h"
#include "basewise/spec/expand.h"
#include "basewise/spec/names.h"

namespace basewise::spec {
namespace {

FilePosition position(const toml::source_region& region, const std::string& origin) {
  return {origin, static_cast<std::int64_t>(region.begin.line), 0};
}

class Reader {
 public:
  explicit Reader(std::string origin) : origin_(std::move(origin)) {}

  SpecValue value(const toml::node& node) const {
    const FilePosition where = at(node);
    if (const auto* x = node.as_boolean()) return {x->get(), where};
    if (const auto* x = node.as_integer()) return {x->get(), where};
    if (const auto* x = node.as_floating_point()) return {x->get(), where};
    if (const auto* x = node.as_string()) return {x->get(), where};
    if (const auto* list = node.as_array()) {
      std::vector<SpecValue> values;
      for (const toml::node& item : *list) values.push_back(value(item));
      return {std::move(values), where};
    }
    throw_spec_error(
        where, format("a value here must be a number, text, true/false or a list of them; found {}", type_text(node)));
  }

  FilePosition at(const toml::node& node) const { return position(node.source(), origin_); }
  FilePosition at(const toml::key& key) const { return position(key.source(), origin_); }

  static std::string type_text(const toml::node& node) {
    std::ostringstream text;
    text << node.type();
    return "a TOML " + text.str();
  }

  std::string text(const toml::node& node, std::string_view key) const {
    if (const auto* x = node.as_string(); x != nullptr && !x->get().empty()) return x->get();
    throw_spec_error(at(node), format("'{}' must be text in quotes; found {}", key, type_text(node)));
  }

  std::int64_t positive(const toml::node& node, std::string_view key, std::int64_t most = 1'000'000'000) const {
    const auto* x = node.as_integer();
    if (x == nullptr) throw_spec_error(at(node), format("'{}' must be a whole number; found {}", key, type_text(node)));
    if (x->get() < 1 || x->get() > most)
      throw_spec_error(at(node), format("'{}' is {}; expected 1 to {}", key, x->get(), most));
    return x->get();
  }

  bool flag(const toml::node& node, std::string_view key) const {
    if (const auto* x = node.as_boolean()) return x->get();
    throw_spec_error(at(node), format("'{}' must be true or false; found {}", key, type_text(node)));
  }

  std::vector<std::string> names(const toml::node& node, std::string_view key) const {
    if (node.is_string()) return {text(node, key)};
    const auto* list = node.as_array();
    if (list == nullptr || list->empty())
      throw_spec_error(at(node), format("'{}' must be a name or a list of names; found {}", key, type_text(node)));
    std::vector<std::string> all;
    for (const toml::node& item : *list) all.push_back(text(item, key));
    return all;
  }

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

  std::string combine(const toml::node& node) const {
    std::string how = text(node, "combine");
    if (how != "add" && how != "concat")
      throw_spec_error(at(node), format("'combine' is \"{}\"; expected \"add\" or \"concat\"", how));
    return how;
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

  [[noreturn]] void unknown(const toml::key& key, std::string_view inside,
                            const std::vector<std::string>& known) const {
    const auto near = nearest(key.str(), known);
    throw_spec_error(at(key), format("unknown key '{}' in {}; {}", key.str(), inside,
                                     near ? format("did you mean '{}'?", *near)
                                          : format("expected one of: {}", fmt::join(known, ", "))));
  }

  const toml::array& tables(const toml::node& node, std::string_view key) const {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty() || !list->is_homogeneous<toml::table>())
      throw_spec_error(at(node), format("'{0}' must be tables, written as [[{0}]]; found {1}", key, type_text(node)));
    return *list;
  }

  InputSpec input(const toml::key& key, const toml::node& node) const;
  PartSpec part(const toml::key& key, const toml::node& node) const;
  LayerSpec layer(const toml::table& table) const;
  std::vector<LayerSpec> layers(const toml::node& node, std::string_view key) const;
  HeadSpec head(const toml::table& table) const;
  SpecValue bias(const toml::node& node) const;

 private:
  std::string origin_;
};

InputSpec Reader::input(const toml::key& key, const toml::node& node) const {
  const toml::table* table = node.as_table();
  if (table == nullptr)
    throw_spec_error(at(node),
                     format("input '{0}' must be a table [inputs.{0}]; found {1}", key.str(), type_text(node)));
  InputSpec input{std::string(key.str()), at(key)};
  for (const auto& [option, value] : *table) {
    if (option == "channels")
      input.channels = positive(value, "channels");
    else if (option == "features")
      input.channels = positive(value, "features"), input.positions = false;
    else if (option == "length")
      input.length = positive(value, "length");
    else if (option == "strands")
      input.strands = strands(value, format("input '{}'", input.name));
    else
      unknown(option, format("input '{}'", input.name), {"channels", "features", "length", "strands"});
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
    if (option == "model")
      part.model = text(value, "model");
    else if (option == "heads")
      part.heads = flag(value, "heads");
    else
      unknown(option, format("part '{}'", part.name), {"model", "heads"});
  }
  if (part.model.empty())
    throw_spec_error(part.where, format("part '{}' needs 'model', a model file or a run folder", part.name));
  return part;
}

LayerSpec Reader::layer(const toml::table& table) const {
  LayerSpec layer;
  layer.where = at(table);
  for (const auto& [key, node] : table) {
    if (key == "type")
      layer.type = text(node, "type");
    else if (key == "name")
      layer.name = layer_name(node);
    else if (key == "from")
      layer.from = names(node, "from"), layer.from_where = at(node);
    else if (key == "combine")
      layer.combine = combine(node);
    else if (key == "repeat")
      layer.repeat = positive(node, "repeat", 1000);
    else if (key == "layers")
      layer.layers = layers(node, "layers");
    else
      layer.options.push_back({std::string(key.str()), value(node)});
  }
  // toml++ keeps keys sorted; errors should come in the order of the file, and a file written again
  // should look as it did.
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
    if (key == "name")
      head.name = name(node);
    else if (key == "from")
      head.from = names(node, "from"), head.from_where = at(node);
    else if (key == "combine")
      head.combine = combine(node);
    else if (key == "strands")
      head.strands = strands(node, "a head");
    else if (key == "layers")
      head.layers = layers(node, "heads.layers");
    else if (key == "bias_initial")
      head.bias_initial = bias(node);
    else
      unknown(key, "a head", {"name", "from", "combine", "strands", "bias_initial", "layers"});
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
    throw_spec_error(position(e.source(), origin), format("this is no valid TOML: {}", e.description()));
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
    if (key == "format") continue;
    if (key == "inputs") {
      if (!node.is_table()) throw_spec_error(reader.at(node), "'inputs' must be tables, written as [inputs.sequence]");
      for (const auto& [name, input] : *node.as_table()) model.inputs.push_back(reader.input(name, input));
    } else if (key == "parts") {
      if (!node.is_table()) throw_spec_error(reader.at(node), "'parts' must be tables, written as [parts.dna]");
      for (const auto& [name, part] : *node.as_table()) model.parts.push_back(reader.part(name, part));
    } else if (key == "layers") {
      model.layers = reader.layers(node, "layers");
    } else if (key == "heads") {
      for (const toml::node& item : reader.tables(node, "heads")) model.heads.push_back(reader.head(*item.as_table()));
    } else {
      reader.unknown(key, "a model file", {"format", "inputs", "layers", "heads", "parts"});
    }
  }
  if (model.parts.empty() && model.inputs.empty())
    throw_spec_error(top, "the model has no input; for example [inputs.sequence] with channels = 4");
  if (model.parts.empty() && model.heads.empty())
    throw_spec_error(top, "the model has no head; end the file with [[heads]] and a name such as \"logits\"");
  // The order of the file, with "sequence" first: layers without `from` start there.
  std::stable_sort(model.inputs.begin(), model.inputs.end(), [](const InputSpec& a, const InputSpec& b) {
    return std::pair(a.name != "sequence", a.where.line) < std::pair(b.name != "sequence", b.where.line);
  });
  std::stable_sort(model.parts.begin(), model.parts.end(),
                   [](const PartSpec& a, const PartSpec& b) { return a.where.line < b.where.line; });
  check_layer_count(model);
  name_layers(model);
  return model;
}

}  // namespace basewise::spec
