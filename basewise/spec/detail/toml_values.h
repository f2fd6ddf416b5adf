// Values of a TOML file with their places, and what is said about wrong ones.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "basewise/core/options.h"
#include "basewise/spec/model_spec.h"

namespace basewise::spec::detail {

inline FilePosition position(const toml::source_region& region, const std::string& origin) {
  return {origin, static_cast<std::int64_t>(region.begin.line), 0};
}

/// Reads values of the file `origin`. Errors: ArgumentError with file and line.
class TomlValues {
 public:
  explicit TomlValues(std::string origin) : origin_(std::move(origin)) {}

  SpecValue value(const toml::node& node) const {
    const FilePosition where = at(node);
    if (const auto* x = node.as_boolean()) return {x->get(), where};
    if (const auto* x = node.as_integer()) return {x->get(), where};
    if (const auto* x = node.as_floating_point()) return {x->get(), where};
    if (const auto* x = node.as_string()) return {x->get(), where};
    if (const auto* list = node.as_array()) {
      std::vector<SpecValue> values;
      for (const toml::node& item : *list) values.push_back(value(item));
      return {std::move(values), where};
    }
    throw_spec_error(where, format("a value here must be a number, text, true/false or a list of them; found {}", type_text(node)));
  }

  FilePosition at(const toml::node& node) const { return position(node.source(), origin_); }
  FilePosition at(const toml::key& key) const { return position(key.source(), origin_); }

  static std::string type_text(const toml::node& node) {
    std::ostringstream text;
    text << node.type();
    return "a TOML " + text.str();
  }

  std::string text(const toml::node& node, std::string_view key) const {
    if (const auto* x = node.as_string(); x != nullptr && !x->get().empty()) return x->get();
    throw_spec_error(at(node), format("'{}' must be text in quotes; found {}", key, type_text(node)));
  }

  std::int64_t positive(const toml::node& node, std::string_view key, std::int64_t most = 1'000'000'000) const {
    const auto* x = node.as_integer();
    if (x == nullptr) throw_spec_error(at(node), format("'{}' must be a whole number; found {}", key, type_text(node)));
    if (x->get() < 1 || x->get() > most) throw_spec_error(at(node), format("'{}' is {}; expected 1 to {}", key, x->get(), most));
    return x->get();
  }

  bool flag(const toml::node& node, std::string_view key) const {
    if (const auto* x = node.as_boolean()) return x->get();
    throw_spec_error(at(node), format("'{}' must be true or false; found {}", key, type_text(node)));
  }

  std::vector<std::string> names(const toml::node& node, std::string_view key) const {
    if (node.is_string()) return {text(node, key)};
    const auto* list = node.as_array();
    if (list == nullptr || list->empty())
      throw_spec_error(at(node), format("'{}' must be a name or a list of names; found {}", key, type_text(node)));
    std::vector<std::string> all;
    for (const toml::node& item : *list) all.push_back(text(item, key));
    return all;
  }

  // Which of its keys one of a table is.
  template <Choice E>
  E known_key(const toml::key& key, std::string_view inside) const {
    if (const auto known = find_choice<E>(key.str())) return *known;
    unknown(key, inside, all_words<E>());
  }

  [[noreturn]] void unknown(const toml::key& key, std::string_view inside, const std::vector<std::string>& known) const {
    const auto near = nearest(key.str(), known);
    throw_spec_error(at(key), format("unknown key '{}' in {}; {}", key.str(), inside,
                                     near ? format("did you mean '{}'?", *near) : format("expected one of: {}", fmt::join(known, ", "))));
  }

  const toml::array& tables(const toml::node& node, std::string_view key) const {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty() || !list->is_homogeneous<toml::table>())
      throw_spec_error(at(node), format("'{0}' must be tables, written as [[{0}]]; found {1}", key, type_text(node)));
    return *list;
  }

 private:
  std::string origin_;
};

}  // namespace basewise::spec::detail
