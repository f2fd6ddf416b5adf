// Keras layers with weights: convolutions, dense layers, norms.
#pragma once

#include <span>

#include "basewise/convert/detail/keras_types.h"

namespace basewise::convert::detail {

std::span<const KerasType> keras_weighted();

}  // namespace basewise::convert::detail
