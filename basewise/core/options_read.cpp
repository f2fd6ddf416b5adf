#include "basewise/core/options_read.h"

#include <algorithm>

#include "basewise/core/detail/option_conditions.h"
#include "basewise/core/detail/option_value.h"
#include "basewise/core/detail/set_option.h"
#include "basewise/core/detail/toml_text.h"
#include "basewise/core/files.h"
#include "basewise/core/nearest.h"
#include "basewise/core/options_assign.h"

namespace basewise {
namespace {

using detail::joined;
using detail::shown;

struct Missing {
  std::string path;
  std::string where;
  std::string help;
};

struct Source {
  std::string file;
  fs::path folder;
  std::vector<Missing> missing;
  Written written;
};

std::string unknown(const std::string& prefix, std::string_view name, const std::vector<std::string>& known) {
  std::string text = format("unknown key {}", joined(prefix, name));
  if (const auto near = nearest(name, known)) return text + format("; did you mean {}?", joined(prefix, *near));
  return text + (known.empty() ? "; no keys are known here" : format("; known here: {}", fmt::join(known, ", ")));
}

// One table of the file against one struct; `table` is null where the file has none.
class Reader : public Visitor {
 public:
  Reader(Source& source, const toml::table* table, std::string prefix)
      : source_(source), table_(table), prefix_(std::move(prefix)) {}

  void option(Option o) override {
    const toml::node* node = take(o.name);
    if (!node) {
      if (o.constraint.required) source_.missing.push_back({joined(prefix_, o.name), where(), std::string(o.help)});
      return;
    }
    if (const std::string problem = detail::set_option(o, *node, source_.file, source_.folder); !problem.empty())
      fail(*node, o.name, problem);
  }

  void group_of(std::string_view name, std::string_view, const Described& inside) override {
    const toml::node* node = take(name);
    const std::string path = joined(prefix_, name);
    if (node && !node->is_table()) fail(*node, name, format("is {}; expected a table, [{}]", shown(*node), path));
    Reader reader(source_, node ? node->as_table() : nullptr, path);
    inside(reader);
    reader.refuse_unknown();
  }

  void list_of(OptionList list) override {
    const toml::node* node = take(list.name);
    if (!node) return;
    const std::string path = joined(prefix_, list.name);
    if (!node->is_array())
      fail(*node, list.name, format("is {}; expected a list of tables, [[{}]]", shown(*node), path));
    const toml::array& items = *node->as_array();
    list.resize(0);  // every item starts from the defaults
    list.resize(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (!items[i].is_table())
        fail(items[i], list.name, format("has item {} that is {}; expected a table, [[{}]]", i, shown(items[i]), path));
      Reader reader(source_, items[i].as_table(), format("{}.{}", path, i));
      source_.written.add(reader.prefix_, place(items[i]));
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
    const toml::node* node = table_ ? table_->get(name) : nullptr;
    if (node) source_.written.add(joined(prefix_, name), place(*node));
    return node;
  }
  std::string where() const { return table_ && !prefix_.empty() ? place(*table_) : source_.file; }
  std::string place(const toml::node& node) const { return detail::position(node, source_.file).to_string(); }
  [[noreturn]] void fail(const toml::node& node, std::string_view name, const std::string& problem) const {
    throw ArgumentError(format("{}: {} {}", place(node), joined(prefix_, name), problem));
  }

  Source& source_;
  const toml::table* table_;
  std::string prefix_;
  std::vector<std::string> known_;
};

}  // namespace

Written read_toml(const Described& options, std::string_view toml, const std::string& file,
                  const std::vector<std::string>& assignments, Idle idle) {
  const toml::table table = detail::parse_toml(toml, file);
  const detail::Defaults defaults = detail::conditional_defaults(options);
  Source source{file, fs::absolute(file).parent_path(), {}, {}};
  Reader reader(source, &table, "");
  options(reader);
  reader.refuse_unknown();
  for (const std::string& text : assignments) {
    assign(options, text);
    source.written.add(text.substr(0, text.find('=')), std::string(detail::kAssigned) + text);
  }
  detail::check_idle(options, source.written, defaults, idle);
  for (const Missing& m : source.missing)
    if (!source.written.contains(m.path) && !detail::is_idle(options, m.path))
      throw ArgumentError(format("{}: {} is required but not given ({})", m.where, m.path, m.help));
  return std::move(source.written);
}

Written read_toml_file(const Described& options, const fs::path& file, const std::vector<std::string>& assignments,
                       Idle idle) {
  return read_toml(options, read_file(file), file.string(), assignments, idle);
}

}  // namespace basewise
