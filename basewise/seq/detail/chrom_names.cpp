#include "basewise/seq/detail/chrom_names.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "basewise/seq/chrom_sizes.h"

namespace basewise::seq {

std::string number_to_roman(int number) {
  struct Step {
    int value;
    const char* text;
  };
  static constexpr std::array<Step, 9> kSteps = {
      {{100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}}};
  std::string roman;
  for (const Step& step : kSteps) {
    for (; number >= step.value; number -= step.value) roman += step.text;
  }
  return roman;
}

std::optional<int> roman_to_number(std::string_view roman) {
  if (roman.empty() || roman.find_first_not_of("IVXLC") != std::string_view::npos) return std::nullopt;
  for (int n = 1; n < 400; ++n) {
    if (number_to_roman(n) == roman) return n;
  }
  return std::nullopt;
}

namespace detail {
namespace {

constexpr std::array<std::string_view, 8> kMitochondria = {"M", "MT", "Mt", "mt", "Mito", "mito", "mitochondrion", "Mitochondrion"};

std::string_view without_prefix(std::string_view name) {
  const bool prefixed = name.size() > 3 && (name.starts_with("chr") || name.starts_with("Chr") || name.starts_with("CHR"));
  return prefixed ? name.substr(3) : name;
}

std::optional<int> plain_number(std::string_view text) {
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = code == std::errc() && end == text.data() + text.size();
  return whole && value >= 1 && value < 400 && text.front() != '0' ? std::optional(value) : std::nullopt;
}

void add_both(std::vector<std::string>& list, std::string_view bare) {
  for (const char* prefix : {"", "chr", "Chr", "CHR"}) list.push_back(prefix + std::string(bare));
}

}  // namespace

std::vector<std::string> spellings(std::string_view name, const std::function<bool(std::string_view)>& exists) {
  std::vector<std::string> list;
  const std::string_view bare = without_prefix(name);
  add_both(list, bare);
  if (std::find(kMitochondria.begin(), kMitochondria.end(), bare) != kMitochondria.end()) {
    for (const std::string_view other : kMitochondria) add_both(list, other);
  }
  const auto has_roman = [&](int n) { return exists(number_to_roman(n)) || exists("chr" + number_to_roman(n)); };
  if (const auto number = plain_number(bare)) {
    bool all = true;
    for (int n = 1; n <= *number && all; ++n) all = has_roman(n);
    if (all) add_both(list, number_to_roman(*number));
  }
  // X alone may be a sex chromosome; every other Roman numeral can only be a number.
  if (const auto number = roman_to_number(bare); number && bare != "X") add_both(list, std::to_string(*number));
  return list;
}

std::string_view accession_without_version(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0 || dot + 1 == name.size()) return {};
  const bool digits = name.find_first_not_of("0123456789", dot + 1) == std::string_view::npos;
  return digits ? name.substr(0, dot) : std::string_view{};
}

}  // namespace detail
}  // namespace basewise::seq
