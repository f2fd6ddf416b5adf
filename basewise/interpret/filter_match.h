// How many filters of a network are motifs that it should have found.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "basewise/motifs/compare.h"

namespace basewise::interpret {

/// A motif that filters may be, under every identifier that collections have for it.
struct ExpectedMotif {
  std::string name = {};
  std::vector<std::string> identifiers = {};
};

/// Reads a table with the columns `name` and `identifiers`, the latter with commas between, one row
/// for each motif.
/// Errors: DataError naming file and line for a missing column, an empty field, a name or an
/// identifier that is given twice, and a table without rows.
std::vector<ExpectedMotif> read_expected_motifs(const std::filesystem::path& file);

/// A motif of a collection that a filter is like.
struct FilterHit {
  std::string target = {};
  double q_value = 1;
};

/// Motifs of `comparison` that each query matches with an E-value of at most `e_value`, best first.
/// Queries are rounded to four decimals as MEME files of published code hold them.
std::vector<std::vector<FilterHit>> filter_hits(std::span<const motifs::MotifMatrix> queries, const motifs::MotifComparison& comparison,
                                                double e_value);

struct MatchSummary {
  double matched = 0;   ///< share of filters that hit any expected identifier
  double any = 0;       ///< share of filters with a hit, but for those whose only hit is one of `ignored`
  double coverage = 0;  ///< share of expected motifs that are the best expected hit (by q-value) of a filter
};

/// As Koo and Ploenzke 2021 count. One difference: where filter 0 alone matches, their code says 0.
/// Without expected motifs `matched` and `coverage` are NaN.
MatchSummary summarise(std::span<const std::vector<FilterHit>> hits, std::span<const ExpectedMotif> expected,
                       std::span<const std::string> ignored);

}  // namespace basewise::interpret
