#include "basewise/convert/detail/make_layers.h"

#include <utility>

#include "basewise/core/error.h"

namespace basewise::convert::detail {

LayerSpec make_layer(const std::string& name, const std::string& type, std::initializer_list<Given> options) {
  LayerSpec layer = spec::made_layer(name, type, {});
  for (const Given& option : options) layer.options.push_back({option.key, option.value});
  return layer;
}

Layers make_function(const std::string& name, const std::string& word) {
  // Words of Keras and of parameter files, and ours.
  static constexpr std::pair<const char*, const char*> kWords[] = {{"relu", "relu"},
                                                                   {"gelu", "gelu"},
                                                                   {"gelu_tanh", "gelu_tanh"},
                                                                   {"gelu_sigmoid", "gelu_sigmoid"},
                                                                   {"elu", "elu"},
                                                                   {"sigmoid", "sigmoid"},
                                                                   {"tanh", "tanh"},
                                                                   {"softplus", "softplus"},
                                                                   {"swish", "silu"},
                                                                   {"silu", "silu"},
                                                                   {"exp", "exponential"},
                                                                   {"exponential", "exponential"},
                                                                   {"softmax", "softmax"},
                                                                   {"exp_linear", "exp_linear"},
                                                                   {"linear", ""},
                                                                   {"identity", ""}};
  if (word.empty()) return {};
  std::vector<std::string> known;
  for (const auto& [theirs, ours] : kWords) {
    if (word == theirs) return *ours == 0 ? Layers{} : Layers{make_layer(name, "activation", {{"kind", ours}})};
    known.emplace_back(theirs);
  }
  throw ArgumentError(format("the function \"{}\" has no counterpart; there are {}", word, fmt::join(known, ", ")));
}

spec::SpecValue list_value(const std::vector<std::int64_t>& numbers) {
  std::vector<spec::SpecValue> all;
  for (const std::int64_t number : numbers) all.push_back({number, {}});
  return {std::move(all), {}};
}

spec::InputSpec make_sequence(std::int64_t length) {
  spec::InputSpec input;
  input.name = spec::kSequence;
  input.channels = 4;
  if (length > 0) input.length = length;
  return input;
}

spec::HeadSpec make_head(const std::string& name, Layers layers) {
  spec::HeadSpec head;
  head.name = name;
  head.layers = std::move(layers);
  return head;
}

}  // namespace basewise::convert::detail
