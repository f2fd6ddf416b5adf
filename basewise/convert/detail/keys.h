// The keys of a parameter file: each is read once, and what nobody asked for is told.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "basewise/core/choice.h"

namespace basewise::convert::detail {

/// One table of a parameter file. Numbers must be finite and within 1e12 of zero.
/// Errors of all functions: DataError that starts with the place of the key.
class Keys {
 public:
  /// `place` is what stands in front of a key in messages ("params.json: model.trunk.2"); `lines`
  /// says on which line of `place` a key stands. A key that is not here is looked for in `outer`.
  Keys(nlohmann::ordered_json object, std::string place, std::map<std::string, std::int64_t> lines = {}, Keys* outer = nullptr);

  bool has(std::string_view key) const;
  /// Null as the file's null, and where there is none.
  nlohmann::ordered_json value(std::string_view key);

  double number(std::string_view key, double otherwise, double least = -1e12, double most = 1e12);
  std::int64_t whole(std::string_view key, std::int64_t otherwise, std::int64_t least = 1, std::int64_t most = 1'000'000);
  bool flag(std::string_view key, bool otherwise);  ///< also 0 and 1
  std::string text(std::string_view key, const std::string& otherwise);
  /// A word of a choice; with `allowed` one of these.
  template <Choice E>
  E choice(std::string_view key, E otherwise, std::initializer_list<E> allowed = {}) {
    const std::string word = text(key, std::string(to_word(otherwise)));
    std::vector<std::string> known;
    for (const Word<E>& one : words_of(otherwise)) {
      if (allowed.size() > 0 && std::find(allowed.begin(), allowed.end(), one.value) == allowed.end()) continue;
      if (one.word == word) return one.value;
      known.emplace_back(one.word);
    }
    refuse_word(key, word, known);
  }
  /// One number or several; `count` values of `otherwise` where the key is missing.
  std::vector<double> numbers(std::string_view key, std::vector<double> otherwise, double least = -1e12, double most = 1e12);
  std::vector<std::int64_t> wholes(std::string_view key, std::vector<std::int64_t> otherwise, std::int64_t least = 1,
                                   std::int64_t most = 1'000'000);

  /// A key that means nothing here: a note that says so and why.
  void without_counterpart(std::string_view key, std::string_view why, std::vector<std::string>& notes);

  /// Errors: DataError for keys that were not read; all of them, each with the nearest known one.
  void refuse_others() const;

  /// "params.txt:12: 'conv_filters'", "params.json: model.trunk.2: 'filters'"
  std::string where(std::string_view key) const;
  const std::string& place() const { return place_; }
  [[noreturn]] void fail(std::string_view key, const std::string& problem) const;

 private:
  const nlohmann::ordered_json* find(std::string_view key);
  [[noreturn]] void refuse_word(std::string_view key, const std::string& word, const std::vector<std::string>& known) const;

  nlohmann::ordered_json object_;
  std::string place_;
  std::map<std::string, std::int64_t> lines_;
  Keys* outer_;
  std::set<std::string, std::less<>> read_;
};

/// A value as a file would have it, shortened: "0.1", "[1,2,3]".
std::string shown(const nlohmann::ordered_json& value);

}  // namespace basewise::convert::detail
