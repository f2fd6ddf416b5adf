#include "basewise/core/options_write.h"

#include <sstream>

#include <nlohmann/json.hpp>

#include "basewise/core/detail/option_value.h"
#include "basewise/core/detail/toml_text.h"

namespace basewise {
namespace {

using detail::joined;

// Keys of a table must come before the tables inside it, whatever the order of the description.
class TomlWriter : public Visitor {
 public:
  explicit TomlWriter(std::string prefix) : prefix_(std::move(prefix)) {}

  void option(Option o) override {
    if (const auto text = detail::literal(o.value)) keys_ += format("{} = {}\n", o.name, *text);
    if (const auto* table = std::get_if<TomlText*>(&o.value); table && !(*table)->text.empty())
      tables_ += "\n" + detail::toml_section(**table, joined(prefix_, o.name));
  }
  void group_of(std::string_view name, std::string_view, const Described& inside) override {
    TomlWriter writer(joined(prefix_, name));
    inside(writer);
    tables_ += format("\n[{}]\n", writer.prefix_) + writer.text();
  }
  void list_of(OptionList list) override {
    if (list.size() == 0) keys_ += format("{} = []\n", list.name);
    for (std::size_t i = 0; i < list.size(); ++i) {
      TomlWriter writer(joined(prefix_, list.name));
      list.describe_item(writer, i);
      tables_ += format("\n[[{}]]\n", writer.prefix_) + writer.text();
    }
  }

  std::string text() const { return keys_ + tables_; }

 private:
  std::string prefix_;
  std::string keys_;
  std::string tables_;
};

struct Json {
  using Value = nlohmann::ordered_json;
  Value operator()(const std::filesystem::path& x) const { return x.string(); }
  Value operator()(const FileList& x) const {
    if (x.size() > 1) return (*this)(x.paths);
    return x.empty() ? Value("") : Value(x.paths.front().string());
  }
  Value operator()(const TomlText& x) const {
    std::ostringstream out;
    out << toml::json_formatter{detail::parse_toml(x.text, x.where.file)};
    return Value::parse(out.str());
  }
  template <class T>
  Value operator()(const std::optional<T>& x) const {
    return x ? (*this)(*x) : Value();
  }
  template <class T>
  Value operator()(const std::vector<T>& values) const {
    Value list = Value::array();
    for (const T& x : values) list.push_back((*this)(x));
    return list;
  }
  template <class T>
  Value operator()(const T& x) const {
    return x;
  }
};

class JsonWriter : public Visitor {
 public:
  nlohmann::ordered_json result = nlohmann::ordered_json::object();

  void option(Option o) override {
    result[std::string(o.name)] = std::visit([](const auto* member) { return Json{}(*member); }, o.value);
  }
  void group_of(std::string_view name, std::string_view, const Described& inside) override {
    JsonWriter writer;
    inside(writer);
    result[std::string(name)] = std::move(writer.result);
  }
  void list_of(OptionList list) override {
    auto& items = result[std::string(list.name)] = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      JsonWriter writer;
      list.describe_item(writer, i);
      items.push_back(std::move(writer.result));
    }
  }
};

class Flattener : public Visitor {
 public:
  // A condition above, and the path of the table in which its key stands.
  struct Above {
    std::string table;
    Condition condition;
  };

  Flattener(std::vector<FlatOption>& result, std::string prefix, std::vector<Above> conditions)
      : result_(result), prefix_(std::move(prefix)), conditions_(std::move(conditions)) {}

  void option(Option o) override {
    result_.push_back({.path = joined(prefix_, o.name),
                       .type = detail::type_name(o.value),
                       .default_value = detail::literal(o.value).value_or(""),
                       .help = std::string(o.help),
                       .constraint = o.constraint,
                       .when = when()});
  }
  void group_of(std::string_view name, std::string_view, const Described& inside) override { descend(name, inside); }
  void list_of(OptionList list) override { descend(format("{}.N", list.name), list.describe_default); }
  void begin_when(const Condition& condition) override { conditions_.push_back({prefix_, condition}); }
  void end_when() override { conditions_.pop_back(); }

 private:
  void descend(std::string_view name, const Described& inside) {
    Flattener flattener(result_, joined(prefix_, name), conditions_);
    inside(flattener);
  }
  std::string when() const {
    std::string text;
    for (const Above& above : conditions_)
      text += (text.empty() ? "" : " and ") + above.condition.text(above.table == prefix_ ? "" : above.table);
    return text;
  }

  std::vector<FlatOption>& result_;
  std::string prefix_;
  std::vector<Above> conditions_;
};

std::string cell(std::string text) {
  for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2) text.insert(i, 1, '\\');
  return text;
}

}  // namespace

std::string to_toml(const Described& options) {
  TomlWriter writer("");
  options(writer);
  std::string text = writer.text();
  return text.starts_with('\n') ? text.substr(1) : text;
}

nlohmann::ordered_json to_json(const Described& options) {
  JsonWriter writer;
  options(writer);
  return writer.result;
}

std::vector<FlatOption> flatten(const Described& options) {
  std::vector<FlatOption> result;
  Flattener flattener(result, "", {});
  options(flattener);
  return result;
}

std::string FlatOption::meaning() const {
  std::string text = when.empty() ? help : format("with {}: {}", when, help), words;
  for (std::size_t i = 0; i < constraint.meanings.size(); ++i)
    if (!constraint.meanings[i].empty())
      words += format("{}{}: {}", words.empty() ? ". " : "; ", constraint.choices[i], constraint.meanings[i]);
  return text + words;
}

std::string to_markdown(const Described& options, std::string_view title) {
  std::string text = format("## {}\n\n| option | type | default | bound | meaning |\n|---|---|---|---|---|\n", title);
  for (const FlatOption& o : flatten(options)) {
    const std::string value = o.default_value.empty() ? "" : format("`{}`", o.default_value);
    text += format("| `{}` | {} | {} | {} | {} |\n", o.path, o.type, cell(o.constraint.required ? "required" : value),
                   cell(o.constraint.text()), cell(o.meaning()));
  }
  return text;
}

}  // namespace basewise
