// Tests between groups of a table.
#pragma once

#include <functional>

#include "basewise/study/table.h"

namespace basewise::study::detail {

/// Adds the tests that `c` asks for to the table, or a note where no group fits a side or none has
/// a partner. `group_of` names labels as the table does.
/// Errors: ArgumentError for a metric that is none of the table, and sides that are not clear.
void compare(StudyTable& table, const Comparison& c, const std::function<Group(const Labels&)>& group_of);

}  // namespace basewise::study::detail
