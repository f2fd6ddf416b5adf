// Which targets of binned sets are taken, what they are called, and which belong together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/io/binned_set.h"

namespace basewise::data::detail {

struct TargetChoice {
  std::vector<std::int64_t> columns = {};   ///< of the records; empty: all
  std::vector<std::string> names = {};      ///< one for each; empty: unknown
  std::vector<std::int64_t> partners = {};  ///< number of the other strand among the chosen; empty: no target has one
};

/// The rows of `table` with the identifiers `only` (all without), in the order of the table. With
/// `pairs`, their strand pairs as partners. `file` is named in errors.
/// Errors: ArgumentError for an identifier that is not there, and for a target whose other strand
/// is not chosen; DataError for two targets of one name and for pairs that are not each other's.
TargetChoice choose_targets(const std::vector<io::BinnedTarget>& table, const std::vector<std::string>& only, bool pairs,
                            const std::filesystem::path& file);

}  // namespace basewise::data::detail
