// What the command lines of all verbs have in common.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/options.h"

namespace CLI {
class App;
}

namespace basewise::app {

using Arguments = std::vector<std::string>;  ///< of a verb, without program and verb

/// The command line of one verb: CLI11 with our help page, our errors and the flags that every verb
/// has (`--json`, `--quiet`, `--threads`, `--help`).
class Command {
 public:
  /// `examples` are whole command lines.
  Command(const std::string& name, const std::string& summary, const std::vector<std::string>& examples);
  ~Command();

  /// To add the flags of the verb.
  CLI::App& app() { return *app_; }

  /// A flag for each option directly in `options`: "--gc VALUE", "--resume" for one that is true or
  /// false. The option named `positional` is an argument without flag; those that every verb has
  /// (`threads`, `set`) are left out.
  void add_options(const Described& options, const std::string& group, const std::string& positional = {});

  /// The same for a subcommand, and only for options of the names in `only`. A list of texts, as
  /// `set`, is a flag that may be repeated, each time with one text.
  void add_options(CLI::App& to, const Described& options, const std::vector<std::string>& only,
                   const std::string& positional = {});

  /// "--set PATH=VALUE", for options at any depth.
  void add_set();

  /// Sets what the flags of `add_options` gave, then checks all of `options`.
  /// Relative paths stay relative.
  void apply(const Described& options) const;

  /// What the flags of `add_options` gave, as for `assign`.
  const std::vector<std::string>& assignments() const { return assignments_; }
  /// What "--set" gave.
  const std::vector<std::string>& set() const { return set_; }

  /// Parses and applies the common flags. True: go on; false: help was printed.
  /// Errors: ArgumentError; an unknown flag names the nearest one.
  bool parse(const Arguments& arguments);

  bool json() const { return json_; }
  bool quiet() const { return quiet_; }

 private:
  std::unique_ptr<CLI::App> app_;
  std::string name_;
  bool json_ = false;
  bool quiet_ = false;
  int threads_ = 0;
  void add_option(CLI::App& to, const FlatOption& option, const std::string& group, bool positional);

  std::vector<std::string> assignments_;
  std::map<std::string, std::vector<std::string>> repeated_;  ///< by the name of the option
  std::vector<std::string> set_;
};

/// To standard output, with control characters but line breaks and tabs as escapes (`printable` of
/// core/printable.h).
/// Errors: StateError with the system's reason (a full disk).
void print(std::string_view text);
void print_json(const nlohmann::ordered_json& document);
void flush_output();

/// "4.6 MB"; decimal units.
std::string size_text(std::int64_t bytes);

/// Columns aligned, two spaces apart; the first row is the head.
/// A line break in a cell is shown as an escape.
std::string table_text(std::vector<std::vector<std::string>> rows);

}  // namespace basewise::app
