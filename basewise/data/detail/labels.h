// Labels of a whole sequence as tensors.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// Adds "labels" (T) float32, one per name, and with `masked` "labels.mask" (T) bool;
/// nothing where there are no names.
void add_labels(Schema& schema, const std::vector<std::string>& names, bool masked);

/// Fills them: missing labels (NaN) are 0, and 0 in the mask.
void write_labels(const ExampleRow& row, std::span<const float> labels, bool masked);

}  // namespace basewise::data::detail
