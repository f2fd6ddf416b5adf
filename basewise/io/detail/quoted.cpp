#include "basewise/io/detail/quoted.h"

#include <algorithm>
#include <array>

namespace basewise::io::detail {
namespace {

constexpr char kQuote = '"';

// The part in quotes that begins at `at`, which moves behind it.
Quotes unquote(std::string_view line, std::size_t& at, std::string& room, std::vector<std::string_view>& fields) {
  const std::size_t first = room.size();
  for (++at;; ++at) {
    const std::size_t quote = line.find(kQuote, at);
    if (quote == std::string_view::npos) return Quotes::open;
    room += line.substr(at, quote - at);
    at = quote + 1;
    if (at == line.size() || line[at] != kQuote) break;
    room += kQuote;
  }
  fields.push_back(std::string_view(room).substr(first));
  return Quotes::closed;
}

}  // namespace

Quotes split_quoted(std::string_view line, char separator, std::string& room, std::vector<std::string_view>& fields) {
  fields.clear();
  room.clear();
  room.reserve(line.size());  // the fields point into it
  for (std::size_t at = 0;; ++at) {
    if (at < line.size() && line[at] == kQuote) {
      if (unquote(line, at, room, fields) == Quotes::open) return Quotes::open;
      if (at < line.size() && line[at] != separator) return Quotes::broken;
    } else {
      const std::size_t next = std::min(line.find(separator, at), line.size());
      fields.push_back(line.substr(at, next - at));
      at = next;
    }
    if (at == line.size()) return Quotes::closed;
  }
}

char separator_of(std::string_view heading) {
  constexpr std::array kSeparators = {'\t', ',', ';'};
  std::array<bool, kSeparators.size()> seen{};
  bool inside = false;
  for (const char c : heading) {
    if (c == kQuote) inside = !inside;
    for (std::size_t i = 0; i < kSeparators.size(); ++i) seen[i] = seen[i] || (c == kSeparators[i] && !inside);
  }
  for (std::size_t i = 0; i < kSeparators.size(); ++i)
    if (seen[i]) return kSeparators[i];
  return kSeparators.front();
}

}  // namespace basewise::io::detail
