#include "apps/basewise/motifs.h"

#include <array>

#include "apps/basewise/support/sub_verbs.h"
#include "apps/basewise/tensor/entry.h"
#include "apps/basewise/tensor_library.h"

namespace basewise::app {
namespace {

int motifs_filters(const Arguments& arguments) { return run_tensor_verb(kMotifsFilters, arguments); }

/// In the order in which they are used; a new one is one line.
constexpr std::array kSubVerbs = {
    SubVerb{"scan", "find the sites of motifs in sequences or a whole genome, with p and q values", motifs_scan},
    SubVerb{"compare", "find the motifs of a collection that motifs are like, with p, E and q values", motifs_compare},
    SubVerb{"seqlets", "find the stretches of attributions that stand out, and name them", motifs_seqlets},
    SubVerb{"discover", "find motifs in attributions, as TF-MoDISco does", motifs_discover},
    SubVerb{"filters", "turn the first filters of a run into motifs", motifs_filters},
};

}  // namespace

int motifs(const Arguments& arguments) {
  return run_sub_verb({"motifs", "Finds, compares and places motifs.", kSubVerbs,
                       {"basewise motifs scan jaspar2024 --genome genome.fa --out sites.tsv.gz",
                        "basewise motifs compare filters.meme jaspar2024 --out matches.tsv",
                        "basewise motifs discover attributions --motifs jaspar2024 --out patterns",
                        "basewise motifs filters runs/demo --out filters"}},
                      arguments);
}

}  // namespace basewise::app
