#include "basewise/seq/strand_rule.h"

#include <array>

#include "basewise/core/error.h"

namespace basewise::seq {
namespace {

constexpr std::array<std::string_view, 5> kWords{"unchanged", "mirrored", "paired", "complemented", "tokens"};

}  // namespace

std::string_view to_word(StrandRule rule) { return kWords.at(static_cast<std::size_t>(rule)); }

StrandRule parse_strand_rule(std::string_view word) {
  for (std::size_t i = 0; i < kWords.size(); ++i)
    if (kWords[i] == word) return static_cast<StrandRule>(i);
  throw ArgumentError(format("strand rule is '{}': expected {}", word, fmt::join(kWords, ", ")));
}

}  // namespace basewise::seq
