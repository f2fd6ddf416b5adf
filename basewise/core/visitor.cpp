#include "basewise/core/visitor.h"

#include <cmath>

namespace basewise {
namespace {

std::string number_text(double x) {
  return std::isfinite(x) && x == std::floor(x) && std::abs(x) < 1e15 ? format("{:.0f}", x) : format("{}", x);
}

}  // namespace

std::string Constraint::text() const {
  if (!choices.empty()) return format("one of {}", fmt::join(choices, ", "));
  const bool low = std::isfinite(minimum), high = std::isfinite(maximum);
  const std::string from = format("{} {}", minimum_open ? ">" : ">=", number_text(minimum));
  const std::string to = format("{} {}", maximum_open ? "<" : "<=", number_text(maximum));
  if (low && high) return from + " and " + to;
  if (low) return from;
  return high ? to : std::string();
}

Constraint positive() { return {.minimum = 0, .minimum_open = true}; }
Constraint non_negative() { return {.minimum = 0}; }
Constraint between(double low, double high) { return {.minimum = low, .maximum = high}; }
Constraint fraction() { return between(0, 1); }
Constraint at_least(double low) { return {.minimum = low}; }
Constraint counted(double low) { return between(low, 2147483647); }
Constraint one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }
Constraint required(Constraint also) {
  also.required = true;
  return also;
}

namespace {

// `a`, `a or b`, `a, b or c`
std::string alternatives(const std::vector<std::string>& values) {
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i > 0) text += i + 1 == values.size() ? " or " : ", ";
    text += values[i];
  }
  return text;
}

}  // namespace

std::string Condition::text(const std::string& prefix) const {
  return format("{}{}{} = {}", prefix, prefix.empty() ? "" : ".", key, alternatives(wanted));
}

std::string Condition::problem(const std::string& prefix) const {
  const std::string now = format("{}{}{} = {}", prefix, prefix.empty() ? "" : ".", key, given);
  return format("means nothing with {}; {} uses it", now, text(prefix));
}

void Visitor::when(std::string_view key, bool value, bool wanted, const std::function<void()>& inside) {
  const auto literal = [](bool x) { return x ? "true" : "false"; };
  when({.key = key, .given = literal(value), .wanted = {literal(wanted)}, .met = value == wanted}, inside);
}

void Visitor::when(const Condition& condition, const std::function<void()>& inside) {
  begin_when(condition);
  inside();
  end_when();
}

}  // namespace basewise
