// Parameter tables of Basset.
#pragma once

#include "basewise/convert/convert.h"
#include "basewise/convert/detail/keys.h"

namespace basewise::convert::detail {

/// Whether the keys are those of Basset.
bool is_basset(const Keys& keys);

/// Kelley et al. 2016: convolution, norm, ReLU, pooling; dense, norm, ReLU, dropout.
Converted basset_model(Keys keys, const ConvertOptions& options);

}  // namespace basewise::convert::detail
