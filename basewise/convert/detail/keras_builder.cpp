#include "basewise/convert/detail/keras_builder.h"

#include <algorithm>
#include <cctype>

#include "basewise/convert/detail/words.h"
#include "basewise/io/array.h"

namespace basewise::convert::detail {

const KerasValue& KerasBuilder::source(const KerasLayer& layer, std::size_t i) const {
  if (i >= layer.inputs.size())
    file_.fail(format("layer '{}' ({}) has {} inputs; more are needed", layer.name, layer.type, layer.inputs.size()));
  const auto it = values_.find(layer.inputs[i]);
  if (it == values_.end())
    file_.fail(format("layer '{}' ({}) reads '{}', which stands nowhere above it", layer.name, layer.type, layer.inputs[i]));
  return it->second;
}

const KerasValue& KerasBuilder::only_source(const KerasLayer& layer, bool positions) const {
  if (layer.inputs.size() != 1) throw NoCounterpart(format("it reads {} layers; one was expected", layer.inputs.size()));
  const KerasValue& value = source(layer);
  if (positions && !value.positions) throw NoCounterpart("it reads numbers without positions");
  return value;
}

void KerasBuilder::input(const KerasLayer& layer, spec::InputSpec input) {
  const bool dna = input.positions && input.channels == 4 && result_.model.inputs.empty();
  input.name = dna ? std::string(spec::kSequence) : free_name(name_of(layer));
  if (!dna && input.positions && input.channels > 2) {
    input.strands = spec::StrandRule::mirrored;
    note(format("input '{}' has {} channels: say how they look from the other strand (strands; mirrored was written)", input.name,
                input.channels));
  }
  names_.insert(input.name);
  give(layer, {input.name, input.positions, input.channels, input.length, 0});
  if (result_.model.inputs.empty()) last_ = input.name;
  result_.model.inputs.push_back(std::move(input));
}

std::string KerasBuilder::name_of(const KerasLayer& layer) const {
  constexpr std::size_t kLongest = 100;
  std::string name = layer.name.substr(0, kLongest);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '-'; }, '_');
  return name;
}

std::string KerasBuilder::free_name(const std::string& wanted) const {
  std::string name = wanted;
  for (int number = 2; names_.contains(name); ++number) name = format("{}_{}", wanted, number);
  return name;
}

std::string KerasBuilder::put(LayerSpec layer, const std::vector<std::string>& from, std::optional<spec::Combine> combine) {
  layer.name = layer.path = free_name(layer.name);
  names_.insert(layer.name);
  if (from.size() != 1 || from[0] != last_) layer.from = from;
  if (from.size() > 1) layer.combine = combine;
  last_ = layer.name;
  result_.model.layers.push_back(std::move(layer));
  return last_;
}

void KerasBuilder::put_function(const KerasLayer& layer, KerasValue& value, const std::string& word) {
  if (word == kSigmoid && file_.outputs() == std::vector<std::string>{layer.name}) {
    logits_ = true;
    return note(
        format("the sigmoid of '{}' is left out: head 'logits' gives what it reads; `basewise predict --activation sigmoid` gives "
               "what the file gives",
               layer.name));
  }
  Layers function;
  try {
    function = make_function(name_of(layer) + "_function", word);
  } catch (const ArgumentError& e) {
    throw NoCounterpart(e.what());
  }
  for (LayerSpec& one : function) value.name = put(std::move(one), {value.name});
}

Keys KerasBuilder::config(const KerasLayer& layer) const {
  return Keys(layer.config, format("{}: layer '{}' ({})", options_.file.string(), layer.name, layer.type));
}

const KerasWeight* KerasBuilder::find_weight(const KerasLayer& layer, const std::string& name) const {
  const auto it = std::find_if(layer.weights.begin(), layer.weights.end(), [&](const KerasWeight& w) { return w.name == name; });
  return it == layer.weights.end() ? nullptr : &*it;
}

bool KerasBuilder::has_weight(const KerasLayer& layer, const std::string& name) const { return find_weight(layer, name) != nullptr; }

std::vector<float> KerasBuilder::weight(const KerasLayer& layer, const std::string& name, const std::vector<std::int64_t>& shape) {
  const KerasWeight* found = find_weight(layer, name);
  if (found == nullptr) file_.fail(format("layer '{}' ({}) has no weight '{}'", layer.name, layer.type, name));
  if (found->shape != shape)
    file_.fail(format("{} has the shape {}; by what the layers say it must have {}", found->path, io::shape_text(found->shape),
                      io::shape_text(shape)));
  return file_.values(*found);
}

void KerasBuilder::give_weight(const KerasLayer& layer, const std::string& name, const std::string& target, std::vector<std::int64_t> shape,
                               std::vector<float> values, const std::string& how) {
  MappedTensor mapped{"", {}, target, shape, how};
  if (const KerasWeight* source = find_weight(layer, name)) mapped.source = source->path, mapped.source_shape = source->shape;
  result_.tensors.push_back(std::move(mapped));
  result_.weights.push_back({target, std::move(shape), std::move(values)});
}

void KerasBuilder::heads(bool stopped) {
  const auto add = [&](const std::string& name, const KerasValue& value) {
    if (value.flattened > 0) file_.fail("an output is flattened positions, which lie in another order here; it cannot be converted");
    spec::HeadSpec head = make_head(name, {});
    head.from = {value.name};
    if (value.positions) head.strands = spec::StrandRule::mirrored;
    result_.model.heads.push_back(std::move(head));
  };
  if (stopped) {
    KerasValue last{last_};
    for (const auto& [name, value] : values_)
      if (value.name == last_) last = value;
    return add("trunk", last);
  }
  for (const std::string& output : file_.outputs()) {
    const auto it = values_.find(output);
    if (it == values_.end()) file_.fail(format("the output '{}' is no layer", output));
    const std::string plain = file_.outputs().size() > 1 ? free_name(it->second.name + "_out") : "output";
    add(logits_ ? "logits" : plain, it->second);
  }
}

std::vector<float> rows_by_channel(const std::vector<float>& x, std::int64_t length, std::int64_t columns) {
  const std::int64_t rows = std::ssize(x) / columns, channels = rows / length;
  std::vector<float> y(x.size());
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t l = 0; l < length; ++l)
      std::copy_n(x.begin() + (l * channels + c) * columns, columns, y.begin() + (c * length + l) * columns);
  return y;
}

}  // namespace basewise::convert::detail
