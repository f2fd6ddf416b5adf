#include "basewise/convert/detail/keras_shapes.h"

namespace basewise::convert::detail {
namespace {

using Json = nlohmann::ordered_json;

void input_layer(KerasBuilder& builder, const KerasLayer& layer) {
  Keys keys = builder.config(layer);
  const Json shape = keys.has("batch_input_shape") ? keys.value("batch_input_shape") : keys.value("batch_shape");
  const auto size = [&](std::size_t i) -> std::int64_t {
    if (shape[i].is_null()) return -1;
    const bool whole = shape[i].is_number_integer() && shape[i] >= 1 && shape[i] <= 1'000'000'000;
    if (!whole) keys.fail("batch_input_shape", format("is {}", shown(shape)));
    return shape[i].get<std::int64_t>();
  };
  if (!shape.is_array() || shape.size() < 2 || shape.size() > 3) throw NoCounterpart(format("its shape is {}", shown(shape)));
  spec::InputSpec input;
  input.positions = shape.size() == 3;
  input.channels = size(shape.size() - 1);
  if (input.channels < 0) throw NoCounterpart(format("its shape is {}: the number of channels is open", shown(shape)));
  if (input.positions) input.length = size(1);
  builder.input(layer, std::move(input));
}

void pool(KerasBuilder& builder, const KerasLayer& layer, const char* kind) {
  KerasValue value = builder.only_source(layer, true);
  Keys keys = builder.config(layer);
  channels_last(keys);
  const std::int64_t width = along(keys, "pool_size", 2), stride = along(keys, "strides", width);
  LayerSpec spec = make_layer(builder.name_of(layer), "pool", {{"kind", kind}, {"width", width}});
  if (stride != width) spec.set("stride", {stride, {}});
  value.length = pad(builder, layer, spec, keys.text("padding", "valid"), value.length, width, stride);
  value.name = builder.put(std::move(spec), {value.name});
  builder.give(layer, value);
}

void max_pool(KerasBuilder& builder, const KerasLayer& layer) { pool(builder, layer, "max"); }
void mean_pool(KerasBuilder& builder, const KerasLayer& layer) { pool(builder, layer, "mean"); }

void pool_all(KerasBuilder& builder, const KerasLayer& layer, const char* kind) {
  KerasValue value = builder.only_source(layer, true);
  Keys keys = builder.config(layer);
  channels_last(keys);
  if (keys.flag("keepdims", false)) throw NoCounterpart("it keeps an axis of one position");
  value.name = builder.put(make_layer(builder.name_of(layer), "pool", {{"kind", kind}, {"global", true}}), {value.name});
  value.positions = false, value.length = -1;
  builder.give(layer, value);
}

void global_max(KerasBuilder& builder, const KerasLayer& layer) { pool_all(builder, layer, "max"); }
void global_mean(KerasBuilder& builder, const KerasLayer& layer) { pool_all(builder, layer, "mean"); }

void flatten(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer);
  if (!value.positions) return builder.give(layer, value);
  if (value.length < 0) throw NoCounterpart("it flattens positions whose number is open");
  value.name = builder.put(make_layer(builder.name_of(layer), "flatten"), {value.name});
  value.flattened = value.length > 1 ? value.length : 0;
  value.channels *= value.length;
  value.positions = false, value.length = -1;
  builder.give(layer, value);
}

// To (N) or (1, N): a flattening.
void reshape(KerasBuilder& builder, const KerasLayer& layer) {
  const KerasValue& value = builder.only_source(layer);
  Keys keys = builder.config(layer);
  const std::vector<std::int64_t> shape = keys.wholes("target_shape", {}, -1, 1'000'000'000);
  const bool all = !shape.empty() && (shape.back() == -1 || shape.back() == value.channels * value.length);
  if (!all || shape.size() > 2 || (shape.size() == 2 && shape[0] != 1)) throw NoCounterpart("it is no flattening");
  flatten(builder, layer);
}

void crop(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer, true);
  Keys keys = builder.config(layer);
  const std::vector<std::int64_t> ends = keys.wholes("cropping", {1, 1}, 0, 1'000'000'000);
  if (ends.empty() || ends.size() > 2) keys.fail("cropping", "must be one or two numbers");
  const std::int64_t left = ends.front(), right = ends.back();
  value.name = builder.put(make_layer(builder.name_of(layer), "crop", {{"left", left}, {"right", right}}), {value.name});
  if (value.length >= 0) value.length -= left + right;
  if (value.length == 0 || value.length < -1) keys.fail("cropping", "leaves no positions");
  builder.give(layer, value);
}

void upsample(KerasBuilder& builder, const KerasLayer& layer) {
  KerasValue value = builder.only_source(layer, true);
  Keys keys = builder.config(layer);
  const std::int64_t factor = along(keys, "size", 2);
  value.name = builder.put(make_layer(builder.name_of(layer), "upsample", {{"factor", factor}}), {value.name});
  if (value.length >= 0) value.length *= factor;
  builder.give(layer, value);
}

// Sums and concatenations are sources of a layer here: one that does nothing takes them.
void together(KerasBuilder& builder, const KerasLayer& layer, spec::Combine how) {
  const bool add = how == spec::Combine::add;
  if (layer.inputs.size() < 2) throw NoCounterpart("it reads a single layer");
  KerasValue value = builder.source(layer);
  std::vector<std::string> from;
  std::int64_t channels = 0;
  for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
    const KerasValue& one = builder.source(layer, i);
    const bool alike = one.positions == value.positions && (!add || (one.channels == value.channels && one.flattened == value.flattened));
    if (!alike) throw NoCounterpart("it joins layers of unlike shapes");
    if (!add && one.flattened > 0) throw NoCounterpart("it joins flattened positions");
    from.push_back(one.name);
    channels += one.channels;
  }
  if (!add) value.channels = channels;
  value.name = builder.put(make_layer(builder.name_of(layer), "activation", {{"kind", "linear"}}), from, how);
  builder.give(layer, value);
}

void sum(KerasBuilder& builder, const KerasLayer& layer) { together(builder, layer, spec::Combine::add); }

void concatenation(KerasBuilder& builder, const KerasLayer& layer) {
  Keys keys = builder.config(layer);
  last_axis(keys, builder.source(layer));
  together(builder, layer, spec::Combine::concat);
}

}  // namespace

std::span<const KerasType> keras_shapes() {
  static constexpr KerasType kTypes[] = {{"InputLayer", input_layer},
                                         {"MaxPooling1D", max_pool},
                                         {"AveragePooling1D", mean_pool},
                                         {"GlobalMaxPooling1D", global_max},
                                         {"GlobalAveragePooling1D", global_mean},
                                         {"Flatten", flatten},
                                         {"Reshape", reshape},
                                         {"Cropping1D", crop},
                                         {"UpSampling1D", upsample},
                                         {"Add", sum},
                                         {"Concatenate", concatenation}};
  return kTypes;
}

}  // namespace basewise::convert::detail
