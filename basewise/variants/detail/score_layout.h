// What the scores of an allele are, in their order.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace basewise::variants::detail {

/// The quantile of the larger prediction of both alleles among those of a background's references
/// (ChromBPNet, variant-scorer).
inline constexpr const char* kActiveAllele = "active_allele_quantile";

/// Scores of an alternative allele: the `fields`, of several runs their means,
/// and behind them those of each run.
struct ScoreLayout {
  /// Which number of which track a field is: "SAD", "SAD_pct" its quantile in a background, or
  /// "active_allele_quantile".
  struct Place {
    std::string name = {};
    std::size_t track = 0;
  };
  std::vector<std::string> fields = {};  ///< "SAD:tracks:CTCF", ...: scores, then heads, then tracks
  std::vector<Place> places = {};        ///< of `fields`
  std::vector<std::string> tracks = {};  ///< "tracks:CTCF", ...: of all heads
  std::vector<std::string> runs = {};    ///< names of the runs

  /// Runs whose scores are told apart; 0 for one alone.
  std::size_t folds() const { return runs.size() > 1 ? runs.size() : 0; }

  /// Names of all scores: those of a run as "SAD:tracks:CTCF@fold1".
  std::vector<std::string> columns() const {
    std::vector<std::string> all = fields;
    for (std::size_t r = 0; r < folds(); ++r)
      for (const std::string& field : fields) all.push_back(field + "@" + runs[r]);
    return all;
  }
};

}  // namespace basewise::variants::detail
