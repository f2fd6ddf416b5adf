// Keras layers of functions, dropout, and what acts in training alone.
#pragma once

#include <span>

#include "basewise/convert/detail/keras_types.h"

namespace basewise::convert::detail {

std::span<const KerasType> keras_functions();

}  // namespace basewise::convert::detail
