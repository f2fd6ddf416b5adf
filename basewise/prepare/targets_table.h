// The table of targets of binned training sets, in the columns of Basenji and Borzoi.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/prepare/bin_transform.h"

namespace basewise::prepare {

/// One track of a data set.
struct BinTarget {
  std::string index;  ///< as the table numbers it
  std::string identifier;
  std::filesystem::path file;  ///< bigWig, bedGraph, BED or .w5, as it can be opened
  BinTransform transform = {};
  std::string strand_pair;  ///< index of the same experiment on the other strand; empty: none
  std::string description;
  std::int64_t line = 0;  ///< in the table, from 1
};

struct TargetsTable {
  std::filesystem::path path;
  std::vector<BinTarget> targets;
  std::vector<std::string> notes;  ///< what the user should know; none is an error

  /// "targets.txt:3 (CNhs10752+)": where a target stands.
  std::string place(std::size_t target) const;
};

/// Reads a table with a heading. Columns are found by name, in any order: `identifier`, `file`
/// (needed); `index` (or a column without a name, as pandas writes it; else rows are counted from
/// 0), `sum_stat` (default sum; `avg` is mean, `avg_sqrt` mean_sqrt), `scale` (1), `clip`,
/// `clip_soft` (none), `strand_pair`, `description`. Empty and "nan" fields are none. Other columns
/// are kept in the copy and noted.
///
/// A relative file is looked for from the working folder, then from the folder of the table.
/// Errors: DataError "file:line: ..." for a column that is needed and lacks, an index used twice, a
/// statistic of another name, numbers out of bounds, a file that is not there;
/// DataError for a table without rows.
TargetsTable read_targets(const std::filesystem::path& path, TransformForm form);

}  // namespace basewise::prepare
