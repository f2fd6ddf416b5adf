#include "apps/basewise/support/sub_verbs.h"

#include <algorithm>

#include "basewise/core/nearest.h"

namespace basewise::app {
namespace {

constexpr std::string_view kHelp = "help", kHelpFlag = "--help", kShortHelp = "-h";

std::string help_text(const SubVerbs& verbs) {
  std::string text = format("{}\n\nUsage: basewise {} VERB [ARGUMENTS]\n\nVerbs:\n", verbs.summary, verbs.name);
  for (const SubVerb& verb : verbs.verbs) text += format("  {:<10}{}\n", verb.name, verb.summary);
  text += format("\nEach of them explains itself: basewise {} VERB --help. All print JSON with --json.\n\nExamples:\n", verbs.name);
  for (const std::string_view example : verbs.examples) text += format("  {}\n", example);
  return text;
}

}  // namespace

int run_sub_verb(const SubVerbs& verbs, const Arguments& arguments) {
  // "motifs help VERB" asks what "motifs VERB --help" does.
  if (arguments.size() >= 2 && arguments[0] == kHelp) return run_sub_verb(verbs, {arguments[1], std::string(kHelpFlag)});
  if (arguments.empty() || arguments[0] == kHelp || arguments[0] == kHelpFlag || arguments[0] == kShortHelp)
    return print(help_text(verbs)), 0;
  const std::string& word = arguments[0];
  const auto verb = std::find_if(verbs.verbs.begin(), verbs.verbs.end(), [&](const SubVerb& v) { return v.name == word; });
  if (verb != verbs.verbs.end()) return verb->run({arguments.begin() + 1, arguments.end()});
  if (word.starts_with('-'))
    throw ArgumentError(
        format("basewise {0}: flags stand behind the verb, as in basewise {0} {1} A B {2}", verbs.name, verbs.verbs.front().name, word));
  std::vector<std::string> names;
  for (const SubVerb& v : verbs.verbs) names.emplace_back(v.name);
  if (const auto near = nearest(word, names))
    throw ArgumentError(format("basewise {}: unknown verb '{}'; did you mean {}?", verbs.name, word, *near));
  throw ArgumentError(format("basewise {}: unknown verb '{}'; there are {}", verbs.name, word, fmt::join(names, ", ")));
}

}  // namespace basewise::app
