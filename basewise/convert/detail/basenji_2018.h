// Parameter tables of Basenji of 2017 and 2018.
#pragma once

#include "basewise/convert/convert.h"
#include "basewise/convert/detail/keys.h"

namespace basewise::convert::detail {

/// Convolution, norm, ReLU, pooling, dropout, with its input beside it where cnn_dense is 1.
Converted basenji_model(Keys keys, const ConvertOptions& options);

}  // namespace basewise::convert::detail
