#include "basewise/core/options_assign.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <variant>

#include "basewise/core/detail/option_conditions.h"
#include "basewise/core/detail/option_value.h"
#include "basewise/core/detail/set_option.h"
#include "basewise/core/files.h"
#include "basewise/core/nearest.h"
#include "basewise/core/options_write.h"

namespace basewise {
namespace {

// Whether a comma between `item` and `after` stands between thousands, as in chr1:1,001-2,000,
// and not between two items.
bool joins_thousands(std::string_view item, std::string_view after) {
  constexpr std::string_view kDigits = "0123456789";
  const auto colon = item.rfind(':');
  if (colon == std::string_view::npos || item.find_first_not_of("0123456789,-", colon + 1) != std::string_view::npos) return false;
  const std::size_t before = item.size() - 1 - item.find_last_not_of(kDigits);
  return before >= 1 && before <= 3 && std::min(after.find_first_not_of(kDigits), after.size()) == 3;
}

// Items of a list without quotes: "1,chr2:1,001-2,000" has two. Brackets around all are allowed.
toml::array bare_items(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  toml::array items;
  std::string item;
  const auto trimmed = [&item] {
    const auto first = item.find_first_not_of(' ');
    return first == std::string::npos ? std::string() : item.substr(first, item.find_last_not_of(' ') - first + 1);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',' || joins_thousands(item, text.substr(i + 1))) {
      item += text[i];
      continue;
    }
    items.push_back(trimmed());
    item.clear();
  }
  if (!item.empty()) items.push_back(trimmed());
  return items;
}

bool is_list_of_text(const toml::node* node) {
  const toml::array* items = node ? node->as_array() : nullptr;
  return items && std::all_of(items->begin(), items->end(), [](const toml::node& item) { return item.is_string(); });
}

// A list of texts: as TOML where it is one, else bare.
// Digits are text too: there is a chromosome 1.
toml::table texts_value(const std::string& text) {
  for (const std::string& candidate : {"value = " + text, "value = [" + text + "]"}) {
    try {
      toml::table parsed = toml::parse(candidate);
      if (parsed.size() == 1 && is_list_of_text(parsed.get("value"))) return parsed;
    } catch (const toml::parse_error&) {
    }
  }
  return toml::table{{"value", bare_items(text)}};
}

bool is_texts(const OptionValue& value) {
  return std::holds_alternative<std::vector<std::string>*>(value) || std::holds_alternative<std::vector<fs::path>*>(value);
}

bool is_real(const OptionValue& value) {
  return std::holds_alternative<double*>(value) || std::holds_alternative<std::optional<double>*>(value) ||
         std::holds_alternative<std::vector<double>*>(value);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Numbers as people write them, ".001" and "5.", with the zeros that TOML wants. One number or a
// list.
std::string with_zeros(std::string_view text) {
  std::string whole;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool before = i > 0 && is_digit(text[i - 1]), after = i + 1 < text.size() && is_digit(text[i + 1]);
    const bool point = text[i] == '.' && (before || after);
    if (point && !before) whole += '0';
    whole += text[i];
    if (point && !after) whole += '0';
  }
  return whole;
}

// Walks down a dotted path and sets what it finds there.
class Assigner : public Visitor {
 public:
  Assigner(std::string_view path, const std::string& text, const std::string& origin, const fs::path& folder)
      : path_(path), text_(text), origin_(origin), folder_(folder) {}

  bool done = false;

  void option(Option o) override {
    if (o.name != path_) return;
    const toml::table parsed = is_texts(o.value) ? texts_value(text_) : value_for(o);
    const std::string problem = detail::set_option(o, *parsed.get("value"), origin_, folder_);
    if (!problem.empty()) throw ArgumentError(format("{} {}", o.name, problem));
    done = true;
  }

  void group_of(std::string_view name, std::string_view, const Described& inside) override {
    if (const auto rest = below(name)) descend(*rest, inside);
  }

  void list_of(OptionList list) override {
    const auto rest = below(list.name);
    if (!rest) return;
    std::size_t index = 0;
    const auto [end, status] = std::from_chars(rest->data(), rest->data() + rest->size(), index);
    if (status != std::errc() || end == rest->data() + rest->size() || *end != '.') return;
    if (index > list.size())
      throw ArgumentError(
          format("{0}.{1}: the list has {2} items; the number may be at most {2}", list.name, index, list.size()));
    if (index == list.size()) list.resize(index + 1);
    descend(std::string_view(end + 1, rest->data() + rest->size()), [&](Visitor& v) { list.describe_item(v, index); });
  }

 private:
  std::optional<std::string_view> below(std::string_view name) const {
    if (path_.size() <= name.size() || !path_.starts_with(name) || path_[name.size()] != '.') return std::nullopt;
    return path_.substr(name.size() + 1);
  }

  void descend(std::string_view rest, const Described& inside) {
    Assigner deeper(rest, text_, origin_, folder_);
    inside(deeper);
    done = done || deeper.done;
  }

  // TOML where the text is TOML of the wanted kind, else the bare text;
  // "1,2" is a list where one is expected.
  toml::table value_for(const Option& o) const {
    const bool text = detail::is_text(o.value), files = detail::is_files(o.value), list = detail::type_name(o.value).starts_with("list");
    const std::string written = is_real(o.value) ? with_zeros(text_) : text_;
    for (const std::string& candidate : {"value = " + written, "value = [" + written + "]"}) {
      try {
        toml::table parsed = toml::parse(candidate);
        const toml::node* node = parsed.get("value");
        if (parsed.size() == 1 && (text    ? node->is_string()
                                   : files ? node->is_string() || node->is_array()
                                   : list  ? node->is_array()
                                           : true))
          return parsed;
      } catch (const toml::parse_error&) {
      }
      if (!list) break;
    }
    if (!list) return toml::table{{"value", text_}};
    toml::array items;
    std::istringstream in(text_);
    for (std::string item; std::getline(in, item, ',');) items.push_back(item);
    return toml::table{{"value", std::move(items)}};
  }

  std::string_view path_;
  const std::string& text_;
  const std::string& origin_;
  const fs::path& folder_;
};

std::string likely(const Described& options, const std::string& path) {
  std::vector<std::string> paths, same_ending;
  for (const FlatOption& o : flatten(options)) {
    if (o.path.ends_with("." + path)) same_ending.push_back(o.path);
    paths.push_back(o.path);
  }
  if (same_ending.size() == 1) return format("; did you mean {}?", same_ending.front());
  if (const auto near = nearest(path, paths)) return format("; did you mean {}?", *near);
  return {};
}

}  // namespace

void assign(const Described& options, std::string_view assignment, std::string_view origin, const fs::path& folder) {
  const std::string name = format("{} {}", origin, assignment);
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0)
    throw ArgumentError(format("{}: expected PATH=VALUE, as in train.seed=7", name));
  const std::string path(assignment.substr(0, equals)), text(assignment.substr(equals + 1)), from(origin);
  Assigner assigner(path, text, from, folder);
  with_context(name, [&] { options(assigner); });
  if (!assigner.done) throw ArgumentError(format("{}: unknown option {}{}", name, path, likely(options, path)));
}

Written assign_all(const Described& options, const std::vector<std::string>& assignments, std::string_view origin,
                   const fs::path& folder) {
  const detail::Defaults defaults = detail::conditional_defaults(options);
  Written written;
  for (const std::string& text : assignments) {
    assign(options, text, origin, folder);
    written.add(text.substr(0, text.find('=')), format("{} {}", origin, text));
  }
  detail::check_idle(options, written, defaults, Idle::refuse);
  return written;
}

}  // namespace basewise
