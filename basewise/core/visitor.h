// What a description of options tells, and who listens:
// values, groups, lists, and for which choice they count.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/error.h"
#include "basewise/core/file_list.h"

namespace basewise {

/// What a value must satisfy. `text` is how the bound is told to people ("> 0",
/// "one of sgd, adam").
struct Constraint {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool minimum_open = false;  ///< the minimum itself is not allowed
  bool maximum_open = false;
  std::vector<std::string> choices = {};   ///< for text: the allowed values; empty allows any
  std::vector<std::string> meanings = {};  ///< what each of them means, "" where the word says it all; may be empty
  bool required = false;                   ///< must be given by the user
  std::string text() const;
};

Constraint positive();                                ///< > 0
Constraint non_negative();                            ///< >= 0
Constraint between(double low, double high);          ///< both ends included
Constraint fraction();                                ///< 0 <= x <= 1
Constraint at_least(double low);                      ///< >= low
Constraint one_of(std::vector<std::string> choices);  ///< text out of a list

/// `low` <= x <= 2147483647, for lengths in bases and numbers of examples at once: sums and
/// products of two of them do not overflow.
Constraint counted(double low);
Constraint required(Constraint also = {});            ///< the user must give it, and it must satisfy `also`

namespace detail {

template <class Words>
Constraint one_of_words(const Words& words) {
  Constraint c;
  for (const auto& known : words) {
    c.choices.emplace_back(known.word);
    c.meanings.emplace_back(known.help);
  }
  return c;
}

}  // namespace detail

/// Some values of a choice, in this order. A choice without it allows all.
template <Choice E>
Constraint one_of(std::initializer_list<E> values) {
  std::vector<Word<E>> allowed;
  for (const E value : values)
    for (const Word<E>& known : words_of(value))
      if (known.value == value) allowed.push_back(known);
  return detail::one_of_words(allowed);
}

/// A TOML table that some other reader owns (say a model inside a recipe):
/// kept as TOML text with where it stood. A name in its place, `model = "bpnet"`, is read as the
/// table with `name = "bpnet"` alone.
///
/// Keys are relative to the table. The text is padded with empty lines so that its line numbers are
/// those of `where.file`: whoever parses it with that file name reports true positions.
struct TomlText {
  std::string text;
  FilePosition where;
};

/// A pointer to the member that an option sets. For a choice it is the word,
/// put back into the member after the visit.
using OptionValue =
    std::variant<bool*, std::int64_t*, std::uint64_t*, double*, std::string*, std::filesystem::path*,
                 std::optional<bool>*, std::optional<std::int64_t>*, std::optional<double>*, std::optional<std::string>*,
                 std::optional<std::filesystem::path>*, std::vector<std::int64_t>*, std::vector<double>*,
                 std::vector<std::string>*, std::vector<std::filesystem::path>*, FileList*, TomlText*>;

/// One option as every visitor sees it. Relative paths read from a TOML file are taken relative to
/// that file's folder. "data:..." names a registered file and stays as it is.
struct Option {
  std::string_view name;
  OptionValue value;
  std::string_view help;
  Constraint constraint;
};

class Visitor;

/// A described struct without its type.
using Described = std::function<void(Visitor&)>;

/// A list of described structs ([[loss]] in TOML), seen without its type.
struct OptionList {
  std::string_view name;
  std::string_view help;
  std::function<std::size_t()> size;
  std::function<void(std::size_t)> resize;
  std::function<void(Visitor&, std::size_t)> describe_item;
  std::function<void(Visitor&)> describe_default;  ///< a fresh item, for reference pages
};

/// Options that count only for some values of another option, the key, which stands in the same
/// table.
struct Condition {
  std::string_view key;
  std::string given;                ///< the value of the key now, as TOML
  std::vector<std::string> wanted;  ///< those for which the options count, as TOML
  bool met = false;

  /// `kind = "step"`, `kind = "step" or "plateau"`; with a prefix "train" `train.kind = ...`.
  std::string text(const std::string& prefix = "") const;

