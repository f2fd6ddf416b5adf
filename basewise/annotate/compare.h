// The verb motifs compare: motifs of one file beside those of another or of a collection.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/io/jaspar.h"
#include "basewise/motifs/compare.h"

namespace basewise::annotate {

/// Which number a threshold is for.
enum class Significance { e_value, q_value, p_value };
constexpr auto words_of(Significance) {
  return words<Significance>({{Significance::e_value, "e", "E-value: matches as good that chance gives a query"},
                              {Significance::q_value, "q", "false discovery rate"},
                              {Significance::p_value, "p", "of one target"}});
}

struct CompareRequest {
  std::string query = {};          ///< file of motifs, or a collection by name
  std::string target = {};
  std::filesystem::path out = {};  ///< table; empty: none
  double threshold = 0.1;          ///< matches up to it are kept
  Significance by = Significance::e_value;
  std::int64_t best = 0;           ///< matches kept for each query, most significant first; 0: all within the threshold
  io::MotifRows rows = io::MotifRows::automatic;
  motifs::CompareOptions options = {};
};
/// The options of `motifs::CompareOptions` stand beside the others.
void describe(Visitor& v, CompareRequest& o);
/// Those that are flags: all but query and target.
void describe_flags(Visitor& v, CompareRequest& o);

/// One row of the table, with MEME's columns.
struct ComparedPair {
  std::string query, target;
  std::string target_description;  ///< further name of the target, no column of the table
  motifs::MotifMatch match;
  std::string query_consensus, target_consensus;  ///< the target's as it matches
};

struct CompareResult {
  std::int64_t queries = 0, targets = 0;
  std::int64_t matched = 0;         ///< queries with a row
  std::vector<ComparedPair> pairs;  ///< query by query, most significant first
  std::vector<std::string> notes;
  std::vector<std::filesystem::path> files;
};

/// Compares every motif of `query` with every motif of `target`, and writes the table where `out`
/// says: Query_ID, Target_ID, Optimal_offset, p-value, E-value, q-value, Overlap, Query_consensus,
/// Target_consensus, Orientation (+ or -), as Tomtom of the MEME suite writes it.
/// Errors: those of `load_motif_source` and `motifs::MotifComparison`; ArgumentError for options
/// that do not fit together.
CompareResult compare_motifs(const CompareRequest& request);

}  // namespace basewise::annotate
