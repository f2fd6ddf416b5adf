// Files that a study names: what is missing is told before anything is trained.
#pragma once

#include <vector>

#include "basewise/study/expand.h"

namespace basewise::study::detail {

/// Once paths are absolute: the files that the options of a measure name are there. References to
/// registered data ("data:...") are left to `require_data`.
/// Errors: ArgumentError naming the file.
void require_files(const EvaluationPlan& evaluation);

/// References to registered data in the recipes of `runs` and in the options of what is measured of
/// them lead to files on this machine.
/// Errors: DataError as corpus::resolve_path gives it, with the run;
/// ArgumentError for names that are not registered.
void require_data(const Study& study, const std::vector<const Run*>& runs);

}  // namespace basewise::study::detail
