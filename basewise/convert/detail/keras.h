// Keras models: layers by class, weights turned into the order of ours.
#pragma once

#include "basewise/convert/convert.h"

namespace basewise::convert::detail {

/// Reads model_config and weights. Where positions and channels were flattened, Keras counts
/// position by position and we channel by channel: the rows of what reads them are put into our
/// order.
/// Errors: those of `read_foreign`.
Converted keras_model(const ConvertOptions& options);

}  // namespace basewise::convert::detail
