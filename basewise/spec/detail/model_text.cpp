#include "basewise/spec/detail/model_text.h"

#include <algorithm>
#include <set>
#include <sstream>

#include <toml++/toml.h>

namespace basewise::spec::detail {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& origin) : origin_(origin) {}

  FilePosition at(const toml::node& node) const { return {origin_, static_cast<std::int64_t>(node.source().begin.line), 0}; }

  SpecValue value(const toml::node& node) const {
    const FilePosition where = at(node);
    if (const auto* x = node.as_boolean()) return {x->get(), where};
    if (const auto* x = node.as_integer()) return {x->get(), where};
    if (const auto* x = node.as_floating_point()) return {x->get(), where};
    if (const auto* x = node.as_string()) return {x->get(), where};
    std::vector<SpecValue> values;
    for (const toml::node& item : *node.as_array()) values.push_back(value(item));
    return {std::move(values), where};
  }

  static std::string text(const toml::node& node) { return node.value<std::string>().value(); }

  static std::vector<std::string> names(const toml::node& node) {
    if (node.is_string()) return {text(node)};
    std::vector<std::string> all;
    for (const toml::node& item : *node.as_array()) all.push_back(text(item));
    return all;
  }

  std::vector<SpecOption> options(const toml::table& table, const std::set<std::string_view>& known) const {
    std::vector<SpecOption> all;
    for (const auto& [key, node] : table)
      if (!known.contains(key.str())) all.push_back({std::string(key.str()), value(node)});
    // toml++ keeps keys sorted; a file written again should look as it did.
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.value.where.line < b.value.where.line; });
    return all;
  }

  std::vector<TextLayer> layers(const toml::table& table) const {
    std::vector<TextLayer> all;
    if (const auto* list = table["layers"].as_array())
      for (const toml::node& item : *list) all.push_back(layer(*item.as_table()));
    return all;
  }

  TextLayer layer(const toml::table& table) const {
    TextLayer layer;
    layer.where = at(table);
    layer.type = text(*table.get("type"));
    if (const auto* node = table.get("name")) layer.name = text(*node);
    if (const auto* node = table.get("from")) layer.from = names(*node);
    if (const auto* node = table.get("combine")) layer.combine = text(*node);
    if (const auto* node = table.get("repeat")) layer.repeat = node->value<std::int64_t>().value();
    layer.options = options(table, {"type", "name", "from", "combine", "repeat", "layers"});
    layer.layers = layers(table);
    return layer;
  }

  TextHead head(const toml::table& table) const {
    TextHead head;
    head.where = at(table);
    head.name = text(*table.get("name"));
    if (const auto* node = table.get("from")) head.from = names(*node);
    if (const auto* node = table.get("combine")) head.combine = text(*node);
    head.options = options(table, {"name", "from", "combine", "layers"});
    head.layers = layers(table);
    return head;
  }

 private:
  const std::string& origin_;
};

// The rule of `parse_spec`: a layer without name is called by its type, numbered from the second on; given names win.
void give_names(std::vector<TextLayer>& layers, std::set<std::string> used = {}) {
  for (const TextLayer& layer : layers) used.insert(layer.name);
  for (TextLayer& layer : layers) {
    if (layer.name.empty()) {
      layer.name = layer.type;
      for (int n = 2; used.contains(layer.name); ++n) layer.name = format("{}_{}", layer.type, n);
      used.insert(layer.name);
    }
    give_names(layer.layers);
  }
}

class Writer {
 public:
  std::string text;

