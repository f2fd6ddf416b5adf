#include "basewise/spec/names.h"

namespace basewise::spec {

Names::Names(const ModelSpec& model) {
  for (const InputSpec& input : model.inputs) take(input.name, input.where);
  for (const HeadSpec& head : model.heads) take(head.name, head.where);
  for (const LayerSpec& layer : model.layers) take(layer.name, layer.where);
}

void Names::take(const std::string& name, const FilePosition& where) {
  if (const auto it = lines_.find(name); it != lines_.end())
    throw_spec_error(where, format("name '{}' is used twice; the first is in line {}", name, it->second));
  const auto refuse = [&](const std::string& inner, const std::string& outer, std::int64_t line) {
    throw_spec_error(
        where, format("name '{}' would lie inside '{}'; the other is in line {}: choose a name without the dot", inner,
                      outer, line));
  };
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1))
    if (const auto it = lines_.find(name.substr(0, dot)); it != lines_.end()) refuse(name, it->first, it->second);
  if (const auto it = lines_.lower_bound(name + "."); it != lines_.end() && it->first.starts_with(name + "."))
    refuse(it->first, name, it->second);
  lines_[name] = where.line;
}

std::string Names::fresh(const std::string& wanted, const FilePosition& where) {
  std::string name = wanted;
  for (int& n = numbers_.try_emplace(wanted, 2).first->second; taken(name); ++n) name = format("{}_{}", wanted, n);
  take(name, where);
  return name;
}

void Names::give(std::vector<LayerSpec>& layers) {
  for (const LayerSpec& layer : layers)
    if (!layer.name.empty()) take(layer.name, layer.where);
  for (LayerSpec& layer : layers) {
    if (layer.name.empty()) layer.name = fresh(layer.type, layer.where);
    Names().give(layer.layers);
  }
}

}  // namespace basewise::spec
