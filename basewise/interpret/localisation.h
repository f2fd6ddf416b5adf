// Do scores along a sequence say where motifs are? Koo and Ploenzke 2021, extended data.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/motifs/motif.h"

namespace basewise::interpret {

/// Labels that are 1 where any of the `buffer` places from n - buffer / 2 is 1;
/// places outside of the sequence are 0.
std::vector<std::uint8_t> widened(std::span<const std::uint8_t> labels, std::int64_t buffer);

/// Runs of equal labels as examples: the largest score of each.
struct RunInstances {
  std::vector<double> scores = {};
  std::vector<std::uint8_t> labels = {};  ///< of the runs

  void add(std::span<const double> run, std::uint8_t label);
};

/// How runs are found.
enum class RunFinder { corrected, published };
constexpr auto words_of(RunFinder) {
  return words<RunFinder>({{RunFinder::corrected, "corrected", "every run of equal labels once"},
                           {RunFinder::published, "published", "as the code of Koo and Ploenzke 2021 does"}});
}

/// Runs of `labels` (L) with their largest `scores` (L).
///
/// `published` repeats what their loops do. A search goes on from `index + start`, where `start` is
/// a place of the sequence and not one behind `index`, so that runs are skipped, cut or joined;
/// what begins at `index` alone counts as not found; a search that finds no further run still looks
/// for the end of the last one; a run of ones that reaches the end of the sequence is dropped, one
/// of zeros is kept. Their loops keep `start` from one sequence to the next, which shows only where
/// a sequence has no ones; here it begins with 0.
/// Errors: ArgumentError for scores and labels of different lengths.
RunInstances run_instances(std::span<const double> scores, std::span<const std::uint8_t> labels, RunFinder finder);

/// What a scan adds up.
enum class ScanScore { probability, log_odds };

/// The largest of the scores of all motifs, in both orientations, at each place of `letters`: sums
/// of p, or of log2(p / 0.25 + 1e-10), over columns, of which column w / 2 (rounded down) lies on
/// the place; nothing outside of the sequence and at letters other than ACGT.
std::vector<double> scan_track(const std::string& letters, std::span<const motifs::MotifMatrix> motifs, ScanScore score);

}  // namespace basewise::interpret
