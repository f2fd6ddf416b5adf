// Layers of a model file put into an rc_wrap.
#pragma once

#include <string>
#include <vector>

#include "basewise/spec/detail/model_text.h"

namespace basewise::spec::detail {

/// A convolution, or a block that holds one.
bool holds_convolution(const TextLayer& layer);

/// Whether what follows `layers[i]` makes it a hidden layer: an activation or a normalisation of it.
bool goes_on(const std::vector<TextLayer>& layers, std::size_t i);

/// Puts the chosen layers of the model's trunk ("all", "early", "late" or names) into rc_wraps and lets `from` say so. Errors:
/// ArgumentError for a name that is no convolution of the trunk, and for layers inside a wrap that others read.
void wrap_layers(TextModel& model, const std::vector<std::string>& chosen, const std::string& origin);

}  // namespace basewise::spec::detail
