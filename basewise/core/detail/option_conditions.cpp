#include "basewise/core/detail/option_conditions.h"

#include <algorithm>

#include "basewise/core/detail/option_value.h"
#include "basewise/core/log.h"

namespace basewise::detail {
namespace {

class Walker : public Visitor {
 public:
  using Visit = std::function<void(const std::string&, const Option&, const Unmet*)>;

  Walker(const Visit& visit, std::string table, const Unmet* unmet)
      : visit_(visit), table_(std::move(table)), above_(unmet) {}

  void option(Option o) override { visit_(table_, o, unmet()); }
  void group_of(std::string_view name, std::string_view, const Described& inside) override {
    Walker walker(visit_, joined(table_, name), unmet());
    inside(walker);
  }
  void list_of(OptionList list) override {
    for (std::size_t i = 0; i < list.size(); ++i) {
      Walker walker(visit_, joined(table_, format("{}.{}", list.name, i)), unmet());
      list.describe_item(walker, i);
    }
  }
  void begin_when(const Condition& condition) override { here_.push_back({table_, condition}); }
  void end_when() override { here_.pop_back(); }

 private:
  const Unmet* unmet() const {
    if (above_) return above_;
    const auto found = std::find_if(here_.begin(), here_.end(), [](const Unmet& u) { return !u.condition.met; });
    return found == here_.end() ? nullptr : &*found;
  }

  const Visit& visit_;
  std::string table_;
  const Unmet* above_;       // of a table around this one
  std::vector<Unmet> here_;  // conditions in this table, met or not
};

std::string as_text(const OptionValue& value) {
  if (const auto* table = std::get_if<TomlText*>(&value)) return (*table)->text;
  return literal(value).value_or("");
}

class DefaultsCollector : public Visitor {
 public:
  DefaultsCollector(Defaults& found, std::string table, int conditions)
      : found_(found), table_(std::move(table)), conditions_(conditions) {}

  void option(Option o) override {
    if (conditions_ > 0) found_[joined(table_, o.name)] = as_text(o.value);
  }
  void group_of(std::string_view name, std::string_view, const Described& inside) override { collect(name, inside); }
  void list_of(OptionList list) override { collect(format("{}.N", list.name), list.describe_default); }
  void begin_when(const Condition&) override { ++conditions_; }
  void end_when() override { --conditions_; }

 private:
  void collect(std::string_view name, const Described& inside) {
    DefaultsCollector collector(found_, joined(table_, name), conditions_);
    inside(collector);
  }

  Defaults& found_;
  std::string table_;
  int conditions_;  // around the options that come now
};

// "loss.0.type" is "loss.N.type": items of a list have the same defaults.
std::string of_any_item(const std::string& path) {
  std::string general;
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find('.', start), path.size());
    const std::string part = path.substr(start, end - start);
    general = joined(general, part.find_first_not_of("0123456789") == std::string::npos ? "N" : part);
    start = end + 1;
  }
  return general;
}

// By an assignment, which comes on top of a file: what the file says for its own choice is then not
// what somebody expects of the other one.
bool chosen_on_top(std::string_view where) { return where.starts_with(kAssigned); }

}  // namespace

void walk(const Described& options, const Walker::Visit& visit) {
  Walker walker(visit, "", nullptr);
  options(walker);
}

Defaults conditional_defaults(const Described& options) {
  Defaults found;
  DefaultsCollector collector(found, "", 0);
  options(collector);
  return found;
}

void check_idle(const Described& options, const Written& written, const Defaults& defaults, Idle idle) {
  if (defaults.empty()) return;
  walk(options, [&](const std::string& table, const Option& o, const Unmet* unmet) {
    if (!unmet) return;
    const std::string path = joined(table, o.name);
    const std::string_view where = written.where(path);
    if (where.empty() || as_text(o.value) == defaults.at(of_any_item(path))) return;
    if (chosen_on_top(written.where(joined(unmet->table, unmet->condition.key))) && !chosen_on_top(where)) return;
    const std::string problem =
        format("{}: {} {}", where, path, unmet->condition.problem(unmet->table == table ? "" : unmet->table));
    if (idle == Idle::refuse) throw ArgumentError(problem);
    log_warning("{}", problem);
  });
}

bool is_idle(const Described& options, const std::string& path) {
  bool idle = false;
  walk(options, [&](const std::string& table, const Option& o, const Unmet* unmet) {
    idle = idle || (unmet && joined(table, o.name) == path);
  });
  return idle;
}

}  // namespace basewise::detail
