#include "basewise/spec/writer.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include <toml++/toml.h>

#include "basewise/spec/expand.h"

namespace basewise::spec {
namespace {

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
      text += quoted(std::get<std::string>(value.value));
    }
  }

  void line(const std::string& indent, const std::string& key, const SpecValue& value) {
    text += indent + key_text(key) + " = ";
    this->value(value);
    text += '\n';
  }

  void sources(const std::string& indent, const std::vector<std::string>& from, std::optional<Combine> combine) {
    std::vector<SpecValue> names;
    for (const std::string& name : from) names.push_back({name, {}});
    if (!from.empty()) line(indent, "from", names.size() == 1 ? names[0] : SpecValue{std::move(names), {}});
    if (combine) line(indent, "combine", {std::string(to_word(*combine)), {}});
  }

  void part(const PartSpec& part) {
    text += format("\n[parts.{}]\n", part.name);
    line("", "model", {part.model, {}});
    if (part.heads) line("", "heads", {true, {}});
  }

  void input(const InputSpec& input) {
    text += format("\n[inputs.{}]\n", key_text(input.name));
    line("", input.positions ? "channels" : "features", {input.channels, {}});
    if (input.length > 0) line("", "length", {input.length, {}});
    strands(input.strands);
  }

  void layers(const std::vector<LayerSpec>& all, const std::string& path, const std::string& indent) {
    for (const LayerSpec& layer : all) {
      text += format("\n{}[[{}]]\n", indent, path);
      line(indent, "name", {layer.name, {}});
      line(indent, "type", {layer.type, {}});
      sources(indent, layer.from, layer.combine);
      if (layer.repeat != 0) line(indent, "repeat", {layer.repeat == kLeftOut ? 0 : layer.repeat, {}});
      for (const SpecOption& option : layer.options) line(indent, option.key, option.value);
      layers(layer.layers, path + ".layers", indent + "  ");
    }
  }

  void head(const HeadSpec& head) {
    text += "\n[[heads]]\n";
    line("", "name", {head.name, {}});
    sources("", head.from, head.combine);
    strands(head.strands);
    if (head.bias_initial) line("", "bias_initial", *head.bias_initial);
    layers(head.layers, "heads.layers", "  ");
  }

 private:
  void strands(const std::optional<StrandRule>& rule) {
    if (rule) line("", "strands", {std::string(to_word(*rule)), {}});
  }

  static std::string key_text(const std::string& key) {
    const bool bare = !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
      return std::isalnum(c) || c == '_' || c == '-';
    });
    return bare ? key : quoted(key);
  }

  static std::string quoted(const std::string& letters) {
    const toml::value<std::string> node(letters);
    std::ostringstream out;
    constexpr auto kNone = toml::format_flags::allow_literal_strings | toml::format_flags::allow_multi_line_strings;
    out << toml::toml_formatter{node, toml::toml_formatter::default_flags & ~kNone};
    return out.str();
  }
};

}  // namespace

std::string to_toml(const ModelSpec& model, const std::string& comment) {
  Writer w;
  if (!comment.empty()) w.text = format("# {}\n", comment);
  w.text += "format = 1\n";
  for (const PartSpec& part : model.parts) w.part(part);
  for (const InputSpec& input : model.inputs) w.input(input);
  w.layers(model.layers, "layers", "");
  for (const HeadSpec& head : model.heads) w.head(head);
  return w.text;
}

}  // namespace basewise::spec
