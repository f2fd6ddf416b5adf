// The page of a study.
#pragma once

#include <filesystem>

namespace basewise::report {

/// Reads study.json (schema basewise.study/1) and writes the page, atomically.
/// Errors: DataError for a file that is no such document.
void write_study_page(const std::filesystem::path& study, const std::filesystem::path& page);

}  // namespace basewise::report
