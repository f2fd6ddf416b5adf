// Options described once. An options struct is a plain aggregate with defaults and one function beside it:
//
//   struct OptimizerOptions {
//     std::string name = "adam";
//     double learning_rate = 1e-3;
//   };
//   void describe(Visitor& v, OptimizerOptions& o) {
//     v("name", o.name, "update rule", one_of({"sgd", "rmsprop", "adam", "adamw"}));
//     v("learning_rate", o.learning_rate, "step size of the optimiser", positive());
//   }
//
// Visitors turn the description into the TOML reader, the flags of the program, the manifest and the reference page.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "basewise/core/error.h"

namespace basewise {

/// What a value must satisfy. `text` is how the bound is told to people ("> 0", "one of sgd, adam").
struct Constraint {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool minimum_open = false;  ///< the minimum itself is not allowed
  bool maximum_open = false;
  std::vector<std::string> choices = {};  ///< for text: the allowed values; empty allows any
  bool required = false;             ///< must be given by the user
  std::string text() const;
};

Constraint positive();                                ///< > 0
Constraint non_negative();                            ///< >= 0
Constraint between(double low, double high);          ///< both ends included
Constraint fraction();                                ///< 0 <= x <= 1
Constraint at_least(double low);                      ///< >= low
Constraint one_of(std::vector<std::string> choices);  ///< text out of a list
Constraint required(Constraint also = {});            ///< the user must give it, and it must satisfy `also`

/// A TOML table that some other reader owns (say a model inside a recipe): kept as TOML text with where it stood.
///
/// Keys are relative to the table. The text is padded with empty lines so that its line numbers are those of `where.file`:
/// whoever parses it with that file name reports true positions.
struct TomlText {
  std::string text;
  FilePosition where;
};

/// A pointer to the member that an option sets.
using OptionValue =
    std::variant<bool*, std::int64_t*, std::uint64_t*, double*, std::string*, std::filesystem::path*, std::optional<bool>*, std::optional<std::int64_t>*,
                 std::optional<double>*, std::optional<std::string>*, std::optional<std::filesystem::path>*, std::vector<std::int64_t>*,
                 std::vector<double>*, std::vector<std::string>*, std::vector<std::filesystem::path>*, TomlText*>;

/// One option as every visitor sees it. Relative paths read from a TOML file are taken relative to that file's folder.
/// "data:..." names a registered file and stays as it is.
struct Option {
  std::string_view name;
  OptionValue value;
  std::string_view help;
  Constraint constraint;
};

class Visitor;

/// A list of described structs ([[loss]] in TOML), seen without its type.
struct OptionList {
  std::string_view name;
  std::string_view help;
  std::function<std::size_t()> size;
  std::function<void(std::size_t)> resize;
  std::function<void(Visitor&, std::size_t)> describe_item;
  std::function<void(Visitor&)> describe_default;  ///< a fresh item, for reference pages
};

/// Receives every option of a struct in the order of its description.
class Visitor {
 public:
  virtual ~Visitor() = default;

  /// A single value.
  template <class T>
  void operator()(std::string_view name, T& value, std::string_view help, Constraint constraint = {}) {
    option(Option{name, OptionValue(&value), help, std::move(constraint)});
  }

  /// A nested struct with its own `describe`: a table in TOML, a dotted prefix in flags.
  template <class T>
  void group(std::string_view name, T& value, std::string_view help) {
    group_of(name, help, [&value](Visitor& v) { describe(v, value); });
  }

  /// A list of structs with their own `describe`.
  template <class T>
  void list(std::string_view name, std::vector<T>& values, std::string_view help) {
    list_of(OptionList{name, help, [&values] { return values.size(); }, [&values](std::size_t n) { values.resize(n); },
                       [&values](Visitor& v, std::size_t i) { describe(v, values[i]); },
                       [](Visitor& v) {
                         T fresh{};
                         describe(v, fresh);
                       }});
  }

  virtual void option(Option option) = 0;
  virtual void group_of(std::string_view name, std::string_view help, const std::function<void(Visitor&)>& inside) = 0;
  virtual void list_of(OptionList list) = 0;
};

/// A described struct without its type.
using Described = std::function<void(Visitor&)>;

template <class T>
Described described(T& options) {
  return [&options](Visitor& v) { describe(v, options); };
}

/// Sets options from TOML text. Text that is no TOML, an unknown key, a wrong type or a value out of bounds is an ArgumentError
/// that starts with "file:line:column: ", names the key with its full path, the value, the bound, and for an unknown key the
/// nearest known one. A missing required option is an error that names it. Relative paths become absolute, taken relative to
/// the folder of `file`, so that `to_toml` in another folder still names the same files; "data:set/file" and URLs stay as they are.
///
/// `assignments` ("path=value", as for `assign`) come on top of the text, before required options are looked for.
void read_toml(const Described& options, std::string_view toml, const std::string& file, const std::vector<std::string>& assignments = {});
void read_toml_file(const Described& options, const std::filesystem::path& file, const std::vector<std::string>& assignments = {});

/// Sets one option by its dotted path: "train.optimizer.learning_rate=0.01" (the text after = is a TOML value or bare text;
/// a bare "1,2,3" is a list where one is expected). Items of lists are named by number, "loss.0.weight=2"; the number after the
/// last one appends. Relative paths are taken relative to `folder`; an empty one leaves them as they are. `origin` is named in errors.
void assign(const Described& options, std::string_view assignment, std::string_view origin = "--set",
            const std::filesystem::path& folder = std::filesystem::current_path());

/// Checks bounds of values that were set in code; `what` names the struct in errors.
void check(const Described& options, std::string_view what);

/// TOML text with every option, resolved, that `read_toml` reads back to equal values. Optional values that are not set are left out.
std::string to_toml(const Described& options);

/// For the manifest.
nlohmann::ordered_json to_json(const Described& options);

/// A Markdown table for the reference page: option, type, default, bound, help.
std::string to_markdown(const Described& options, std::string_view title);

/// Every option with its dotted path, for flags.
struct FlatOption {
  std::string path;
  std::string type;           ///< "true/false", "integer", "number", "text", "path", "list of integers", ...
  std::string default_value;  ///< as TOML
  std::string help;
  Constraint constraint;
};
std::vector<FlatOption> flatten(const Described& options);

/// The candidate nearest to `word` in edit distance (with transpositions), if it is near enough to be a likely slip.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace basewise
