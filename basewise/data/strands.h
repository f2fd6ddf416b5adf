// Batches of a data set as they look from the other strand.
#pragma once

#include <string_view>

#include "basewise/data/dataset.h"

namespace basewise::data {

/// The rule of tensor `name` of `dataset`: "x.mask" has that of "x", with positions mirrored where
/// "x" holds tokens.
StrandRule strand_rule_of(const Dataset& dataset, std::string_view name);

/// Every tensor of a batch (N, ...) from the other strand:
/// sequence, targets, masks and controls, each by its rule.
/// Errors: ShapeError naming the tensor.
Bundle other_strand(const Bundle& batch, const Dataset& dataset);

}  // namespace basewise::data
