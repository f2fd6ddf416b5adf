// Labels of a whole sequence as tensors.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/data/dataset.h"

namespace basewise::data::detail {

/// What a target of labels is called where nothing else is said.
inline constexpr std::string_view kLabels = "labels";

/// Adds `target` (T) float32, one per name, and with `masked` its mask (T) bool;
/// nothing where there are no names.
void add_labels(Schema& schema, const std::string& target, const std::vector<std::string>& names, bool masked);

/// Fills them: missing labels (NaN) are 0, and 0 in the mask.
void write_labels(const ExampleRow& row, const std::string& target, std::span<const float> labels, bool masked);

}  // namespace basewise::data::detail
