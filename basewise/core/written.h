// Which options somebody wrote down, as against those that are at their default.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace basewise {

/// Paths of the options that a file or an assignment gave, with where it did.
///
/// A program that completes what was left open asks this and not whether a value equals its
/// default: who writes the default means it.
class Written {
 public:
  /// Whether "evaluate.target" was given, or for a group or list ("evaluate", "loss.0") anything
  /// inside or the empty table itself.
  bool contains(std::string_view path) const;

  /// "recipe.toml:12:3" or "--set seed=3", the last that gave exactly this path; "" if none did.
  std::string_view where(std::string_view path) const;

  void add(std::string path, std::string where);

 private:
  std::map<std::string, std::string, std::less<>> places_;
};

}  // namespace basewise
