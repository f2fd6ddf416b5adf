// Tables of a study for a page in Markdown: the page says where each belongs,
// and a call writes them anew.
//
//   <!-- study task1: match_fraction -->
//   <!-- end of table -->
//
// What stands between the two lines is replaced. TABLE is the name of one of the study's
// [[tables]], or `tests` (all comparisons) or `relations`.
#pragma once

#include <string>

#include "basewise/study/table.h"

namespace basewise::study {

/// One table as GitHub and others show it, and a line below it that says what the cells are. What
/// was published stands in square brackets; a cell without a run has a dash.
/// Errors: ArgumentError where rows of the study that differ otherwise fall into one cell.
std::string to_markdown(const StudyTable& table, const TablePlan& plan);

struct FilledPage {
  std::string text = {};
  std::int64_t tables = 0;  ///< that were written
};

/// `page` with the tables of this study; those of other studies stay.
/// Errors: ArgumentError for a table that the study does not have, and for a first line without the
/// last one, with the number of the line.
FilledPage fill_page(const std::string& page, const StudyTable& table, const std::vector<TablePlan>& plans);

namespace detail {
/// Errors: ArgumentError for names given twice or taken, metrics that there are not, rows or
/// columns that are no axes.
void check_plans(const StudyOptions& o);
}  // namespace detail

}  // namespace basewise::study
