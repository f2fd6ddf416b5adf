// Splits that keep groups together: what belongs to one gene, family or donor is in one set.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/corpus/splits.h"

namespace basewise::corpus {

/// The group of each name by `pattern` (a regular expression, ECMAScript): what its first pair of
/// parentheses holds, or all that it matches. Names without a match are groups of their own.
/// Errors: ArgumentError for a text that is no regular expression, a pattern that matches no name,
/// and a name of more than 4,000 letters.
std::vector<std::string> groups_of_names(const std::vector<std::string>& names, const std::string& pattern);

/// Splits items by the group of each: all of a group are in one set, and an item without a word is
/// a group of its own. With `validation_groups` or `test_groups` these are the sets, and all other
/// groups train. Without them groups are gone through in an order that the seed draws; each goes to
/// the test set if that brings it nearer to floor(n * test_fraction) items, else likewise to the
/// validation set, else it trains. A pure function of (options, groups, seed).
///
/// Errors: ArgumentError for a group of the options that no item has, one that two sets name, and a
/// set of a fraction above 0 for which all groups are too large.
IndexSplit split_by_group(const SplitOptions& options, const std::vector<std::string>& groups, std::uint64_t seed);

}  // namespace basewise::corpus
