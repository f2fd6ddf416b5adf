// Labels of a whole sequence as tensors.
#pragma once

#include <span>

#include "basewise/tensor/bundle.h"

namespace basewise::data::detail {

/// Sets "labels" (T) float32, missing ones (NaN) as 0, and with `masked` "labels.mask" (T) bool.
void set_labels(Bundle& example, std::span<const float> labels, bool masked);

}  // namespace basewise::data::detail
