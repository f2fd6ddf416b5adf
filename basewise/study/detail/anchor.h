// Paths of a study: what its file says relative to itself.
#pragma once

#include <filesystem>

#include "basewise/study/study.h"

namespace basewise::study::detail {

/// Makes relative paths among the options that a study sets, of the recipe and of measures, and the
/// recipe's own, absolute: they are meant relative to `folder`.
/// Errors: ArgumentError for an assignment without =, and for a measure that there is not.
void anchor(StudyOptions& o, const std::filesystem::path& folder);

}  // namespace basewise::study::detail
