#include "basewise/core/options.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "basewise/core/detail/option_value.h"

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
Constraint one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }
Constraint required(Constraint also) {
  also.required = true;
  return also;
}

namespace {

std::string normal_form(std::string_view word) {
  std::string text(word);
  for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, now);
  }
  return last[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = normal_form(word);
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(wanted, normal_form(candidate));
    if (distance < best_distance && distance < std::max<std::size_t>(wanted.size(), 2)) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

namespace detail {

std::string joined(const std::string& prefix, std::string_view name) {
  return prefix.empty() ? std::string(name) : format("{}.{}", prefix, name);
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? format("\\u{:04x}", static_cast<unsigned char>(c)) : std::string(1, c);
    }
  }
  return out + "\"";
}

std::string toml_literal(double x) {
  if (std::isnan(x)) return "nan";
  if (std::isinf(x)) return x < 0 ? "-inf" : "inf";
  const std::string text = format("{}", x);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

std::string toml_literal(std::uint64_t x) {
  const std::string text = format("{}", x);
  return x > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ? in_quotes(text) : text;  // TOML integers are signed
}

namespace {

std::string bound_violated(double x, const Constraint& c, const std::string& shown) {
  const bool low = c.minimum_open ? x > c.minimum : x >= c.minimum;
  const bool high = c.maximum_open ? x < c.maximum : x <= c.maximum;
  const bool bounded = std::isfinite(c.minimum) || std::isfinite(c.maximum);
  return !bounded || (low && high) ? std::string() : format("is {}; it must be {}", shown, c.text());
}

std::string choice_violated(const std::string& text, const Constraint& c) {
  if (c.choices.empty() || std::find(c.choices.begin(), c.choices.end(), text) != c.choices.end()) return {};
  const auto near = nearest(text, c.choices);
  return format("is \"{}\"; it must be {}{}", text, c.text(), near ? format(" (did you mean \"{}\"?)", *near) : "");
}

struct Violation {
  const Constraint& c;

  std::string operator()(const bool&) const { return {}; }
  std::string operator()(const std::int64_t& x) const { return bound_violated(static_cast<double>(x), c, toml_literal(x)); }
  std::string operator()(const std::uint64_t& x) const { return bound_violated(static_cast<double>(x), c, toml_literal(x)); }
  std::string operator()(const double& x) const { return bound_violated(x, c, format("{}", x)); }
  std::string operator()(const std::string& x) const { return choice_violated(x, c); }
  std::string operator()(const std::filesystem::path& x) const { return choice_violated(x.string(), c); }
  std::string operator()(const TomlText&) const { return {}; }
  template <class T>
  std::string operator()(const std::optional<T>& x) const {
    return x ? (*this)(*x) : std::string();
  }
  template <class T>
  std::string operator()(const std::vector<T>& values) const {
    for (const T& x : values)
      if (std::string problem = (*this)(x); !problem.empty()) return "has an item that " + problem;
    return {};
  }
};

struct Empty {
  bool operator()(const std::string& x) const { return x.empty(); }
  bool operator()(const std::filesystem::path& x) const { return x.empty(); }
  bool operator()(const TomlText& x) const { return x.text.empty(); }
  template <class T>
  bool operator()(const std::optional<T>& x) const {
    return !x;
  }
  template <class T>
  bool operator()(const std::vector<T>& x) const {
    return x.empty();
  }
  template <class T>
  bool operator()(const T&) const {
    return false;
  }
};

struct TypeName {
  std::string operator()(const bool&) const { return "true/false"; }
  std::string operator()(const std::int64_t&) const { return "integer"; }
  std::string operator()(const std::uint64_t&) const { return "integer >= 0"; }
  std::string operator()(const double&) const { return "number"; }
  std::string operator()(const std::string&) const { return "text"; }
  std::string operator()(const std::filesystem::path&) const { return "path"; }
  std::string operator()(const TomlText&) const { return "table"; }
  template <class T>
  std::string operator()(const std::optional<T>&) const {
    return (*this)(T{});
  }
  template <class T>
  std::string operator()(const std::vector<T>&) const {
    const std::string item = (*this)(T{});
    return "list of " + (item == "text" ? "texts" : item + "s");
  }
};

}  // namespace

std::string violation(const OptionValue& value, const Constraint& c) {
  return std::visit([&](const auto* member) { return Violation{c}(*member); }, value);
}

bool is_empty(const OptionValue& value) {
  return std::visit([](const auto* member) { return Empty{}(*member); }, value);
}

std::string type_name(const OptionValue& value) {
  return std::visit([](const auto* member) { return TypeName{}(*member); }, value);
}

}  // namespace detail

namespace {

class Checker : public Visitor {
 public:
  Checker(std::string what, std::string prefix) : what_(std::move(what)), prefix_(std::move(prefix)) {}

  void option(Option o) override {
    const std::string path = detail::joined(prefix_, o.name);
    if (const std::string problem = detail::violation(o.value, o.constraint); !problem.empty())
      throw ArgumentError(format("{}: {} {}", what_, path, problem));
    if (o.constraint.required && detail::is_empty(o.value)) throw ArgumentError(format("{}: {} is required ({})", what_, path, o.help));
  }
  void group_of(std::string_view name, std::string_view, const std::function<void(Visitor&)>& inside) override {
    Checker checker(what_, detail::joined(prefix_, name));
    inside(checker);
  }
  void list_of(OptionList list) override {
    for (std::size_t i = 0; i < list.size(); ++i) {
      Checker checker(what_, detail::joined(prefix_, format("{}.{}", list.name, i)));
      list.describe_item(checker, i);
    }
  }

 private:
  std::string what_;
  std::string prefix_;
};

}  // namespace

void check(const Described& options, std::string_view what) {
  Checker checker(std::string(what), "");
  options(checker);
}

}  // namespace basewise
