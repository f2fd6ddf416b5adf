// Tables of text as features, labels, groups and weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/options.h"
#include "basewise/learn/columns.h"

namespace basewise::learn {

/// What labels are.
enum class Task { automatic, classes, numbers };
constexpr auto words_of(Task) {
  return words<Task>({{Task::automatic, "automatic", "classes where a column holds words, or 0 and 1 alone, else numbers"},
                      {Task::classes, "classes", "every different value is a class"},
                      {Task::numbers, "numbers"}});
}

/// Which columns of a table are what.
struct TableOptions {
  std::filesystem::path table = {};        ///< TSV or CSV with a heading, plain or gzip
  std::vector<std::string> labels = {};    ///< columns that are predicted
  std::vector<std::string> features = {};  ///< columns that they are predicted from; empty: all others
  std::vector<std::string> ignore = {};    ///< columns that are none of the features
  std::string groups = {};                 ///< column of what belongs together, as chromosomes; empty: none
  std::string weights = {};                ///< column of weights of rows; empty: none
  std::string name = {};                   ///< column that names rows; empty: that without a heading, else rows are counted from 1
  Task task = Task::automatic;
  bool features_elsewhere = false;  ///< no column is a feature
};
/// All but the table and whether features are elsewhere.
void describe(Visitor& v, TableOptions& o);

/// A table as it was read: N rows.
struct LabelledTable {
  std::vector<std::string> rows = {};    ///< (N) names
  Columns features = {};                 ///< NaN: not measured
  Targets targets = {};                  ///< NaN: not known, of tables that a model is applied to
  std::vector<std::string> groups = {};  ///< (N), or empty
  std::vector<double> weights = {};      ///< (N), or empty
  std::int64_t left_out = 0;             ///< rows without a label
  std::vector<std::string> notes = {};   ///< what the user should know; none is an error
};

/// Reads a table to learn from. Rows without one of the labels are left out and counted. Classes
/// stand in the order of their numbers where all are numbers, else of the alphabet.
/// Errors: those of `io::TsvReader`; DataError for a feature that is no number (all such columns
/// are named), for infinite numbers, for rows without a group or with a negative weight, for labels
/// of one value, and for a table without rows.
LabelledTable read_labelled(const TableOptions& options);

/// Reads a table that a model of these features and outputs is applied to; columns are found by
/// their names. Labels that are there may be missing in some rows or all.
/// Errors: as above; DataError for a feature that the table lacks (all are named), and a label that
/// is no class of its output.
LabelledTable read_for_model(const TableOptions& options, std::span<const std::string> features, std::span<const Output> outputs);

}  // namespace basewise::learn
