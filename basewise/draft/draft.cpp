#include "basewise/draft/draft.h"

#include <algorithm>
#include <utility>

#include "basewise/core/error.h"
#include "basewise/draft/detail/kinds.h"
#include "basewise/draft/detail/table_draft.h"
#include "basewise/draft/detail/track_draft.h"

namespace basewise::draft {
namespace {

bool any(const std::filesystem::path& file) { return !file.empty(); }
bool any(const std::vector<std::filesystem::path>& files) { return !files.empty(); }
bool any(const std::vector<std::string>& words) { return !words.empty(); }

/// Flags that count only beside another one.
void check_company(const DraftRequest& r) {
  const std::pair<bool, std::pair<const char*, const char*>> rules[] = {
      {any(r.sites) && !any(r.genome), {"--sites", "--genome, the FASTA file that they lie on"}},
      {any(r.tracks) && !any(r.genome), {"--tracks", "--genome, the FASTA file that they lie on"}},
      {any(r.profile) && !any(r.genome), {"--profile", "--genome, the FASTA file that it lies on"}},
      {any(r.control) && !any(r.profile), {"--control", "--profile"}},
      {any(r.negatives) && !any(r.fasta), {"--negatives", "--fasta, the positives"}},
      {any(r.validation_fasta) && !any(r.fasta), {"--validation-fasta", "--fasta"}},
      {any(r.validation_negatives) && !any(r.validation_fasta), {"--validation-negatives", "--validation-fasta"}},
      {any(r.validation_fasta) && any(r.negatives) && !any(r.validation_negatives),
       {"--validation-fasta beside --negatives", "--validation-negatives"}},
      {any(r.test_fasta) && !any(r.fasta), {"--test-fasta", "--fasta"}},
      {any(r.test_negatives) && !any(r.test_fasta), {"--test-negatives", "--test-fasta"}},
      {any(r.test_fasta) && any(r.negatives) && !any(r.test_negatives), {"--test-fasta beside --negatives", "--test-negatives"}},
      {any(r.validation_table) && !any(r.table), {"--validation-table", "--table"}},
      {any(r.test_table) && !any(r.table), {"--test-table", "--table"}},
      {any(r.labels) && !any(r.table), {"--labels", "--table, whose columns they are"}}};
  for (const auto& [broken, names] : rules)
    if (broken) throw ArgumentError(format("{} needs {}", names.first, names.second));
}

void check_request(const DraftRequest& r) {
  check_company(r);
  const int sources = any(r.genome) + any(r.fasta) + any(r.table);
  if (sources == 0)
    throw ArgumentError(
        "say what the data are: --genome with --sites, --tracks or --profile; --fasta with sequences; or --table with sequences and "
        "labels");
  if (sources > 1) throw ArgumentError("--genome, --fasta and --table are three kinds of data; give one of them");
  if (!any(r.genome)) return;
  if (!any(r.sites) && !any(r.tracks) && !any(r.profile))
    throw ArgumentError(
        "--genome says where; what is to be learned say --sites (places), --tracks (signal) or --profile (counts of both strands)");
  if (any(r.tracks) && (any(r.sites) || any(r.profile)))
    throw ArgumentError("--tracks are learned along the whole genome; leave out --sites and --profile, or write two recipes");
  for (const auto* pair : {&r.profile, &r.control})
    if (pair->size() % 2 != 0 || (pair->size() > 2 && !detail::come_in_pairs(*pair)))
      throw ArgumentError(
          format("{} takes two files, of the forward and of the reverse strand (of several replicates such pairs one behind "
                 "the other, whose names say plus and minus, fwd and rev, or pos and neg); {} given",
                 pair == &r.profile ? "--profile" : "--control", pair->size()));
}

}  // namespace

Draft draft_recipe(const DraftRequest& request) {
  check_request(request);
  if (any(request.table)) return detail::draft_table(request);
  if (any(request.fasta)) return detail::draft_fasta(request);
  if (any(request.tracks)) return detail::draft_tracks(request);
  return any(request.profile) ? detail::draft_profile(request) : detail::draft_sites(request);
}

}  // namespace basewise::draft
