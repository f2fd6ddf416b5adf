#include "basewise/core/json.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"

namespace basewise {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kDeepest = 128;
constexpr std::int64_t kMostMembers = 50'000;

[[noreturn]] void refuse_json(std::string_view text, std::size_t at, const std::string& file, const std::string& problem) {
  at = std::min(at, text.size());
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
  throw_data_error({file, line, static_cast<std::int64_t>(at - start) + 1}, problem);
}

// One past a text in quotes that begins at `at`.
std::size_t quote_end(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') ++i;
    else if (text[i] == '"') return i + 1;
  }
  return text.size();
}

// Looks at brackets, colons and quotes alone: whether the rest is JSON, the parser says.
void check_bounds(std::string_view text, const std::string& file) {
  std::vector<std::int64_t> members;  // of each list and object that is open
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = quote_end(text, i);
      continue;
    }
    if (c == '[' || c == '{') {
      members.push_back(0);
      if (members.size() > kDeepest)
        refuse_json(text, i, file, format("more than {} lists and objects stand inside each other", kDeepest));
    } else if ((c == ']' || c == '}') && !members.empty()) {
      members.pop_back();
    } else if (c == ':' && !members.empty() && ++members.back() > kMostMembers) {
      refuse_json(text, i, file, format("an object of more than {} members", kMostMembers));
    }
    ++i;
  }
}

// Without the name of the exception and the place, which stand in front of ours already.
std::string reason_of(const Json::exception& error) {
  std::string text = error.what();
  if (const auto end = text.find("] "); end != std::string::npos) text.erase(0, end + 2);
  if (text.starts_with("parse error at"))
    if (const auto end = text.find(": "); end != std::string::npos) text.erase(0, end + 2);
  return text;
}

}  // namespace

Json parse_json(std::string_view text, const std::string& file) {
  check_bounds(text, file);
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    refuse_json(text, error.byte > 0 ? error.byte - 1 : 0, file, "this is no valid JSON: " + reason_of(error));
  } catch (const Json::exception& error) {
    throw DataError(format("{}: this is no valid JSON: {}", file, reason_of(error)));
  }
}

Json read_json(const std::filesystem::path& file) { return parse_json(read_file(file), file.string()); }

std::string json_text(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

std::string json_text(const nlohmann::json& value, int indent) {
  return value.dump(indent, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace basewise
