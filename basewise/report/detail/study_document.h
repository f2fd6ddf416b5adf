// The document of a study's page.
#pragma once

#include <string>
#include <string_view>

#include "basewise/report/detail/run.h"

namespace basewise::report::detail {

/// The document of a study from the text of its study.json (schema basewise.study/1): dots per seed
/// beside what was published, tables, paired tests.
/// Errors: DataError naming `origin` for text that is no such document.
Json build_study_document(std::string_view text, const std::string& origin);

}  // namespace basewise::report::detail
