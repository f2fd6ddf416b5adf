#include "basewise/convert/detail/keras_functions.h"

#include <algorithm>
#include <utility>

#include "basewise/convert/detail/words.h"

namespace basewise::convert::detail {
namespace {

void drop(KerasBuilder& builder, const KerasLayer& layer, bool channels) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  LayerSpec spec = make_layer(builder.name_of(layer), "dropout", {{"rate", keys.number("rate", 0.5, 0, 0.999999)}});
  if (channels) spec.set("channels", {true, {}});
  value.name = builder.put(std::move(spec), {value.name});
  builder.give(layer, value);
}

void dropout(KerasBuilder& builder, const KerasLayer& layer) { drop(builder, layer, false); }
void dropout_of_channels(KerasBuilder& builder, const KerasLayer& layer) { drop(builder, layer, true); }

void activation(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  builder.put_function(layer, value, function_word(keys.value("activation")));
  builder.give(layer, value);
}

void put_slope(KerasBuilder& builder, const KerasLayer& layer, double usual) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  if (!keys.value("max_value").is_null() || keys.number("threshold", 0) != 0) throw NoCounterpart("it has a max_value or a threshold");
  const double slope = keys.number("negative_slope", keys.number("alpha", usual, 0, 1e6), 0, 1e6);
  LayerSpec spec = make_layer(builder.name_of(layer), "activation", {{"kind", slope == 0 ? "relu" : "leaky_relu"}});
  if (slope != 0) spec.set("slope", {slope, {}});
  value.name = builder.put(std::move(spec), {value.name});
  builder.give(layer, value);
}

void relu(KerasBuilder& builder, const KerasLayer& layer) { put_slope(builder, layer, 0); }
void leaky_relu(KerasBuilder& builder, const KerasLayer& layer) { put_slope(builder, layer, 0.3); }

void elu(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  const double alpha = keys.number("alpha", 1, 1e-12, 1e6);
  value.name = builder.put(make_layer(builder.name_of(layer), "activation", {{"kind", "elu"}, {"alpha", alpha}}), {value.name});
  builder.give(layer, value);
}

// x sigmoid(1.702 x), a class of Basenji.
void gelu_sigmoid(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer);
  builder.put_function(layer, value, "gelu_sigmoid");
  builder.give(layer, value);
}

void softmax(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  last_axis(keys, value);
  builder.put_function(layer, value, "softmax");
  builder.give(layer, value);
}

// A function of TensorFlow that was called on a layer.
void operation(KerasBuilder& builder, const KerasLayer& layer) {
  static constexpr std::pair<std::string_view, std::string_view> kFunctions[] = {
      {"nn.gelu", kGelu},    {"nn.relu", kReluWord},        {"nn.sigmoid", kSigmoid},    {"math.sigmoid", kSigmoid}, {"math.exp", "exp"},
      {"math.tanh", "tanh"}, {"math.softplus", "softplus"}, {"nn.softplus", "softplus"}, {"nn.elu", "elu"}};
  Keys keys = builder.config(layer);
  const std::string name = keys.text("function", "");
  KerasValue value = builder.only_source(layer);
  const auto known = std::find_if(std::begin(kFunctions), std::end(kFunctions), [&](const auto& pair) { return pair.first == name; });
  if (known == std::end(kFunctions)) throw NoCounterpart(format("its function is {}", name));
  std::string word(known->second);
  const auto approximate = layer.arguments.find("approximate");
  if (word == kGelu && approximate != layer.arguments.end() && *approximate == true) word = "gelu_tanh";
  builder.put_function(layer, value, word);
  builder.give(layer, value);
}

// What acts in training alone.
void passed(KerasBuilder& builder, const KerasLayer& layer) {
  builder.note(format("layer '{}' ({}) is left out: it changes nothing in evaluation{}", layer.name, layer.type,
                      layer.type.starts_with("Stochastic") ? "; augmentation is said by [data.augment]" : ""));
  if (const auto pairs = layer.config.find("strand_pair"); pairs != layer.config.end() && pairs->is_array() && !pairs->empty())
    builder.note(
        format("strand_pair of '{}' is {}: say strands = \"paired\" of the head where pairs follow each other", layer.name, shown(*pairs)));
  builder.give(layer, builder.source(layer));
}

}  // namespace

std::span<const KerasType> keras_functions() {
  static constexpr KerasType kTypes[] = {{"Dropout", dropout},        {"SpatialDropout1D", dropout_of_channels},
                                         {"Activation", activation},  {"ReLU", relu},
                                         {"LeakyReLU", leaky_relu},   {"ELU", elu},
                                         {"GELU", gelu_sigmoid},      {"Softmax", softmax},
                                         {"TFOpLambda", operation},   {"GaussianNoise", passed},
                                         {"GaussianDropout", passed}, {"StochasticReverseComplement", passed},
                                         {"StochasticShift", passed}, {"SwitchReverse", passed}};
  return kTypes;
}

}  // namespace basewise::convert::detail
