#include <algorithm>
#include <cctype>
#include <charconv>
#include <sstream>

#include "basewise/core/detail/option_value.h"
#include "basewise/core/detail/toml_text.h"
#include "basewise/core/files.h"
#include "basewise/core/options.h"

namespace basewise {
namespace {

using detail::joined;

// "number 1.5", "text \"adam\"", "a list", for messages.
std::string shown(const toml::node& node) {
  if (node.is_table()) return "a table";
  if (node.is_array()) return "a list";
  if (const auto* text = node.as_string()) return detail::in_quotes(text->get());
  std::ostringstream out;
  node.visit([&](const auto& value) { out << toml::toml_formatter{value}; });
  return out.str();
}

// "data:set/file" and URLs are no places in a folder.
bool has_scheme(const std::string& text) {
  const auto colon = text.find(':');
  return colon != std::string::npos && colon >= 2 && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [](unsigned char c) {
    return std::islower(c) || std::isdigit(c) || c == '+' || c == '-';
  });
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
  bool operator()(TomlText& out) const {
    if (node.is_table()) out = detail::toml_text(*node.as_table(), file);
    return node.is_table();
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

// Empty if `node` now is the value of `o`, else what is wrong: "is 1.5; expected an integer".
std::string set(const Option& o, const toml::node& node, const std::string& file, const fs::path& folder) {
  if (!std::visit([&](auto* member) { return Setter{node, file, folder}(*member); }, o.value))
    return format("is {}; expected: {}", shown(node), detail::type_name(o.value));
  return detail::violation(o.value, o.constraint);
}

struct Missing {
  std::string path;
  std::string where;
  std::string help;
};

struct Source {
  std::string file;
  fs::path folder;
  std::vector<Missing> missing;
};

std::string unknown(const std::string& prefix, std::string_view name, const std::vector<std::string>& known) {
  std::string text = format("unknown key {}", joined(prefix, name));
  if (const auto near = nearest(name, known)) return text + format("; did you mean {}?", joined(prefix, *near));
  return text + (known.empty() ? "; no keys are known here" : format("; known here: {}", fmt::join(known, ", ")));
}

// One table of the file against one struct; `table` is null where the file has none.
class Reader : public Visitor {
 public:
  Reader(Source& source, const toml::table* table, std::string prefix) : source_(source), table_(table), prefix_(std::move(prefix)) {}

  void option(Option o) override {
    const toml::node* node = take(o.name);
    if (!node) {
      if (o.constraint.required) source_.missing.push_back({joined(prefix_, o.name), where(), std::string(o.help)});
      return;
    }
    if (const std::string problem = set(o, *node, source_.file, source_.folder); !problem.empty()) fail(*node, o.name, problem);
  }

  void group_of(std::string_view name, std::string_view, const std::function<void(Visitor&)>& inside) override {
    const toml::node* node = take(name);
    if (node && !node->is_table()) fail(*node, name, format("is {}; expected a table, [{}]", shown(*node), joined(prefix_, name)));
    Reader reader(source_, node ? node->as_table() : nullptr, joined(prefix_, name));
    inside(reader);
    reader.refuse_unknown();
  }

  void list_of(OptionList list) override {
    const toml::node* node = take(list.name);
    if (!node) return;
    const std::string path = joined(prefix_, list.name);
    if (!node->is_array()) fail(*node, list.name, format("is {}; expected a list of tables, [[{}]]", shown(*node), path));
    const toml::array& items = *node->as_array();
    list.resize(0);  // every item starts from the defaults
    list.resize(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i].is_table()) fail(items[i], list.name, format("has item {} that is {}; expected a table, [[{}]]", i, shown(items[i]), path));
      Reader reader(source_, items[i].as_table(), format("{}.{}", path, i));
      list.describe_item(reader, i);
      reader.refuse_unknown();
    }
  }

  void refuse_unknown() const {
    if (!table_) return;
    for (const auto& [key, node] : *table_)
      if (std::find(known_.begin(), known_.end(), key.str()) == known_.end()) {
        const FilePosition at{source_.file, key.source().begin.line, key.source().begin.column};
        throw ArgumentError(format("{}: {}", at.to_string(), unknown(prefix_, key.str(), known_)));
      }
  }

