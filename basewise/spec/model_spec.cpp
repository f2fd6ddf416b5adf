#include "basewise/spec/model_spec.h"

#include <algorithm>
#include <tuple>

namespace basewise::spec {
namespace {

template <class T>
const T* option_as(const LayerSpec& layer, std::string_view key) {
  const SpecValue* value = layer.option(key);
  return value == nullptr ? nullptr : std::get_if<T>(&value->value);
}

void set_paths(std::vector<LayerSpec>& layers, const std::string& prefix) {
  for (LayerSpec& layer : layers) {
    layer.path = prefix.empty() ? layer.name : prefix + "." + layer.name;
    set_paths(layer.layers, layer.path);
  }
}

}  // namespace

void throw_spec_error(const FilePosition& where, const std::string& message) {
  throw ArgumentError(format("{}: {}", where.to_string(), message));
}

std::string SpecValue::kind() const {
  switch (value.index()) {
    case 0:
      return "true or false";
    case 1:
      return "a whole number";
    case 2:
      return "a number";
    case 3:
      return "text";
    default:
      return format("a list of {} values", std::get<std::vector<SpecValue>>(value).size());
  }
}

const SpecValue* LayerSpec::option(std::string_view key) const {
  const auto it =
      std::find_if(options.begin(), options.end(), [&](const SpecOption& option) { return option.key == key; });
  return it == options.end() ? nullptr : &it->value;
}

std::string LayerSpec::text(std::string_view key, std::string otherwise) const {
  const auto* text = option_as<std::string>(*this, key);
  return text ? *text : otherwise;
}

std::int64_t LayerSpec::whole(std::string_view key, std::int64_t otherwise) const {
  const auto* number = option_as<std::int64_t>(*this, key);
  return number ? *number : otherwise;
}

bool LayerSpec::flag(std::string_view key, bool otherwise) const {
  const auto* flag = option_as<bool>(*this, key);
  return flag ? *flag : otherwise;
}

void LayerSpec::set(std::string_view key, SpecValue value) {
  for (SpecOption& option : options)
    if (option.key == key) {
      option.value = std::move(value);
      return;
    }
  options.push_back({std::string(key), std::move(value)});
}

void LayerSpec::erase(std::string_view key) {
  std::erase_if(options, [&](const SpecOption& option) { return option.key == key; });
}

std::string LayerSpec::label() const {
  return format("{}: layer '{}' ({})", where.to_string(), path.empty() ? name : path, type);
}

bool operator==(const LayerSpec& a, const LayerSpec& b) {
  const auto said = [](const LayerSpec& x) {
    return std::tie(x.name, x.type, x.from, x.combine, x.repeat, x.options, x.layers);
  };
  return said(a) == said(b);
}

bool operator==(const InputSpec& a, const InputSpec& b) {
  const auto said = [](const InputSpec& x) { return std::tie(x.name, x.channels, x.positions, x.length, x.strands); };
  return said(a) == said(b);
}

bool operator==(const HeadSpec& a, const HeadSpec& b) {
  const auto said = [](const HeadSpec& x) {
    return std::tie(x.name, x.from, x.combine, x.bias_initial, x.strands, x.layers);
  };
  return said(a) == said(b);
}

bool operator==(const PartSpec& a, const PartSpec& b) {
  return std::tie(a.name, a.model, a.heads) == std::tie(b.name, b.model, b.heads);
}

std::vector<double> HeadSpec::bias_values() const {
  std::vector<double> values;
  const auto take = [&](const SpecValue& one) {
    const auto* whole = std::get_if<std::int64_t>(&one.value);
    values.push_back(whole ? static_cast<double>(*whole) : std::get<double>(one.value));
  };
  if (!bias_initial) return values;
  if (const auto* list = std::get_if<std::vector<SpecValue>>(&bias_initial->value))
    std::for_each(list->begin(), list->end(), take);
  else
    take(*bias_initial);
  return values;
}

LayerSpec made_layer(std::string name, std::string type, const FilePosition& where, std::vector<SpecOption> options) {
  LayerSpec layer;
  layer.name = std::move(name);
  layer.path = layer.name;
  layer.type = std::move(type);
  layer.where = where;
  layer.options = std::move(options);
  return layer;
}

void set_paths(ModelSpec& model) {
  set_paths(model.layers, "");
  for (HeadSpec& head : model.heads) set_paths(head.layers, head.name);
}

std::optional<StrandRule> usual_strand_rule(bool output, std::string_view name, std::int64_t channels, bool positions) {
  if (!positions) return StrandRule::unchanged;
  if (!output && (name == kSequence || channels == 4)) return StrandRule::complemented;
  if (channels > 2) return std::nullopt;
  return channels == 1 ? StrandRule::mirrored : StrandRule::paired;
}

std::optional<StrandRule> strand_rule(const InputSpec& input) {
  return input.strands ? input.strands : usual_strand_rule(false, input.name, input.channels, input.positions);
}

std::string unsaid_strand_rule(std::string_view name, std::int64_t channels) {
  return format(
      "'{}' has {} channels with positions, and the model file does not say how they look from the other strand: add "
      "strands = "
      "\"paired\", \"mirrored\", \"complemented\" or \"unchanged\" to it",
      name, channels);
}

}  // namespace basewise::spec
