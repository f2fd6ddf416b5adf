// Negatives that are made up: sequences with the same dinucleotides in random order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "basewise/data/dataset.h"

namespace basewise::data {

/// Adds, for each example, `ratio` sequences with the same dinucleotide counts in random order and
/// zeros in the tensor `target`; its other tensors are those of the example. Example n + k of a set
/// of n is a shuffle of example k mod n. A shuffle is drawn anew every time from the example's
/// stream, or with `fixed_seed` once and for all, as for evaluation.
DatasetPtr with_shuffled_negatives(DatasetPtr dataset, std::string target, std::int64_t ratio = 1,
                                   std::optional<std::uint64_t> fixed_seed = {});

}  // namespace basewise::data
