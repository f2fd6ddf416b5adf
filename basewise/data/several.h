// Several data sets that train one model in turn: genomes with their own tracks,
// assays with their own labels.
#pragma once

#include <vector>

#include "basewise/data/dataset.h"

namespace basewise::data {

/// The sets one after the other as one; a loader never mixes them in a batch (`sets_in_turn`).
///
/// Inputs, controls and weights agree in name, type, shape and strand rule; targets need not. A
/// target that only some sets have stands in the schema with their numbers (`Field::sets`); one
/// that several share must be the same in all of them. Each example carries the number of its set,
/// "set" (int64 scalar), and the tensors of its own set only.
/// Errors: ArgumentError for no set, and for fields of one name that differ (the sets and the field
/// are named).
DatasetPtr several(std::vector<DatasetPtr> sets);

/// The sets that `dataset` is made of, one by one and in order, each with the fields that its
/// examples have; `dataset` alone where there is nothing to keep apart.
std::vector<DatasetPtr> sets_of(const DatasetPtr& dataset);

}  // namespace basewise::data
