#include "basewise/core/detail/set_option.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

#include "basewise/core/detail/option_value.h"
#include "basewise/core/detail/toml_text.h"

namespace basewise::detail {

namespace fs = std::filesystem;

std::string shown(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  if (const auto* text = node.as_string()) return in_quotes(text->get());
  std::ostringstream out;
  node.visit([&](const auto& value) { out << toml::toml_formatter{value}; });
  return out.str();
}

namespace {

// "data:set/file" and URLs are no places in a folder.
bool has_scheme(const std::string& text) {
  const auto colon = text.find(':');
  return colon != std::string::npos && colon >= 2 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '+' || c == '-'; });
}

// Puts a TOML value into a member; false if its type does not fit.
struct Setter {
  const toml::node& node;
  const std::string& file;
  const fs::path& folder;

  bool operator()(bool& out) const { return from<bool>(out); }
  bool operator()(std::int64_t& out) const { return from<std::int64_t>(out); }
  bool operator()(std::string& out) const { return from<std::string>(out); }
  bool operator()(std::uint64_t& out) const {
    if (const auto* integer = node.as_integer()) {
      out = static_cast<std::uint64_t>(integer->get());
      return integer->get() >= 0;
    }
    const auto* digits = node.as_string();
    if (!digits) return false;
    const std::string& text = digits->get();
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
    return status == std::errc() && end == text.data() + text.size();
  }
  bool operator()(double& out) const {
    const auto* integer = node.as_integer();
    if (integer) out = static_cast<double>(integer->get());
    return integer || from<double>(out);
  }
  bool operator()(fs::path& out) const {
    std::string text;
    if (!from<std::string>(text)) return false;
    const bool as_is = text.empty() || has_scheme(text) || fs::path(text).is_absolute();
    out = as_is ? fs::path(text) : (folder / text).lexically_normal();
    return true;
  }
  bool operator()(FileList& out) const {
    if (node.is_array()) return (*this)(out.paths);
    fs::path one;
    const bool fits = (*this)(one);
    if (fits) out = FileList(one);
    return fits;
  }
  bool operator()(TomlText& out) const {
    if (node.is_table()) out = toml_text(*node.as_table(), file);
    const auto* name = node.as_string();
    if (name) out = table_of_name(name->get(), position(node, file));
    return node.is_table() || name;
  }
  template <class T>
  bool operator()(std::optional<T>& out) const {
    T value{};
    const bool fits = (*this)(value);
    if (fits) out = std::move(value);
    return fits;
  }
  template <class T>
  bool operator()(std::vector<T>& out) const {
    if (!node.is_array()) return false;
    std::vector<T> values;
    for (const toml::node& item : *node.as_array()) {
      T value{};
      if (!Setter{item, file, folder}(value)) return false;
      values.push_back(std::move(value));
    }
    out = std::move(values);
    return true;
  }

 private:
  template <class T>
  bool from(T& out) const {
    const auto* value = node.as<T>();
    if (value) out = value->get();
    return value != nullptr;
  }
};

}  // namespace

std::string set_option(const Option& o, const toml::node& node, const std::string& file, const fs::path& folder) {
  if (!std::visit([&](auto* member) { return Setter{node, file, folder}(*member); }, o.value))
    return format("is {}; expected: {}", shown(node), type_name(o.value));
  return violation(o.value, o.constraint);
}

}  // namespace basewise::detail
