#include "basewise/interpret/detail/planted_text.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>

#include "basewise/core/error.h"

namespace basewise::interpret::detail {
namespace {

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

PlantedMotif parse_one(std::string_view text) {
  const std::size_t dash = text.find('-'), colon = text.find(':');
  const char strand = text.empty() ? ' ' : text.back();
  if (colon != std::string_view::npos && dash < colon && (strand == '+' || strand == '-') && colon + 2 < text.size()) {
    const auto start = whole_number(text.substr(0, dash)), end = whole_number(text.substr(dash + 1, colon - dash - 1));
    if (start && end && *start < *end)
      return {.start = *start, .end = *end, .name = std::string(text.substr(colon + 1, text.size() - colon - 2)), .reverse = strand == '-'};
  }
  throw DataError(format("planted motif '{}': expected START-END:NAME and the strand, as in 29-40:Gabpa-", text));
}

}  // namespace

std::vector<PlantedMotif> parse_planted(std::string_view text) {
  std::vector<PlantedMotif> all;
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    all.push_back(parse_one(text.substr(0, end)));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return all;
}

}  // namespace basewise::interpret::detail
