// The table of a study for people and for machines: as text, TSV and JSON.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "basewise/study/table.h"

namespace basewise::study {

inline constexpr std::string_view kStudySchema = "basewise.study/1";

/// One line per group and metric; columns are axes, evaluation, split, weights,
/// method, metric and its numbers.
void write_table(const StudyTable& table, const std::filesystem::path& file);
nlohmann::ordered_json to_json(const StudyTable& table);
std::string to_text(const StudyTable& table);

}  // namespace basewise::study
