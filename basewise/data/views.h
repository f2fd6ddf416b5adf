// Views that make one data set out of others. Each keeps what it is made of alive; none copies
// examples.
#pragma once

#include <string>
#include <vector>

#include "basewise/data/dataset.h"

namespace basewise::data {

/// The examples `indices` of a set, in that order (repeats allowed).
/// Errors: ArgumentError for an index outside of [0, size()).
DatasetPtr subset(DatasetPtr dataset, std::vector<std::int64_t> indices);

/// One set after the other.
/// Errors: ArgumentError when there is none, or their tensors differ in name,
/// element type or strand rule.
DatasetPtr concatenate(std::vector<DatasetPtr> datasets);

/// With probability `probability` an example is seen from the other strand: every tensor moves by
/// its strand rule (see `StrandRule`).
DatasetPtr reverse_complement(DatasetPtr dataset, double probability = 0.5);

/// One example seen from the other strand; `rules` says how its tensors move.
Bundle reverse_complement(const Bundle& example, const Dataset& rules);

/// The field `from` called `to`, and its mask with it.
/// Errors: ArgumentError for a field that is not there, and for a name that another one has.
DatasetPtr renamed(DatasetPtr dataset, const std::string& from, const std::string& to);

/// Cuts `max_shift` positions from the two ends together: random ones of a window that slides by
/// -max_shift..max_shift around the middle. Every tensor with positions (rule other than
/// `unchanged`) must have the length of "sequence", L, and keeps L - 2 max_shift positions, cut
/// alike. With `random` false: the middle, as for evaluation.
DatasetPtr jitter(DatasetPtr dataset, std::int64_t max_shift, bool random = true);

}  // namespace basewise::data
