#include <algorithm>

#include "basewise/core/detail/option_value.h"
#include "basewise/core/detail/set_option.h"
#include "basewise/core/detail/toml_text.h"
#include "basewise/core/files.h"
#include "basewise/core/options.h"

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
    if (const std::string problem = detail::set_option(o, *node, source_.file, source_.folder); !problem.empty())
      fail(*node, o.name, problem);
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
      if (!items[i].is_table())
        fail(items[i], list.name, format("has item {} that is {}; expected a table, [[{}]]", i, shown(items[i]), path));
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

}  // namespace basewise
