#include "basewise/seq/edits.h"

#include <algorithm>
#include <cctype>

namespace basewise::seq {
namespace {

void check_range(std::string_view sequence, std::int64_t start, std::int64_t end, std::string_view verb) {
  if (start < 0 || end < start || end > static_cast<std::int64_t>(sequence.size())) {
    throw ArgumentError(format("{}: [{}, {}) does not lie inside a sequence of {} bases", verb, start, end, sequence.size()));
  }
}

std::string spliced(std::string_view sequence, std::int64_t start, std::int64_t end, std::string_view letters) {
  std::string result(sequence.substr(0, static_cast<std::size_t>(start)));
  result += letters;
  result += sequence.substr(static_cast<std::size_t>(end));
  return result;
}

bool same_letter(char a, char b) { return std::toupper(static_cast<unsigned char>(a)) == std::toupper(static_cast<unsigned char>(b)); }

}  // namespace

std::string substitute(std::string_view sequence, std::int64_t position, std::string_view letters) {
  const std::int64_t end = position + static_cast<std::int64_t>(letters.size());
  check_range(sequence, position, end, "substitute");
  return spliced(sequence, position, end, letters);
}

std::string insert(std::string_view sequence, std::int64_t position, std::string_view letters) {
  check_range(sequence, position, position, "insert");
  return spliced(sequence, position, position, letters);
}

std::string erase(std::string_view sequence, std::int64_t start, std::int64_t end) {
  check_range(sequence, start, end, "erase");
  return spliced(sequence, start, end, "");
}

std::string replace(std::string_view sequence, std::int64_t position, std::string_view reference, std::string_view alternative) {
  const std::int64_t end = position + static_cast<std::int64_t>(reference.size());
  check_range(sequence, position, end, "replace");
  const std::string_view found = sequence.substr(static_cast<std::size_t>(position), reference.size());
  if (!std::equal(found.begin(), found.end(), reference.begin(), same_letter)) {
    throw DataError(format("the sequence holds {} at position {}, the variant expects {}", found, position, reference));
  }
  return spliced(sequence, position, end, alternative);
}

}  // namespace basewise::seq
