// Conditions such as "training=single,augmented" or "seed!=1535" on what a row is called.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "basewise/core/choice.h"

namespace basewise::study {

/// Names and values of a run or a row: axes, "run", "evaluation", "split", "weights", "method".
using Labels = std::vector<std::pair<std::string, std::string>>;

/// The names of labels and columns that are no axes.
enum class RowName { run, evaluation, split, weights, method, hash };
constexpr auto words_of(RowName) {
  return words<RowName>({{RowName::run, "run"},
                         {RowName::evaluation, "evaluation"},
                         {RowName::split, "split"},
                         {RowName::weights, "weights"},
                         {RowName::method, "method"},
                         {RowName::hash, "hash"}});
}

/// Value of a label, or nullptr.
const std::string* find_label(const Labels& labels, const std::string& name);

struct Condition {
  std::string key = {};
  std::vector<std::string> values = {};  ///< any of them
  bool negated = false;

  /// Errors: ArgumentError for a text without "=".
  static Condition parse(const std::string& text);
  /// A label that is not there makes the condition undecided: true.
  bool holds(const Labels& labels) const;
};

std::vector<Condition> parse_conditions(const std::vector<std::string>& texts);

/// True if all hold; `complete` false treats labels that are not there as if they held, else as if
/// they did not.
bool all_hold(const std::vector<Condition>& conditions, const Labels& labels, bool complete = true);

}  // namespace basewise::study
