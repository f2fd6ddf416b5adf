// One-hot sequences as tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace basewise::io::detail {

/// Bases as tokens from `length` one-hot rows of four numbers: `of(base, letter)` is one of them.
/// All alike (0 or a quarter each) is N. Returns the first base that is neither; -1: there is none.
template <class F>
std::int64_t tokens_of_one_hot(std::int64_t length, std::vector<std::uint8_t>& tokens, F&& of) {
  tokens.resize(static_cast<std::size_t>(length));
  for (std::int64_t i = 0; i < length; ++i) {
    std::uint8_t token = 4;
    int ones = 0, others = 0;
    for (std::uint8_t letter = 0; letter < 4; ++letter) {
      const auto value = of(i, letter);
      if (value == 1)
        ++ones, token = letter;
      else if (value != 0)
        others += static_cast<float>(value) == 0.25F ? 1 : 5;
    }
    const bool unknown = ones == 0 && (others == 0 || others == 4);
    if (!unknown && (ones != 1 || others != 0)) return i;
    tokens[static_cast<std::size_t>(i)] = token;
  }
  return -1;
}

}  // namespace basewise::io::detail
