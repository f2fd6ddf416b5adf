#include "basewise/draft/detail/table_columns.h"

#include <algorithm>
#include <cctype>

#include "basewise/core/error.h"
#include "basewise/core/nearest.h"
#include "basewise/core/some_of.h"

namespace basewise::draft::detail {
namespace {

bool is_usual_name(std::string_view name) {
  const auto equals = [&](std::string_view word) {
    return std::equal(name.begin(), name.end(), word.begin(), word.end(),
                      [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
  };
  return equals("sequence") || equals("seq");
}

std::vector<std::string> all_names(const std::vector<ColumnFacts>& columns) {
  std::vector<std::string> names;
  for (const ColumnFacts& column : columns) names.push_back(column.name);
  return names;
}

std::string sequence_column(const std::vector<ColumnFacts>& columns, const std::string& file) {
  const ColumnFacts* found = nullptr;
  for (const ColumnFacts& column : columns)
    if (column.letters && (found == nullptr || is_usual_name(column.name))) found = &column;
  if (found == nullptr)
    throw DataError(format("{}: no column holds sequences (letters A C G T U N alone, four or more, in every row); it has {}", file,
                           some_of(all_names(columns))));
  return found->name;
}

void take_label(TableColumns& chosen, const ColumnFacts& column, const std::string& file) {
  if (column.mostly_numeric() && !column.numeric())
    throw DataError(
        format("{}: label '{}' in column '{}' is no number ({} of {} rows are); a missing label is empty or NA, and --labels "
               "names the columns that are labels",
               column.place, column.first_word, column.name, column.measured(), column.rows));
  if (!column.numeric())
    throw DataError(format("{}: column '{}' holds words such as '{}'; a label is a number", file, column.name, column.first_word));
  if (column.constant() && !column.all_ones())
    throw DataError(format("{}: column '{}' has the same value in all rows: there is nothing to learn", file, column.name));
  (column.binary ? chosen.classes : chosen.numbers).push_back(&column);
}

void take_named(TableColumns& chosen, const std::vector<ColumnFacts>& columns, const std::vector<std::string>& labels,
                const std::string& file) {
  for (const std::string& label : labels) {
    const auto found = std::find_if(columns.begin(), columns.end(), [&](const ColumnFacts& c) { return c.name == label; });
    const auto near = nearest(label, all_names(columns));
    if (found == columns.end())
      throw ArgumentError(format("{}: there is no column '{}'{}; there are {}", file, label,
                                 near ? format(" (did you mean '{}'?)", *near) : "", some_of(all_names(columns))));
    if (labels.size() == 1 && found->bits())
      chosen.bits = &*found;
    else
      take_label(chosen, *found, file);
  }
}

void take_those_of_numbers(TableColumns& chosen, const std::vector<ColumnFacts>& columns, const std::string& file) {
  std::vector<const ColumnFacts*> ones;
  for (const ColumnFacts& column : columns) {
    if (!column.mostly_numeric() || column.name == chosen.sequence || column.name == chosen.set) continue;
    if (column.names_rows()) continue;
    if (column.is_bookkeeping() || column.counts)
      chosen.passed_over.push_back(column.name);
    else if (column.bits() && chosen.bits == nullptr)
      chosen.bits = &column;
    else if (column.numeric() && column.constant())
      (column.all_ones() ? ones.push_back(&column) : chosen.passed_over.push_back(column.name));
    else
      take_label(chosen, column, file);
  }
  const bool any = !chosen.classes.empty() || !chosen.numbers.empty();
  if (chosen.bits != nullptr && any)
    throw DataError(format("{}: labels may be the digits of column '{}' or the numbers of others, such as '{}'; say which with --labels",
                           file, chosen.bits->name, (chosen.classes.empty() ? chosen.numbers : chosen.classes).front()->name));
  if (!any && chosen.bits == nullptr && ones.size() == 1) return take_label(chosen, *ones.front(), file);
  for (const ColumnFacts* column : ones) chosen.passed_over.push_back(column->name);
}

}  // namespace

TableColumns choose_columns(const std::vector<ColumnFacts>& columns, const std::vector<std::string>& labels, const std::string& file) {
  TableColumns chosen{.sequence = sequence_column(columns, file)};
  for (const ColumnFacts& column : columns) {
    if (column.splits())
      chosen.set = column.name;
    else if (chosen.chromosome.empty() && column.says_chromosome())
      chosen.chromosome = column.name;
  }
  if (labels.empty())
    take_those_of_numbers(chosen, columns, file);
  else
    take_named(chosen, columns, labels, file);
  for (const ColumnFacts* column : chosen.classes)
    if (column->all_ones() && !chosen.all_positive())
      throw DataError(
          format("{}: column '{}' has the same value in all rows: there is nothing to learn beside other labels", file, column->name));
  if (chosen.classes.empty() && chosen.numbers.empty() && chosen.bits == nullptr)
    throw DataError(format("{}: no column holds labels, numbers that differ from row to row; name them with --labels. It has {}", file,
                           some_of(all_names(columns))));
  return chosen;
}

}  // namespace basewise::draft::detail