  /// `means nothing with kind = "cosine"; kind = "step" or "plateau" uses it`,
  /// to be put behind the name of an option.
  std::string problem(const std::string& prefix = "") const;
};

/// Receives every option of a struct in the order of its description. A key is described once.
class Visitor {
 public:
  virtual ~Visitor() = default;

  /// A single value. For a choice, `one_of({...})` as constraint allows some of its values only.
  template <class T>
  void operator()(std::string_view name, T& value, std::string_view help, Constraint constraint = {}) {
    option(Option{name, OptionValue(&value), help, std::move(constraint)});
  }
  template <Choice E>
  void operator()(std::string_view name, E& value, std::string_view help, Constraint constraint = {}) {
    std::string word(to_word(value));
    by_word<E>(name, word, help, std::move(constraint), [&] { value = parse_choice<E>(word, name); });
  }
  template <Choice E>
  void operator()(std::string_view name, std::optional<E>& value, std::string_view help, Constraint constraint = {}) {
    std::optional<std::string> word;
    if (value) word = to_word(*value);
    by_word<E>(name, word, help, std::move(constraint), [&] {
      value.reset();
      if (word) value = parse_choice<E>(*word, name);
    });
  }
  template <Choice E>
  void operator()(std::string_view name, std::vector<E>& values, std::string_view help, Constraint constraint = {}) {
    std::vector<std::string> list;
    for (const E value : values) list.emplace_back(to_word(value));
    by_word<E>(name, list, help, std::move(constraint), [&] {
      values.clear();
      for (const std::string& word : list) values.push_back(parse_choice<E>(word, name));
    });
  }

  /// A nested struct with its own `describe`: a table in TOML, a dotted prefix in flags.
  template <class T>
  void group(std::string_view name, T& value, std::string_view help) {
    group_of(name, help, [&value](Visitor& v) { describe(v, value); });
  }

  /// A list of structs with their own `describe`.
  template <class T>
  void list(std::string_view name, std::vector<T>& values, std::string_view help) {
    list_of(OptionList{name, help, [&values] { return values.size(); }, [&values](std::size_t n) { values.resize(n); },
                       [&values](Visitor& v, std::size_t i) { describe(v, values[i]); },
                       [](Visitor& v) {
                         T fresh{};
                         describe(v, fresh);
                       }});
  }

  /// The options that `inside` describes count only if the option `key`, described before in the
  /// same table, is one of `wanted`: one of them given to no effect is an error of whoever reads
  /// (see `Idle`). They stay in the table, beside the key (examples/choice.cpp):
  ///
  ///   v("type", o.type, "which loss");
  ///   v.when("type", o.type, {LossType::poisson}, [&] {
  ///     v("log_input", o.log_input, "the output is a logarithm");
  ///   });
  template <Choice E>
  void when(std::string_view key, E value, std::initializer_list<E> wanted, const std::function<void()>& inside) {
    Condition condition{.key = key, .given = format("\"{}\"", value), .wanted = {}};
    for (const E one : wanted) {
      condition.wanted.push_back(format("\"{}\"", one));
      condition.met = condition.met || one == value;
    }
    when(condition, inside);
  }
  void when(std::string_view key, bool value, bool wanted, const std::function<void()>& inside);

  virtual void option(Option option) = 0;
  virtual void group_of(std::string_view name, std::string_view help, const Described& inside) = 0;
  virtual void list_of(OptionList list) = 0;
  /// Around the options under a condition; for visitors who care whether an option counts.
  virtual void begin_when(const Condition&) {}
  virtual void end_when() {}

 private:
  void when(const Condition& condition, const std::function<void()>& inside);

  // Words of choices are text to every visitor; `take` puts them back if the visitor changed them.
  template <Choice E, class Words>
  void by_word(std::string_view name, Words& words, std::string_view help, Constraint constraint, const auto& take) {
    if (constraint.choices.empty()) {
      const bool required = constraint.required;
      constraint = detail::one_of_words(words_of(E{}));
      constraint.required = required;
    }
    const Words before = words;
    option(Option{name, OptionValue(&words), help, std::move(constraint)});
    if (words != before) take();
  }
};

template <class T>
Described described(T& options) {
  return [&options](Visitor& v) { describe(v, options); };
}

}  // namespace basewise
