// What converting the layers of Keras shares.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "basewise/convert/detail/keras_builder.h"

namespace basewise::convert::detail {

/// A class of layers and what makes one of it.
struct KerasType {
  std::string_view name;
  void (*convert)(KerasBuilder& builder, const KerasLayer& layer);
};

/// A function as text, or as Keras 2.3 and later write registered ones; "?" for what is neither.
std::string function_word(const nlohmann::ordered_json& value);

/// A number along the one axis of positions, given as it is or as a list.
std::int64_t along(Keys& keys, std::string_view key, std::int64_t otherwise);

/// Errors: NoCounterpart for another order of axes.
void channels_last(Keys& keys);
void last_axis(Keys& keys, const KerasValue& value);

/// Sets the padding of a layer whose windows have `span` positions, as TensorFlow pads, and returns
/// the length of what it gives (-1: open).
/// Errors: NoCounterpart for a word that is not known.
std::int64_t pad(KerasBuilder& builder, const KerasLayer& from, LayerSpec& layer, const std::string& word, std::int64_t length,
                 std::int64_t span, std::int64_t stride);

}  // namespace basewise::convert::detail
