#include "basewise/convert/detail/keras_types.h"

#include <algorithm>
#include <optional>

#include "basewise/convert/detail/keras_functions.h"
#include "basewise/convert/detail/keras_recurrent.h"
#include "basewise/convert/detail/keras_shapes.h"
#include "basewise/convert/detail/keras_weighted.h"
#include "basewise/convert/detail/words.h"

namespace basewise::convert::detail {

using Json = nlohmann::ordered_json;

// A function as text, or as Keras 2.3 and later write registered ones.
std::string function_word(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("config") && value["config"].is_string()) return value["config"].get<std::string>();
  return value.is_null() ? "linear" : "?";
}

std::int64_t along(Keys& keys, std::string_view key, std::int64_t otherwise) {
  const std::vector<std::int64_t> all = keys.wholes(key, {otherwise}, 1, 1'000'000'000);
  if (all.size() != 1) keys.fail(key, "has several values; one axis of positions was expected");
  return all[0];
}

void channels_last(Keys& keys) {
  const std::string order = keys.text("data_format", std::string(to_word(AxesWord::channels_last)));
  if (!find_choice<AxesWord>(order)) throw NoCounterpart(format("its data_format is \"{}\"", order));
}

// Sets the padding of a layer and returns the length of what it gives.
std::int64_t pad(KerasBuilder& builder, const KerasLayer& from, LayerSpec& layer, const std::string& word, std::int64_t length,
                 std::int64_t span, std::int64_t stride) {
  const std::optional<PaddingWord> padding = find_choice<PaddingWord>(word);
  const bool causal = padding == PaddingWord::causal;
  if (!padding || (causal && stride > 1)) throw NoCounterpart(format("its padding is \"{}\"", word));
  if (causal || padding == PaddingWord::valid) {
    layer.set("padding", {word, {}});
    return length < 0 ? -1 : (length - (causal ? 1 : span)) / stride + 1;
  }
  layer.set("padding", {word, {}});
  if (length < 0) {
    if (stride > 1) builder.note(format("layer '{}' pads as ours does where its length is a multiple of {}", from.name, stride));
    return -1;
  }
  const std::int64_t out = (length + stride - 1) / stride, total = std::max<std::int64_t>((out - 1) * stride + span - length, 0);
  if (total != std::max<std::int64_t>(span - stride, 0)) {
    layer.set("padding", {std::string("explicit"), {}});
    layer.set("pad_left", {total / 2, {}});
    layer.set("pad_right", {total - total / 2, {}});
  }
  return out;
}

void last_axis(Keys& keys, const KerasValue& value) {
  const Json axis = keys.value("axis");
  const Json first = axis.is_array() && axis.size() == 1 ? axis[0] : axis;
  if (first.is_null() || first == -1 || first == (value.positions ? 2 : 1)) return;
  throw NoCounterpart(format("its axis is {}", shown(axis)));
}

bool knows_keras_class(const std::string& type) {
  for (const auto family : {keras_weighted, keras_recurrent, keras_shapes, keras_functions})
    for (const KerasType& known : family())
      if (known.name == type) return true;
  return false;
}

void convert_keras_layer(KerasBuilder& builder, const KerasLayer& layer) {
  for (const auto family : {keras_weighted, keras_recurrent, keras_shapes, keras_functions})
    for (const KerasType& known : family())
      if (known.name == layer.type) return known.convert(builder, layer);
  throw NoCounterpart("layers of its class are not known");
}

}  // namespace basewise::convert::detail
