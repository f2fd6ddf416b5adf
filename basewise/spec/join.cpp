#include "basewise/spec/join.h"

#include <algorithm>
#include <set>

#include "basewise/spec/names.h"

namespace basewise::spec {
namespace {

bool named(const auto& all, const std::string& name) {
  return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
}

std::string shape_text(const InputSpec& input) {
  std::string text = !input.positions   ? format("(N, {})", input.channels)
                     : input.length > 0 ? format("(N, {}, {})", input.channels, input.length)
                                        : format("(N, {}, any length)", input.channels);
  if (const auto rule = strand_rule(input)) text += format(" {}", to_word(*rule));
  return text;
}

void add_input(std::vector<InputSpec>& inputs, const InputSpec& input) {
  const auto it =
      std::find_if(inputs.begin(), inputs.end(), [&](const InputSpec& one) { return one.name == input.name; });
  if (it == inputs.end()) return inputs.push_back(input);
  const bool equal = it->channels == input.channels && it->positions == input.positions && it->length == input.length &&
                     strand_rule(*it) == strand_rule(input);
  if (!equal)
    throw_spec_error(
        input.where,
        format("input '{}' is {} here and {} in {}; joined models share inputs of one name, so they must be equal",
               input.name, shape_text(input), shape_text(*it), it->where.to_string()));
  if (input.strands) it->strands = input.strands;
}

/// What layers without `from` take after the layers of `model`.
const std::string& last_of(const ModelSpec& model) {
  return model.layers.empty() ? model.inputs.front().name : model.layers.back().name;
}

std::string name_in_whole(const ModelSpec& model, const std::string& part, const std::string& name) {
  return part + (named(model.heads, name.substr(0, name.find('.'))) ? "_" : ".") + name;
}

/// A source as the layers of a part name it; names inside of a head (`own`) stay.
void rename(std::vector<std::string>& from, const Part& part, const std::vector<LayerSpec>& own) {
  for (std::string& name : from)
    if (!named(part.model.inputs, name) && !named(own, name)) name = name_in_whole(part.model, part.name, name);
}

void add_part(ModelSpec& whole, const Part& part) {
  const std::string last = last_of(part.model);
  for (const LayerSpec& layer : part.model.layers) {
    LayerSpec& added = whole.layers.emplace_back(layer);
    added.name = part.name + "." + layer.name;
    if (&layer == &part.model.layers.front() && layer.from.empty())
      added.from = {part.model.inputs.front().name};
    else
      rename(added.from, part, {});
  }
  if (!part.heads) return;
  for (const HeadSpec& head : part.model.heads) {
    HeadSpec& added = whole.heads.emplace_back(head);
    added.name = name_in_whole(part.model, part.name, head.name);
    if (added.from.empty() && (head.layers.empty() || head.layers.front().from.empty())) added.from = {last};
    rename(added.from, part, {});
    for (LayerSpec& layer : added.layers) rename(layer.from, part, head.layers);
  }
}

/// What stands over the parts.
class Own {
 public:
  explicit Own(const std::vector<Part>& parts) : parts_(parts) {}

  void take(std::vector<std::string>& from) const {
    for (std::string& name : from)
      for (const Part& part : parts_)
        if (part.name == name) name = last_name(part);
  }

  /// Where nothing is said.
  void follow(std::vector<std::string>& from, const std::string& what, const FilePosition& where) const {
    if (!from.empty()) return;
    std::vector<std::string> names;
    for (const Part& part : parts_) names.push_back('"' + part.name + '"');
    if (parts_.size() != 1)
      throw_spec_error(
          where, format("{} stands over several parts and must say what it takes: from = [{}] or some of them", what,
                        fmt::join(names, ", ")));
    from = {parts_.front().name};
  }

  void check_name(const std::string& name, const FilePosition& where) const {
    for (const Part& part : parts_)
      if (name == part.name || name.starts_with(part.name + "."))
        throw_spec_error(where, format("name '{}' belongs to the part '{}'; choose another", name, part.name));
  }

 private:
  static std::string last_name(const Part& part) {
    return part.model.layers.empty() ? last_of(part.model) : part.name + "." + last_of(part.model);
  }

  const std::vector<Part>& parts_;
};

void add_own(ModelSpec& whole, const std::vector<Part>& parts, ModelSpec own) {
  const Own over(parts);
  for (const InputSpec& input : whole.inputs) over.check_name(input.name, input.where);
  for (LayerSpec& layer : own.layers) {
    over.check_name(layer.name, layer.where);
    if (&layer == &own.layers.front()) over.follow(layer.from, format("layer '{}'", layer.name), layer.where);
    over.take(layer.from);
    whole.layers.push_back(std::move(layer));
  }
  for (HeadSpec& head : own.heads) {
    over.check_name(head.name, head.where);
    const bool said = !head.layers.empty() && !head.layers.front().from.empty();
    if (own.layers.empty() && !said) over.follow(head.from, format("head '{}'", head.name), head.where);
    over.take(head.from);
    for (LayerSpec& layer : head.layers) over.take(layer.from);
    whole.heads.push_back(std::move(head));
  }
}

}  // namespace

ModelSpec join(const std::vector<Part>& parts, const ModelSpec& own) {
  ModelSpec whole;
  std::set<std::string> names;
  for (const Part& part : parts) {
    if (!names.insert(part.name).second) throw_spec_error(part.where, format("two parts are called '{}'", part.name));
    for (const InputSpec& input : part.model.inputs) add_input(whole.inputs, input);
  }
  for (const InputSpec& input : own.inputs) add_input(whole.inputs, input);
  std::stable_partition(whole.inputs.begin(), whole.inputs.end(), [](const InputSpec& input) { return input.name == kSequence; });
  for (const Part& part : parts) add_part(whole, part);
  add_own(whole, parts, own);
  if (whole.heads.empty() && !parts.empty())
    throw_spec_error(
        parts.front().where,
        "the joined model has no head; add [[heads]] with a name such as \"logits\", or heads = true to a part");
  const Names unique(whole);
  set_paths(whole);
  return whole;
}

std::string joined_name(const ModelSpec& part, const std::string& name, const std::string& weight) {
  return name_in_whole(part, name, weight);
}

}  // namespace basewise::spec
