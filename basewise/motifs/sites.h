// Sites of many motifs in sequences: every window whose score is unlikely enough.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/motifs/motif.h"
#include "basewise/motifs/score_distribution.h"
#include "basewise/seq/alphabet.h"

namespace basewise::motifs {

/// Which strands are looked at.
enum class ScanStrands { both, forward };
constexpr auto words_of(ScanStrands) {
  return words<ScanStrands>({{ScanStrands::both, "both"}, {ScanStrands::forward, "forward", "the one that is written"}});
}

/// What counts as a site.
struct SiteOptions {
  double p_value = 1e-4;                    ///< largest P(score of a random window >= that of the site)
  ScanStrands strands = ScanStrands::both;
  double pseudocount = 0.1;                 ///< counts added to each row, spread as the background
  BaseVector background = kUniform;         ///< with both strands, `both_strands` of it is taken
  double bin = kScoreBin;                   ///< bits, see `ScoreMatrix`
};

/// A window that reached its motif's threshold.
struct Site {
  std::int64_t start = 0;   ///< first base on the forward strand, 0-based
  std::int32_t motif = 0;   ///< index into the motifs of the scanner
  std::int32_t rank = 0;    ///< index of its score among those of the motif, 0 is the best: see `ScoreDistribution::scores`
  bool reverse = false;     ///< the motif reads on the other strand

  friend auto operator<=>(const Site&, const Site&) = default;
};

/// Finds all sites of a set of motifs. A window that holds an N (or another token above 3) is no
/// site. A palindromic motif has its sites on both strands.
///
/// Every window is tested on a few pairs of rows in numbers of one byte, 16 to 64 windows at once,
/// against a bound that no site falls below; what passes is scored exactly. Nothing depends on the
/// instruction set, the number of threads, or where sequences are cut.
class SiteScanner {
 public:
  /// Errors: ArgumentError for options out of range; those of `check` and `score_matrix`.
  SiteScanner(const std::vector<MotifMatrix>& motifs, const SiteOptions& options = {});

  /// Scores that come from elsewhere; of the options, `p_value`, `strands` and `background` count.
  SiteScanner(std::vector<ScoreMatrix> motifs, const SiteOptions& options = {});
  ~SiteScanner();
  SiteScanner(SiteScanner&&) noexcept;

  std::int64_t motifs() const;
  std::int64_t strands() const;      ///< 1 or 2
  std::int64_t largest_width() const;  ///< of all motifs
  const ScoreMatrix& matrix(std::int64_t motif) const;
  const ScoreDistribution& distribution(std::int64_t motif) const;

  /// Number of scores that make a window a site; 0: no window can be one.
  std::int64_t ranks(std::int64_t motif) const;

  double score(const Site& site) const;    ///< bits
  double p_value(const Site& site) const;

  /// Takes sites in order: start, motif, forward before reverse.
  using Consumer = std::function<void(std::span<const Site>)>;

  /// Sites of all windows that lie inside `tokens` (L) and start before `end` (-1: wherever they
  /// fit), piece by piece in order, computed by several threads and handed over by the calling one.
  /// Starts count from `first`.
  void scan(std::span<const seq::Token> tokens, const Consumer& consumer, std::int64_t first = 0, std::int64_t end = -1) const;

  /// All of them in memory.
  std::vector<Site> scan(std::span<const seq::Token> tokens) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::motifs
