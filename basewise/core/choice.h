// A choice is an enum with a word, and if need be a help text, for each of its values. Both are
// declared once, beside each other (examples/choice.cpp):
//
//   enum class Padding { same, valid };
//   constexpr auto words_of(Padding) {
//     return words<Padding>({{Padding::same, "same", "L / stride positions, zeros at both ends"},
//                            {Padding::valid, "valid", "only whole windows"}});
//   }
//
// From then on options hold a Padding (or an optional one, or a list of them), files and flags show
// its word, `to_word` and `parse_choice` go from one to the other, and `format("{}", padding)`
// writes the word.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "basewise/core/format.h"

namespace basewise {

/// One value of an enum, what people call it, and what it means ("" where the word says it all).
template <class E>
struct Word {
  E value;
  std::string_view word;
  std::string_view help = {};
};

/// The table that `words_of` returns, in the order in which people read it. Does not compile if a
/// value or a word is in it twice.
template <class E, std::size_t N>
consteval std::array<Word<E>, N> words(const Word<E> (&list)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (list[i].value == list[j].value || list[i].word == list[j].word) throw "a value or a word is there twice";
  return std::to_array(list);
}

/// An enum whose words are declared.
template <class E>
concept Choice = std::is_enum_v<E> && requires(E value) { words_of(value); };

namespace detail {

/// "is "vaild"; it must be one of same, valid (did you mean "valid"?)"
std::string no_such_word(std::string_view word, const std::vector<std::string>& choices);

[[noreturn]] void throw_no_such_word(std::string_view what, std::string_view word,
                                     const std::vector<std::string>& choices);
[[noreturn]] void throw_no_such_value(std::int64_t value, const std::vector<std::string>& choices);

}  // namespace detail

/// All words of a choice in the order of its table.
template <Choice E>
std::vector<std::string> all_words() {
  std::vector<std::string> all;
  for (const Word<E>& known : words_of(E{})) all.emplace_back(known.word);
  return all;
}

/// What people call a value. Errors: InternalError for a number that is no value of the enum.
template <Choice E>
std::string_view to_word(E value) {
  for (const Word<E>& known : words_of(E{}))
    if (known.value == value) return known.word;
  detail::throw_no_such_value(static_cast<std::int64_t>(value), all_words<E>());
}

/// The value that people call so, nothing if there is none.
template <Choice E>
std::optional<E> find_choice(std::string_view word) {
  for (const Word<E>& known : words_of(E{}))
    if (known.word == word) return known.value;
  return std::nullopt;
}

/// The same where there must be one; `what` is what the word was given for.
/// Errors: ArgumentError "padding is "vaild"; it must be one of same, valid (did you mean
/// "valid"?)".
template <Choice E>
E parse_choice(std::string_view word, std::string_view what) {
  if (const auto value = find_choice<E>(word)) return *value;
  detail::throw_no_such_word(what, word, all_words<E>());
}

}  // namespace basewise

template <basewise::Choice E>
struct fmt::formatter<E> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(E value, Context& context) const {
    return fmt::formatter<std::string_view>::format(basewise::to_word(value), context);
  }
};
