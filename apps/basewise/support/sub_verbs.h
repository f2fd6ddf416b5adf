// Verbs that have verbs of their own, such as motifs and methylation.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/basewise/support/command.h"

namespace basewise::app {

/// A verb behind another one.
struct SubVerb {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments&);
};

/// A verb and those behind it, in the order in which they are used.
struct SubVerbs {
  std::string_view name;     ///< "motifs"
  std::string_view summary;  ///< a sentence
  std::span<const SubVerb> verbs;
  std::vector<std::string_view> examples;  ///< whole command lines
};

/// Runs the verb that the first argument names, or prints what there is.
/// Errors: ArgumentError for an unknown one (the nearest is named) and for flags before it.
int run_sub_verb(const SubVerbs& verbs, const Arguments& arguments);

}  // namespace basewise::app
