#include "apps/basewise/methylation.h"

#include <array>

#include "apps/basewise/support/sub_verbs.h"

namespace basewise::app {
namespace {

/// In the order in which they are used; a new one is one line.
constexpr std::array kSubVerbs = {
    SubVerb{"stats", "say what is in calls: sites, means, annotations, and how far simple guesses go", methylation_stats},
    SubVerb{"show", "show single sites: states, neighbours and DNA", methylation_show},
    SubVerb{"prepare", "make a training set of calls: one site for each CpG, neighbours, DNA, statistics", methylation_prepare},
};

}  // namespace

int methylation(const Arguments& arguments) {
  return run_sub_verb({"methylation",
                       "Reads methylation calls of single cells.",
                       kSubVerbs,
                       {"basewise methylation stats cells/*.cov.gz --genome mm10.fa --annotations CGI.bed --baselines",
                        "basewise methylation prepare cells/*.cov.gz --genome mm10.fa --out set"}},
                      arguments);
}

}  // namespace basewise::app
