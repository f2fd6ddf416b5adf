#include "basewise/core/toml_keys.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "basewise/core/detail/toml_text.h"
#include "basewise/core/error.h"

namespace basewise {
namespace {

constexpr int kMostParts = 32;

bool is_bare(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-'; }

// One past the string that begins at `start`; a string that never ends reaches to the end of its
// line, or of the text.
std::size_t string_end(std::string_view text, std::size_t start) {
  const char quote = text[start];
  const std::string triple(3, quote);
  const bool long_form = text.substr(start, 3) == triple;
  for (std::size_t i = start + (long_form ? 3 : 1); i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') ++i;
    else if (long_form && text.substr(i, 3) == triple) return i + 3;
    else if (!long_form && text[i] == quote) return i + 1;
    else if (!long_form && text[i] == '\n') return i;
  }
  return text.size();
}

}  // namespace

void check_toml_keys(std::string_view text, const std::string& file) {
  std::int64_t line = 1;
  int parts = 0;
  bool after_dot = false;
  std::size_t end = 0;
  for (std::size_t i = 0; i < text.size(); i = end) {
    const char c = text[i];
    end = i + 1;
    if (c == ' ' || c == '\t') continue;
    if (c == '.') {
      after_dot = true;
    } else if (is_bare(c) || c == '"' || c == '\'') {
      end = is_bare(c)
                ? std::min(text.size(), static_cast<std::size_t>(
                                            std::find_if_not(text.begin() + i, text.end(), is_bare) - text.begin()))
                : string_end(text, i);
      parts = after_dot ? parts + 1 : 1;
      after_dot = false;
    } else {
      if (c == '#') end = std::min(text.find('\n', i), text.size());
      parts = 0;
      after_dot = false;
    }
    if (parts > kMostParts)
      throw ArgumentError(format("{}: a key of more than {} parts with dots between them",
                                 FilePosition{file, line, 0}.to_string(), kMostParts));
    line += std::count(text.begin() + i, text.begin() + end, '\n');
  }
}

std::string toml_as_json(std::string_view text, const std::string& file) {
  const toml::table table = detail::parse_toml(text, file);
  std::ostringstream out;
  out << toml::json_formatter{table, toml::json_formatter::default_flags & ~toml::format_flags::indentation};
  return out.str();
}

}  // namespace basewise
