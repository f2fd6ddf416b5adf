// JSON in and out, the one way for all modules: bounded when it is read,
// never refused when it is written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace basewise {

/// The value of a JSON text. At most 128 lists and objects may stand inside each other, and an
/// object has at most 50,000 members: what copies and writes values calls itself for every level,
/// and looks through all members for each, so that a small hostile file would take all memory, the
/// stack or hours.
/// Errors: DataError with file, line and column for what is no JSON or beyond these bounds.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& file);

/// The same of a file. Errors: also DataError with the system's reason.
nlohmann::ordered_json read_json(const std::filesystem::path& file);

/// As text; `indent` blanks for each level, or one line where it is negative. Bytes that are no
/// UTF-8, as in names of files, become U+FFFD.
std::string json_text(const nlohmann::ordered_json& value, int indent = -1);
std::string json_text(const nlohmann::json& value, int indent = -1);

}  // namespace basewise
