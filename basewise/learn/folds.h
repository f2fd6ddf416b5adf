// Folds of cross-validation that keep groups of examples together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/learn/columns.h"

namespace basewise::learn {

/// Examples in folds of near the same size.
struct Folds {
  std::int64_t count = 0;
  std::vector<std::int64_t> fold = {};  ///< (rows): number of the fold in which a row is predicted
  std::vector<std::string> names = {};  ///< (count): of the groups, where each is a fold; else "0", "1", ...

  std::vector<std::int64_t> rows_in(std::int64_t fold) const;
  std::vector<std::int64_t> rows_outside(std::int64_t fold) const;
};

/// Folds of groups (rows): all rows of a group in one. The largest group first, each goes to the
/// fold with the fewest rows so far; of groups of one size the seed draws the order. With `count` 0
/// every group is a fold, in the order of their names.
/// Errors: ArgumentError for fewer groups than folds, and fewer than two folds.
Folds group_folds(const std::vector<std::string>& groups, std::int64_t count, std::uint64_t seed);

/// Folds of rows drawn at random. Where the first output has classes, each class is shared out
/// evenly.
/// Errors: ArgumentError for fewer rows than folds, and fewer than two folds.
Folds random_folds(const Targets& targets, std::int64_t count, std::uint64_t seed);

}  // namespace basewise::learn
