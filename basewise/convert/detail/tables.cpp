#include "basewise/convert/detail/tables.h"

#include <charconv>

#include "basewise/core/error.h"
#include "basewise/io/line_reader.h"

namespace basewise::convert::detail {
namespace {

using Json = nlohmann::ordered_json;

// A number where all of the word is one.
Json value_of(std::string_view word) {
  std::int64_t whole = 0;
  const char* end = word.data() + word.size();
  if (const auto [at, error] = std::from_chars(word.data(), end, whole); error == std::errc() && at == end) return whole;
  double number = 0;
  if (const auto [at, error] = std::from_chars(word.data(), end, number); error == std::errc() && at == end) return number;
  return std::string(word);
}

std::vector<std::string_view> words_of(std::string_view line) {
  constexpr std::string_view kBlank = " \t\r";
  std::vector<std::string_view> words;
  line = line.substr(0, line.find('#'));
  for (std::size_t at = line.find_first_not_of(kBlank); at < line.size() && words.size() < 3; at = line.find_first_not_of(kBlank, at)) {
    const std::size_t end = std::min(line.find_first_of(kBlank, at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

Keys read_table(const std::filesystem::path& file) {
  constexpr std::int64_t kMostLines = 10'000, kLongestLine = 10'000;
  io::LineReader reader(file, kLongestLine);
  Json table = Json::object();
  std::map<std::string, std::int64_t> lines;
  std::string_view line;
  while (reader.next(line)) {
    if (reader.line_number() > kMostLines) reader.fail(format("has more than {} lines; this is no file of parameters", kMostLines));
    const std::vector<std::string_view> words = words_of(line);
    if (words.empty()) continue;
    if (words.size() != 2) reader.fail("expected a key and a value, with blanks between them");
    const std::string key(words[0]);
    lines.try_emplace(key, reader.line_number());
    Json& values = table[key];
    if (values.is_null()) values = Json::array();
    values.push_back(value_of(words[1]));
  }
  if (table.empty()) throw DataError(format("{} has no keys; a file of parameters was expected", file.string()));
  for (auto& [key, values] : table.items())
    if (values.size() == 1) values = Json(values[0]);
  return Keys(std::move(table), file.string(), std::move(lines));
}

}  // namespace basewise::convert::detail
