// The program: finds the verb and hands the rest of the command line to it.
#include <algorithm>

#include "apps/basewise/support/guard.h"
#include "apps/basewise/tensor_library.h"
#include "apps/basewise/verbs.h"
#include "basewise/core/version.h"

namespace basewise::app {
namespace {

std::string help_text() {
  std::string text = "basewise trains, evaluates and applies deep models that read DNA.\n\nUsage: basewise VERB [ARGUMENTS]\n\nVerbs:\n";
  for (const Verb& verb : kVerbs) text += format("  {:<10}{}\n", verb.name, verb.summary);
  return text + R"(
Each verb explains itself and shows examples: basewise VERB --help
Other: basewise --help, basewise --version

Exit codes: 0 success; 2 wrong usage (flags, options, recipes); 3 a file or a data set is not
what it should be; 4 anything else; 130 interrupted, with everything saved to resume.

Begin with:
  basewise simulate --out runs/simulated
  basewise train demo --out runs/demo
  basewise evaluate runs/demo                 (then open runs/demo/report.html)
  basewise predict runs/demo --fasta runs/simulated/sequences.fa --out runs/predictions
)";
}

[[noreturn]] void refuse_verb(const std::string& word) {
  if (word.starts_with('-')) throw ArgumentError(format("unknown flag {}; flags stand behind the verb, see basewise --help", word));
  std::vector<std::string> names;
  for (const Verb& verb : kVerbs) names.emplace_back(verb.name);
  if (const auto near = nearest(word, names)) throw ArgumentError(format("unknown verb '{}'; did you mean {}?", word, *near));
  throw ArgumentError(format("unknown verb '{}'; there are {}", word, fmt::join(names, ", ")));
}

int run(Arguments arguments) {
  if (arguments.size() >= 2 && arguments[0] == "help") arguments = {arguments[1], "--help"};
  const std::string first = arguments.empty() ? "--help" : arguments[0];
  if (first == "--help" || first == "-h" || first == "help") return print(help_text()), 0;
  if (first == "--version" || first == "-V") return print(format("basewise {}\n", version())), 0;
  const auto verb = std::find_if(kVerbs.begin(), kVerbs.end(), [&](const Verb& v) { return v.name == first; });
  if (verb == kVerbs.end()) refuse_verb(first);
  arguments.erase(arguments.begin());
  return verb->run ? verb->run(arguments) : run_tensor_verb(first, arguments);
}

}  // namespace
}  // namespace basewise::app

int main(int argc, char** argv) {
  return basewise::app::guarded([&] { return basewise::app::run({argv + 1, argv + argc}); });
}
