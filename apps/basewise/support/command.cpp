#include "apps/basewise/support/command.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/log.h"
#include "basewise/core/parallel.h"
#include "basewise/core/printable.h"

namespace basewise::app {
namespace {

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::vector<std::string> flags_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

// The innermost verb that was named: "data ls" of "data".
const CLI::App& innermost(const CLI::App& app) {
  for (const CLI::App* below : app.get_subcommands()) return innermost(*below);
  return app;
}

constexpr std::size_t kTextColumn = 34;  // where texts of flags begin
constexpr std::size_t kLongest = 200;    // columns of a line that is left as it is
constexpr std::size_t kFolded = 120;     // of lines of what is longer

/// Help whose long lines go on below their text.
std::string folded(const std::string& help) {
  std::string text;
  std::istringstream lines(help);
  for (std::string line; std::getline(lines, line); text += line + '\n') {
    while (line.size() > kLongest || (line.size() > kFolded && line.starts_with(std::string(kTextColumn, ' ')))) {
      const std::size_t blank = line.rfind(' ', kFolded);
      if (blank == std::string::npos || blank <= kTextColumn) break;
      text += line.substr(0, blank) + '\n';
      line = std::string(kTextColumn, ' ') + line.substr(blank + 1);
    }
  }
  return text;
}

[[noreturn]] void refuse_extra(const std::string& name, const CLI::App& app, const std::string& word) {
  const std::string help = format("; see {} --help", name);
  if (!word.starts_with('-')) throw ArgumentError(format("{}: unexpected argument '{}'{}", name, word, help));
  const auto near = nearest(word.substr(0, word.find('=')), flags_of(app));
  throw ArgumentError(format("{}: unknown flag {}{}{}", name, word, near ? format("; did you mean {}?", *near) : "", near ? "" : help));
}

/// Types of options that flags treat in a way of their own, as `FlatOption` calls them.
enum class FlagType { yes_no, texts, paths, table };
constexpr auto words_of(FlagType) {
  return words<FlagType>({{FlagType::yes_no, "true/false"},
                          {FlagType::texts, "list of texts"},
                          {FlagType::paths, "list of paths"},
                          {FlagType::table, "table"}});
}
bool is(const FlatOption& o, FlagType type) { return find_choice<FlagType>(o.type) == type; }

constexpr const char* kTrue = "true";
constexpr const char* kOut = "out";  // has a short flag

/// Defaults that say nothing: an empty text, an empty list.
bool is_empty(const std::string& toml) { return toml.find_first_not_of("[]\"") == std::string::npos; }

/// Options that every verb has.
bool is_common(const FlatOption& o) {
  const std::string_view common[] = {"threads", "set"};
  return std::find(std::begin(common), std::end(common), o.path) != std::end(common);
}

std::string bound_text(const FlatOption& o) {
  const std::string bound = o.constraint.text();
  std::string text = o.meaning();
  if (!bound.empty()) text += format(" ({})", bound);
  if (!is_empty(o.default_value)) text += format(" [{}]", o.default_value);
  return text;
}

std::string type_text(const FlatOption& o) {
  std::string text = o.type.starts_with("list of ") ? "A,B,.." : o.type.substr(0, o.type.find(' '));
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

Command::Command(const std::string& name, const std::string& summary, const std::vector<std::string>& examples)
    : app_(std::make_unique<CLI::App>(summary, name)), name_(name) {
  app_->get_formatter()->column_width(kTextColumn);
  app_->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
  app_->set_help_flag("-h,--help", "print this page");
  app_->add_flag("--json", json_, "print one JSON document on standard output");
  app_->add_flag("-q,--quiet", quiet_, "no progress and no messages but warnings and errors");
  app_->add_option("--threads", threads_, "threads to use [the processors this process may run on]")
      ->check(CLI::Range(1, 4096).description(""))
      ->type_name("N");
  std::string footer = "Examples:\n";
  for (const std::string& example : examples) footer += "  " + example + "\n";
  app_->footer(footer);
}

Command::~Command() = default;

void Command::add_options(const Described& options, const std::string& group, const std::string& positional) {
  for (const FlatOption& o : flatten(options)) {
    if (o.path.find('.') != std::string::npos || is(o, FlagType::table) || is_common(o)) continue;
    add_option(*app_, o, group, o.path == positional);
  }
}

void Command::add_options(CLI::App& to, const Described& options, const std::vector<std::string>& only, const std::string& positional) {
  for (const FlatOption& o : flatten(options)) {
    if (std::find(only.begin(), only.end(), o.path) == only.end()) continue;
    if (!is(o, FlagType::texts)) {
      add_option(to, o, "", o.path == positional);
      continue;
    }
    to.add_option("--" + dashed(o.path), repeated_[o.path], o.meaning())
        ->type_name("NAME=VALUE")
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->expected(1)
        ->allow_extra_args(false);
  }
}

void Command::add_option(CLI::App& to, const FlatOption& o, const std::string& group, bool positional) {
  const auto keep = [this, path = o.path](const std::string& value) { assignments_.push_back(path + "=" + value); };
  const std::string name = positional ? o.path : "--" + dashed(o.path);
  CLI::Option* flag = nullptr;
  if (is(o, FlagType::yes_no)) {
    const bool on = o.default_value == kTrue;
    flag = to.add_flag_callback(
        on ? "--no-" + dashed(o.path) : name, [keep, on] { keep(on ? "false" : "true"); }, on ? "leave out: " + o.meaning() : o.meaning());
  } else if (positional && is(o, FlagType::paths)) {
    // Several with blanks between, as the shell writes them for cells/*.tsv; one that is no file
    // may be a list with commas.
    const auto keep_all = [keep](const std::vector<std::string>& values) {
      const bool listed = values.size() == 1 && !std::filesystem::exists(values.front());
      keep(listed ? values.front() : json_text(nlohmann::json(values)));
    };
    flag = to.add_option_function<std::vector<std::string>>(name, keep_all, bound_text(o))
               ->type_name("FILE")
               ->expected(-1)  // one or more
               ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  } else {
    flag = to.add_option_function<std::string>((o.path == kOut && !positional ? "-o," : "") + name, keep, bound_text(o))
               ->type_name(type_text(o));
  }
  if (!group.empty()) flag->group(positional ? "Arguments" : group);
}

void Command::add_set() {
  app_->add_option("--set", set_, "set any option of the recipe, as in train.epochs=5; may be repeated; see basewise options")
      ->type_name("PATH=VALUE")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(1)
      ->allow_extra_args(false);
}

void Command::apply(const Described& options) const {
  std::vector<std::string> assignments = assignments_;
  for (const auto& [path, values] : repeated_)
    if (!values.empty()) assignments.push_back(path + "=" + json_text(nlohmann::json(values)));
  assign_all(options, assignments, name_ + ":", "");
  check(options, name_);
}

bool Command::parse(const Arguments& arguments) {
  app_->allow_extras();
  for (CLI::App* below : app_->get_subcommands({})) {
    below->allow_extras();
    below->fallthrough();
  }
  try {
    app_->parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::CallForHelp&) {
    print(folded(app_->help()));
    return false;
  } catch (const CLI::ParseError& e) {
    throw ArgumentError(format("{}: {}; see {} --help", name_, e.what(), name_));
  }
  if (const auto extra = app_->remaining(true); !extra.empty()) {
    const CLI::App& inner = innermost(*app_);
    refuse_extra(name_, flags_of(inner).size() > 1 ? inner : *app_, extra.front());
  }
  if (quiet_ && log_level() < LogLevel::warning) set_log_level(LogLevel::warning);
  if (threads_ > 0) set_threads(threads_);
  return true;
}

namespace {

[[noreturn]] void refuse_output() {
  throw StateError(format("cannot write to standard output: {}", std::generic_category().message(errno)));
}

}  // namespace

void print(std::string_view text) {
  const std::string shown = printable(text, LineBreaks::kept);
  if (std::fwrite(shown.data(), 1, shown.size(), stdout) != shown.size()) refuse_output();
}
void flush_output() {
  if (std::fflush(stdout) != 0) refuse_output();
}
void print_json(const nlohmann::ordered_json& document) { print(json_text(document, 2) + "\n"); }

std::string size_text(std::int64_t bytes) {
  auto size = static_cast<double>(bytes);
  for (const char* unit : {"B", "kB", "MB", "GB"}) {
    if (size < 1000) return unit[0] == 'B' ? format("{} B", bytes) : format("{:.1f} {}", size, unit);
    size /= 1000;
  }
  return format("{:.1f} TB", size);
}

std::string table_text(std::vector<std::vector<std::string>> rows) {
  for (auto& row : rows)
    for (std::string& cell : row) cell = printable(cell);
  std::vector<std::size_t> widths;
  for (const auto& row : rows)
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (c == widths.size()) widths.push_back(0);
      widths[c] = std::max(widths[c], row[c].size());
    }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) line += format("{:<{}}", row[c], widths[c] + 2);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace basewise::app
