// Recurrent layers of Keras, alone and in both directions.
#pragma once

#include <span>

#include "basewise/convert/detail/keras_types.h"

namespace basewise::convert::detail {

std::span<const KerasType> keras_recurrent();

}  // namespace basewise::convert::detail