 private:
  const toml::node* take(std::string_view name) {
    known_.emplace_back(name);
    return table_ ? table_->get(name) : nullptr;
  }
  std::string where() const { return table_ && !prefix_.empty() ? detail::position(*table_, source_.file).to_string() : source_.file; }
  [[noreturn]] void fail(const toml::node& node, std::string_view name, const std::string& problem) const {
    throw ArgumentError(format("{}: {} {}", detail::position(node, source_.file).to_string(), joined(prefix_, name), problem));
  }

  Source& source_;
  const toml::table* table_;
  std::string prefix_;
  std::vector<std::string> known_;
};

}  // namespace

void read_toml(const Described& options, std::string_view toml, const std::string& file, const std::vector<std::string>& assignments) {
  const toml::table table = detail::parse_toml(toml, file);
  Source source{file, fs::absolute(file).parent_path(), {}};
  Reader reader(source, &table, "");
  options(reader);
  reader.refuse_unknown();
  for (const std::string& text : assignments) {
    assign(options, text);
    const std::string path = text.substr(0, text.find('='));
    std::erase_if(source.missing, [&](const Missing& m) { return m.path == path; });
  }
  if (source.missing.empty()) return;
  const Missing& first = source.missing.front();
  throw ArgumentError(format("{}: {} is required but not given ({})", first.where, first.path, first.help));
}

void read_toml_file(const Described& options, const fs::path& file, const std::vector<std::string>& assignments) {
  read_toml(options, read_file(file), file.string(), assignments);
}

namespace {

// Walks down a dotted path and sets what it finds there.
class Assigner : public Visitor {
 public:
  Assigner(std::string_view path, const std::string& text, const std::string& origin, const fs::path& folder)
      : path_(path), text_(text), origin_(origin), folder_(folder) {}

  bool done = false;

  void option(Option o) override {
    if (o.name != path_) return;
    const toml::table parsed = value_for(o);
    const std::string problem = set(o, *parsed.get("value"), origin_, folder_);
    if (!problem.empty()) throw ArgumentError(format("{} {}", o.name, problem));
    done = true;
  }

  void group_of(std::string_view name, std::string_view, const std::function<void(Visitor&)>& inside) override {
    if (const auto rest = below(name)) descend(*rest, inside);
  }

  void list_of(OptionList list) override {
    const auto rest = below(list.name);
    if (!rest) return;
    std::size_t index = 0;
    const auto [end, status] = std::from_chars(rest->data(), rest->data() + rest->size(), index);
    if (status != std::errc() || end == rest->data() + rest->size() || *end != '.') return;
    if (index > list.size()) throw ArgumentError(format("{}.{}: the list has {} items; the number may be at most {}", list.name, index, list.size(), list.size()));
    if (index == list.size()) list.resize(index + 1);
    descend(std::string_view(end + 1, rest->data() + rest->size()), [&](Visitor& v) { list.describe_item(v, index); });
  }

 private:
  std::optional<std::string_view> below(std::string_view name) const {
    if (path_.size() <= name.size() || !path_.starts_with(name) || path_[name.size()] != '.') return std::nullopt;
    return path_.substr(name.size() + 1);
  }

  void descend(std::string_view rest, const std::function<void(Visitor&)>& inside) {
    Assigner deeper(rest, text_, origin_, folder_);
    inside(deeper);
    done = done || deeper.done;
  }

  // TOML where the text is TOML of the wanted kind, else the bare text; "1,2" is a list where one is expected.
  toml::table value_for(const Option& o) const {
    const std::string type = detail::type_name(o.value);
    const bool text = type == "text" || type == "path", list = type.starts_with("list");
    for (const std::string& candidate : {"value = " + text_, "value = [" + text_ + "]"}) {
      try {
        toml::table parsed = toml::parse(candidate);
        const toml::node* node = parsed.get("value");
        if (parsed.size() == 1 && (text ? node->is_string() : list ? node->is_array() : true)) return parsed;
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
  if (equals == std::string_view::npos || equals == 0) throw ArgumentError(format("{}: expected PATH=VALUE, as in train.seed=7", name));
  const std::string path(assignment.substr(0, equals)), text(assignment.substr(equals + 1)), from(origin);
  Assigner assigner(path, text, from, folder);
  with_context(name, [&] { options(assigner); });
  if (!assigner.done) throw ArgumentError(format("{}: unknown option {}{}", name, path, likely(options, path)));
}

}  // namespace basewise