  void value(const SpecValue& value) {
    if (const auto* list = std::get_if<std::vector<SpecValue>>(&value.value)) {
      text += '[';
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (i > 0) text += ", ";
        this->value((*list)[i]);
      }
      text += ']';
    } else if (const auto* flag = std::get_if<bool>(&value.value)) {
      text += *flag ? "true" : "false";
    } else if (const auto* whole = std::get_if<std::int64_t>(&value.value)) {
      text += format("{}", *whole);
    } else if (const auto* number = std::get_if<double>(&value.value)) {
      const std::string shown = format("{}", *number);
      text += shown.find_first_of(".en") == std::string::npos ? shown + ".0" : shown;
    } else {
      quoted(std::get<std::string>(value.value));
    }
  }

  void line(const std::string& indent, const std::string& key, const SpecValue& value) {
    text += indent + key + " = ";
    this->value(value);
    text += '\n';
  }

  void sources(const std::string& indent, const std::vector<std::string>& from, const std::string& combine) {
    if (from.empty()) return;
    std::vector<SpecValue> names;
    for (const std::string& name : from) names.push_back({name, {}});
    line(indent, "from", names.size() == 1 ? names[0] : SpecValue{std::move(names), {}});
    if (!combine.empty()) line(indent, "combine", {combine, {}});
  }

  void layers(const std::vector<TextLayer>& all, const std::string& path, const std::string& indent) {
    for (const TextLayer& layer : all) {
      text += format("\n{}[[{}]]\n", indent, path);
      line(indent, "name", {layer.name, {}});
      line(indent, "type", {layer.type, {}});
      sources(indent, layer.from, layer.combine);
      if (layer.repeat > 0) line(indent, "repeat", {layer.repeat, {}});
      for (const SpecOption& option : layer.options) line(indent, option.key, option.value);
      layers(layer.layers, path + ".layers", indent + "  ");
    }
  }

 private:
  void quoted(const std::string& letters) {
    toml::value<std::string> node(letters);
    std::ostringstream out;
    out << toml::toml_formatter{node, toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings};
    text += out.str();
  }
};

}  // namespace

const SpecValue* find_option(const std::vector<SpecOption>& options, std::string_view key) {
  for (const SpecOption& option : options)
    if (option.key == key) return &option.value;
  return nullptr;
}

const SpecValue* TextLayer::option(std::string_view key) const { return find_option(options, key); }

void TextLayer::set(std::string_view key, SpecValue value) {
  for (SpecOption& option : options)
    if (option.key == key) {
      option.value = std::move(value);
      return;
    }
  options.push_back({std::string(key), std::move(value)});
}

void TextLayer::erase(std::string_view key) {
  std::erase_if(options, [&](const SpecOption& option) { return option.key == key; });
}

std::string TextLayer::label() const { return format("{}: layer '{}' ({})", where.to_string(), name, type); }

TextModel read_model_text(const std::string& toml, const std::string& origin) {
  const ModelSpec spec = parse_spec(toml, origin);  // refuses whatever is no model file
  const toml::table root = toml::parse(toml, origin);
  const Reader reader(origin);
  TextModel model;
  std::set<std::string> reserved;
  for (const InputSpec& input : spec.inputs) {
    model.inputs.push_back({input.name, reader.options(*root["inputs"][input.name].as_table(), {})});
    reserved.insert(input.name);
  }
  model.layers = reader.layers(root);
  for (const toml::node& item : *root["heads"].as_array()) {
    model.heads.push_back(reader.head(*item.as_table()));
    reserved.insert(model.heads.back().name);
    give_names(model.heads.back().layers);
  }
  give_names(model.layers, reserved);
  return model;
}

std::string write_model_text(const TextModel& model, const std::string& comment) {
  Writer w;
  w.text = format("# {}\nformat = 1\n", comment);
  for (const TextInput& input : model.inputs) {
    w.text += format("\n[inputs.{}]\n", input.name);
    for (const SpecOption& option : input.options) w.line("", option.key, option.value);
  }
  w.layers(model.layers, "layers", "");
  for (const TextHead& head : model.heads) {
    w.text += "\n[[heads]]\n";
    w.line("", "name", {head.name, {}});
    w.sources("", head.from, head.combine);
    for (const SpecOption& option : head.options) w.line("", option.key, option.value);
    w.layers(head.layers, "heads.layers", "  ");
  }
  return w.text;
}

}  // namespace basewise::spec::detail
