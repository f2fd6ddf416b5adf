// Labels in the columns of a table: which columns they are, and what their fields say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/tsv.h"

namespace basewise::data::detail {

/// A label as text. A number, or TRUE and FALSE (True, true) as 1 and 0; NaN when it is missing;
/// nothing when it is neither or not finite.
std::optional<float> parse_label(std::string_view text);

/// Throws the DataError that no column of a table holds labels, and what they hold instead.
[[noreturn]] void throw_no_labels(const std::string& file, const std::string& instead);

/// Which columns of a table are labels.
struct LabelChoice {
  std::vector<std::string> names = {};  ///< columns; empty: those of numbers without another role
  std::vector<std::size_t> taken = {};  ///< columns that have another role
  std::string option = {};              ///< that names the columns, for notes and errors ("data.table.labels")
};

/// Reads labels row by row and says at the end what is wrong with them.
///
/// Without names, a column is a label if its fields are numbers (or TRUE and FALSE, T and F), it
/// has no other role, and its name is not one that places, marks and counts usually have ("start",
/// "position", "score", "id", "fold"). A column of which half or more are numbers and the rest are
/// not is an error that shows the first of these: a typo drops no label.
class LabelColumns {
 public:
  /// Errors: DataError for a column that is not there, ArgumentError for one that is named twice.
  LabelColumns(LabelChoice choice, const io::TsvReader& table);

  /// The labels of the current row.
  void add(const io::TsvReader& table);

  /// The labels of all rows.
  struct Result {
    std::vector<std::string> names;  ///< (T)
    std::vector<float> values;       ///< (rows, T); NaN: missing
    std::vector<std::string> notes;
    std::string instead = {};  ///< where no column holds labels: what the others hold
  };

  /// Errors: DataError "file:line: ..." for a field that is no label, or one that is not finite.
  Result finish();

 private:
  struct Field {
    std::string text;
    std::int64_t line = 0;  ///< 0: there is none
  };
  struct Column {
    std::size_t index = 0;
    std::string name;
    std::int64_t numbers = 0;
    std::int64_t truths = 0;  ///< TRUE and FALSE
    std::int64_t letters = 0;  ///< T and F, until `settle_letters` makes them truths or words
    bool false_letters = false;
    std::int64_t words = 0;   ///< everything else that is not missing
    Field number = {};        ///< the first of each
    Field truth = {};
    Field letter = {};
    Field word = {};
    Field infinite = {};
  };

  void guess(const io::TsvReader& table);
  void settle_letters(Column& column) const;
  bool is_label(const Column& column) const;
  void check(const Column& column) const;
  std::string instead_of_labels() const;
  void note_choice(const std::vector<std::size_t>& kept, std::vector<std::string>& notes) const;
  [[noreturn]] void fail(const Field& field, const std::string& problem) const;

  LabelChoice choice_;
  std::string file_;
  std::vector<Column> columns_;
  std::vector<float> values_;  ///< (rows, columns)
  std::int64_t rows_ = 0;
};

}  // namespace basewise::data::detail
