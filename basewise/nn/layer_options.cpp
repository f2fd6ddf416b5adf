#include "basewise/nn/layer_options.h"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::nn {
namespace {

// Fills one described struct from the options of one layer.
class OptionReader : public Visitor {
 public:
  explicit OptionReader(const spec::LayerSpec& spec) : spec_(spec), used_(spec.options.size(), false) {}

  void option(Option option) override {
    known_.emplace_back(option.name);
    for (std::size_t i = 0; i < spec_.options.size(); ++i) {
      if (spec_.options[i].key != option.name) continue;
      used_[i] = true;
      std::visit([&](auto* target) { take(*target, spec_.options[i], option); }, option.value);
      return;
    }
    if (option.constraint.required && unmet() == nullptr)
      fail(spec_.where, format("option '{}' is missing ({})", option.name, option.help));
  }

  void group_of(std::string_view, std::string_view, const Described& inside) override { inside(*this); }
  void list_of(OptionList) override { throw InternalError("layer options hold no lists of tables"); }
  void begin_when(const Condition& condition) override { conditions_.push_back(condition); }
  void end_when() override { conditions_.pop_back(); }

  void refuse_unknown() const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      if (used_[i]) continue;
      const spec::SpecOption& option = spec_.options[i];
      const auto near = nearest(option.key, known_);
      const std::string hint = near             ? format("did you mean '{}'?", *near)
                               : known_.empty() ? std::string("this type has none")
                                                : format("expected one of: {}", fmt::join(known_, ", "));
      fail(option.value.where, format("unknown option '{}'; {}", option.key, hint));
    }
  }

 private:
  // The outermost condition that does not hold.
  const Condition* unmet() const {
    const auto found = std::find_if(conditions_.begin(), conditions_.end(), [](const Condition& c) { return !c.met; });
    return found == conditions_.end() ? nullptr : &*found;
  }

  // Written as it would be without being written, an option that does not count is let pass.
  template <class T>
  void take(T& target, const spec::SpecOption& given, const Option& option) const {
    const Condition* condition = unmet();
    if constexpr (std::equality_comparable<T>) {
      const T before = target;
      set(target, given, option);
      if (condition != nullptr && target != before) fail(given.value.where, format("option '{}' {}", given.key, condition->problem()));
    } else {
      set(target, given, option);
    }
  }

  [[noreturn]] void fail(const FilePosition& where, const std::string& problem) const {
    spec::throw_spec_error(where, format("layer '{}' ({}): {}", spec_.path, spec_.type, problem));
  }

  [[noreturn]] void wrong_type(const spec::SpecOption& given, std::string_view expected) const {
    fail(given.value.where, format("option '{}' must be {}; found {}", given.key, expected, given.value.kind()));
  }

  void check_bounds(double x, const spec::SpecOption& given, const Constraint& c) const {
    const bool low = c.minimum_open ? x > c.minimum : x >= c.minimum;
    const bool high = c.maximum_open ? x < c.maximum : x <= c.maximum;
    if (!std::isfinite(x)) fail(given.value.where, format("option '{}' is {}; expected a finite number", given.key, x));
    if (!low || !high) fail(given.value.where, format("option '{}' is {}; it must be {}", given.key, x, c.text()));
  }

  void set(bool& target, const spec::SpecOption& given, const Option&) const {
    if (const bool* x = std::get_if<bool>(&given.value.value)) target = *x;
    else wrong_type(given, "true or false");
  }
  void set(std::int64_t& target, const spec::SpecOption& given, const Option& option) const {
    const auto* x = std::get_if<std::int64_t>(&given.value.value);
    if (x == nullptr) wrong_type(given, "a whole number");
    check_bounds(static_cast<double>(*x), given, option.constraint);
    target = *x;
  }
  void set(double& target, const spec::SpecOption& given, const Option& option) const {
    if (const double* x = std::get_if<double>(&given.value.value)) target = *x;
    else if (const auto* n = std::get_if<std::int64_t>(&given.value.value)) target = static_cast<double>(*n);
    else wrong_type(given, "a number");
    check_bounds(target, given, option.constraint);
  }
  void set(std::string& target, const spec::SpecOption& given, const Option& option) const {
    const auto* x = std::get_if<std::string>(&given.value.value);
    if (x == nullptr) wrong_type(given, "text in quotes");
    const std::vector<std::string>& choices = option.constraint.choices;
    if (!choices.empty() && std::find(choices.begin(), choices.end(), *x) == choices.end()) {
      const auto near = nearest(*x, choices);
      fail(given.value.where, format("option '{}' is \"{}\"; it must be {}{}", given.key, *x, option.constraint.text(),
                                     near ? format(" (did you mean \"{}\"?)", *near) : std::string()));
    }
    target = *x;
  }
  template <class T>
  void set(std::optional<T>& target, const spec::SpecOption& given, const Option& option) const {
    set(target.emplace(), given, option);
  }

  template <class T>
  void set(T&, const spec::SpecOption& given, const Option&) const {
    throw InternalError(format("no layer option has the type of '{}'", given.key));
  }

  const spec::LayerSpec& spec_;
  std::vector<bool> used_;
  std::vector<std::string> known_;
  std::vector<Condition> conditions_;
};

}  // namespace

void read_options(const Described& options, const spec::LayerSpec& spec) {
  OptionReader reader(spec);
  options(reader);
  reader.refuse_unknown();
}

}  // namespace basewise::nn
