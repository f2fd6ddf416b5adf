#include "basewise/io/detail/fields.h"

#include <charconv>

#include "basewise/core/printable.h"

namespace basewise::io::detail {

namespace {

bool begins_with_word(std::string_view line, std::string_view word) {
  return line.starts_with(word) && (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\t');
}

}  // namespace

void split(std::string_view line, char separator, std::vector<std::string_view>& fields) {
  fields.clear();
  for (;;) {
    const auto at = line.find(separator);
    fields.push_back(line.substr(0, at));
    if (at == std::string_view::npos) return;
    line.remove_prefix(at + 1);
  }
}

void split_blanks(std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  for (;;) {
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos) return;
    const auto end = line.find_first_of(" \t\r", begin);
    fields.push_back(line.substr(begin, end == std::string_view::npos ? end : end - begin));
    if (end == std::string_view::npos) return;
    line.remove_prefix(end);
  }
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

const char* header_kind(std::string_view line) {
  if (is_blank(line)) return "blank line";
  if (line.front() == '#') return "comment line";
  if (begins_with_word(line, "track")) return "track line";
  if (begins_with_word(line, "browser")) return "browser line";
  return nullptr;
}

bool is_letter_of(std::string_view field, std::string_view letters) {
  return field.size() == 1 && letters.find(field.front()) != std::string_view::npos;
}

std::string shown(std::string_view field) {
  constexpr std::size_t kMost = 60;
  std::string text = "'";
  for (const char c : field.substr(0, kMost)) text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return printable(text + (field.size() > kMost ? "...'" : "'"));
}

std::int64_t column_of(std::string_view line, std::string_view field) { return field.data() - line.data() + 1; }

bool parse_integer(std::string_view field, std::int64_t& value) {
  const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
  return code == std::errc() && end == field.data() + field.size();
}

bool parse_number(std::string_view field, double& value) {
  if (field.size() > 1 && field.front() == '+' && field[1] != '-') field.remove_prefix(1);
  const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), value);
  if (end != field.data() + field.size() || field.empty()) return false;
  // Digits that underflow (1e-400 as a p-value is common) are zero for us; an overflow is refused.
  if (code == std::errc::result_out_of_range) {
    value = 0;
    const auto exponent = field.find_first_of("eE");
    return exponent != std::string_view::npos && exponent + 1 < field.size() && field[exponent + 1] == '-';
  }
  return code == std::errc();
}

std::int64_t integer_field(const LineReader& lines, std::string_view field, std::string_view what) {
  std::int64_t value = 0;
  if (!parse_integer(field, value)) lines.fail(format("{} {} is no whole number", what, shown(field)));
  return value;
}

double number_field(const LineReader& lines, std::string_view field, std::string_view what) {
  double value = 0;
  if (!parse_number(field, value)) lines.fail(format("{} {} is no number", what, shown(field)));
  return value;
}

}  // namespace basewise::io::detail
