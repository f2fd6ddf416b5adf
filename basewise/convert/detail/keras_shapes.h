// Keras layers of shapes: inputs, pooling, what cuts, stretches and joins.
#pragma once

#include <span>

#include "basewise/convert/detail/keras_types.h"

namespace basewise::convert::detail {

std::span<const KerasType> keras_shapes();

}  // namespace basewise::convert::detail
