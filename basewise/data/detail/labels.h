// Labels of a whole sequence as tensors.
#pragma once

#include <span>

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// Adds "labels" (T) float32 and with `masked` "labels.mask" (T) bool, full of zeros.
void add_blank_labels(Bundle& example, std::size_t tasks, bool masked);

/// Fills them: missing labels (NaN) are 0, and 0 in the mask.
void write_labels(const ExampleRow& row, std::span<const float> labels, bool masked);

}  // namespace basewise::data::detail
