// The names of a file beside those of a genome: one rule for sites, tracks, annotation and lists.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/seq/chrom_sizes.h"

namespace basewise::seq {

/// Which sequence of a genome each name of a file means.
struct NameMatch {
  /// By name, in the order given: the place in the genome; nothing for a name that is not used.
  std::vector<std::optional<std::size_t>> places = {};
  std::vector<std::string> unmatched = {};  ///< the names that are not used

  std::string translated = {};  ///< "3 names are translated, such as '1' to 'chr1' of g.fa"; empty if none is
  std::string left_out = {};    ///< why names are not used, as a part of a sentence; empty if all are
};

/// Looks up all names of a file (each once) together:
///  * a name that is spelt as in the genome is that sequence, and no other name is taken for it by
///    spelling, so that a track that has X and not chrX lends chrX nothing;
///  * then the table of `ChromSizes::add_aliases`: several names of one line mean one sequence;
///  * then the automatic rules of `ChromSizes`, read from either side.
/// Errors: DataError where two names would be one sequence by spelling, which only a table may say.
NameMatch match_names(const ChromSizes& sizes, const std::vector<std::string>& names, std::string_view asked_by);

/// For files that have one entry for each sequence (tracks): by sequence of the genome, the place
/// in `names` of the name that means it. Of several names of one sequence, which a table joins, the
/// one that is spelt as in the genome counts, else the first.
std::vector<std::optional<std::size_t>> names_by_sequence(const ChromSizes& sizes, const std::vector<std::string>& names,
                                                          const NameMatch& match);

}  // namespace basewise::seq
