#include "apps/basewise/motifs.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "apps/basewise/tensor/entry.h"
#include "apps/basewise/tensor_library.h"
#include "basewise/core/nearest.h"

namespace basewise::app {
namespace {

constexpr std::string_view kHelp = "help", kHelpFlag = "--help", kShortHelp = "-h";

int motifs_filters(const Arguments& arguments) { return run_tensor_verb(kMotifsFilters, arguments); }

/// In the order in which they are used; a new one is one line.
struct SubVerb {
  std::string_view name;
  std::string_view summary;
  int (*run)(const Arguments&);
};
constexpr std::array kSubVerbs = {
    SubVerb{"scan", "find the sites of motifs in sequences or a whole genome, with p and q values", motifs_scan},
    SubVerb{"compare", "find the motifs of a collection that motifs are like, with p, E and q values", motifs_compare},
    SubVerb{"seqlets", "find the stretches of attributions that stand out, and name them", motifs_seqlets},
    SubVerb{"discover", "find motifs in attributions, as TF-MoDISco does", motifs_discover},
    SubVerb{"filters", "turn the first filters of a run into motifs", motifs_filters},
};

std::string help_text() {
  std::string text = "Finds, compares and places motifs.\n\nUsage: basewise motifs VERB [ARGUMENTS]\n\nVerbs:\n";
  for (const SubVerb& verb : kSubVerbs) text += format("  {:<10}{}\n", verb.name, verb.summary);
  return text + R"(
Each of them explains itself: basewise motifs VERB --help. All print JSON with --json.

Examples:
  basewise motifs scan jaspar2024 --genome genome.fa --out sites.tsv.gz
  basewise motifs compare filters.meme jaspar2024 --out matches.tsv
  basewise motifs discover attributions --motifs jaspar2024 --out patterns
  basewise motifs filters runs/demo --out filters
)";
}

}  // namespace

int motifs(const Arguments& arguments) {
  // "motifs help VERB" asks what "motifs VERB --help" does.
  if (arguments.size() >= 2 && arguments[0] == kHelp) return motifs({arguments[1], std::string(kHelpFlag)});
  if (arguments.empty() || arguments[0] == kHelp || arguments[0] == kHelpFlag || arguments[0] == kShortHelp) return print(help_text()), 0;
  const std::string& word = arguments[0];
  const auto verb = std::find_if(kSubVerbs.begin(), kSubVerbs.end(), [&](const SubVerb& v) { return v.name == word; });
  if (verb != kSubVerbs.end()) return verb->run({arguments.begin() + 1, arguments.end()});
  if (word.starts_with('-'))
    throw ArgumentError(format("basewise motifs: flags stand behind the verb, as in basewise motifs compare A B {}", word));
  std::vector<std::string> names;
  for (const SubVerb& v : kSubVerbs) names.emplace_back(v.name);
  if (const auto near = nearest(word, names))
    throw ArgumentError(format("basewise motifs: unknown verb '{}'; did you mean {}?", word, *near));
  throw ArgumentError(format("basewise motifs: unknown verb '{}'; there are {}", word, fmt::join(names, ", ")));
}

}  // namespace basewise::app
