#include "basewise/core/detail/option_value.h"

#include <algorithm>
#include <cmath>

namespace basewise::detail {

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
        const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
        out += control ? format("\\u{:04x}", static_cast<unsigned char>(c)) : std::string(1, c);
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
  const bool too_large = x > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return too_large ? in_quotes(text) : text;  // TOML integers are signed
}

std::string toml_literal(const FileList& x) {
  if (x.empty()) return in_quotes("");
  std::vector<std::string> texts;
  for (const std::filesystem::path& file : x) texts.push_back(toml_literal(file));
  return texts.size() == 1 ? texts.front() : format("[{}]", fmt::join(texts, ", "));
}

namespace {

std::string bound_violated(double x, const Constraint& c, const std::string& shown) {
  const bool bounded = std::isfinite(c.minimum) || std::isfinite(c.maximum);
  if (!bounded) return {};
  const bool low = c.minimum_open ? x > c.minimum : x >= c.minimum;
  const bool high = c.maximum_open ? x < c.maximum : x <= c.maximum;
  // Infinity lies within an open side, and is no more a number to compute with than NaN is.
  if (low && high && std::isinf(x)) return format("is {}; it must be {} and finite", shown, c.text());
  return low && high ? std::string() : format("is {}; it must be {}", shown, c.text());
}

std::string choice_violated(const std::string& text, const Constraint& c) {
  if (c.choices.empty() || std::find(c.choices.begin(), c.choices.end(), text) != c.choices.end()) return {};
  return no_such_word(text, c.choices);
}

struct Violation {
  const Constraint& c;

  std::string operator()(const bool&) const { return {}; }
  std::string operator()(const std::int64_t& x) const { return bound_violated(double(x), c, toml_literal(x)); }
  std::string operator()(const std::uint64_t& x) const { return bound_violated(double(x), c, toml_literal(x)); }
  std::string operator()(const double& x) const { return bound_violated(x, c, format("{}", x)); }
  std::string operator()(const std::string& x) const { return choice_violated(x, c); }
  std::string operator()(const std::filesystem::path& x) const { return choice_violated(x.string(), c); }
  std::string operator()(const FileList& x) const { return (*this)(x.paths); }
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
  bool operator()(const FileList& x) const { return x.empty(); }
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

struct IsText {
  bool operator()(const std::string&) const { return true; }
  bool operator()(const std::filesystem::path&) const { return true; }
  template <class T>
  bool operator()(const std::optional<T>&) const {
    return (*this)(T{});
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
  std::string operator()(const FileList&) const { return "path or list of paths"; }
  std::string operator()(const TomlText&) const { return "table"; }
  template <class T>
  std::string operator()(const std::optional<T>&) const {
    return (*this)(T{});
  }
  template <class T>
  std::string operator()(const std::vector<T>&) const {
    return format("list of {}s", (*this)(T{}));
  }
};

struct Literal {
  std::optional<std::string> operator()(const TomlText&) const { return std::nullopt; }
  template <class T>
  std::optional<std::string> operator()(const std::optional<T>& x) const {
    return x ? (*this)(*x) : std::nullopt;
  }
  template <class T>
  std::optional<std::string> operator()(const std::vector<T>& values) const {
    std::string text;
    for (const T& x : values) text += (text.empty() ? "" : ", ") + toml_literal(x);
    return "[" + text + "]";
  }
  template <class T>
  std::optional<std::string> operator()(const T& x) const {
    return toml_literal(x);
  }
};

}  // namespace

std::string violation(const OptionValue& value, const Constraint& c) {
  return std::visit([&](const auto* member) { return Violation{c}(*member); }, value);
}

bool is_empty(const OptionValue& value) {
  return std::visit([](const auto* member) { return Empty{}(*member); }, value);
}

bool is_text(const OptionValue& value) {
  return std::visit([](const auto* member) { return IsText{}(*member); }, value);
}

bool is_files(const OptionValue& value) { return std::holds_alternative<FileList*>(value); }

std::string type_name(const OptionValue& value) {
  return std::visit([](const auto* member) { return TypeName{}(*member); }, value);
}

std::optional<std::string> literal(const OptionValue& value) {
  return std::visit([](const auto* member) { return Literal{}(*member); }, value);
}

}  // namespace basewise::detail
