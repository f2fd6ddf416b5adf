#include "basewise/study/conditions.h"

#include <algorithm>
#include <sstream>

#include "basewise/core/error.h"

namespace basewise::study {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

}  // namespace

const std::string* find_label(const Labels& labels, const std::string& name) {
  for (const auto& [key, value] : labels)
    if (key == name) return &value;
  return nullptr;
}

Condition Condition::parse(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw ArgumentError(format(
        "condition '{}': expected NAME=VALUE, NAME=VALUE,VALUE or NAME!=VALUE, as in training=single,augmented", text));
  Condition c;
  c.negated = text[equals - 1] == '!';
  c.key = trimmed(text.substr(0, equals - (c.negated ? 1 : 0)));
  std::istringstream in(text.substr(equals + 1));
  for (std::string value; std::getline(in, value, ',');) c.values.push_back(trimmed(value));
  if (c.key.empty() || c.values.empty())
    throw ArgumentError(format("condition '{}': nothing on one side of the sign", text));
  return c;
}

bool Condition::holds(const Labels& labels) const {
  const std::string* value = find_label(labels, key);
  return !value || (std::find(values.begin(), values.end(), *value) != values.end()) != negated;
}

std::vector<Condition> parse_conditions(const std::vector<std::string>& texts) {
  std::vector<Condition> conditions;
  for (const std::string& text : texts) conditions.push_back(Condition::parse(text));
  return conditions;
}

bool all_hold(const std::vector<Condition>& conditions, const Labels& labels, bool complete) {
  return std::all_of(conditions.begin(), conditions.end(),
                     [&](const Condition& c) { return find_label(labels, c.key) ? c.holds(labels) : !complete; });
}

}  // namespace basewise::study
