// Negatives: what a positive is told apart from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/core/random.h"
#include "basewise/seq/genome.h"

namespace basewise::corpus {

/// How background windows are drawn.
struct BackgroundOptions {
  std::int64_t ratio = 1;    ///< windows per positive
  bool match_gc = true;      ///< as many windows as positives in each bin of G+C content
  double bin = 0.02;         ///< width of a bin
  double max_n = 0.1;        ///< share of N that a window may have
  std::int64_t tries = 500;  ///< draws per window wanted before giving up
};
void describe(Visitor& v, BackgroundOptions& o);

struct BackgroundResult {
  std::vector<seq::Interval> windows;  ///< sorted, no two equal
  std::int64_t wanted = 0;
  std::int64_t unmatched = 0;  ///< wanted but not found
  std::int64_t draws = 0;      ///< windows that were drawn and looked at
  std::int64_t taken = 0;      ///< of them: overlap a window to avoid, or were drawn before
  std::int64_t unknown = 0;    ///< of them: too many N
  std::int64_t other_gc = 0;   ///< of them: no window with this G+C content is wanted (any more)
  std::string summary() const;
};

/// Windows of the length of the positives, drawn evenly from `regions` (inside the chromosomes),
/// that overlap none of `avoid`, have few N and, with `match_gc`, the positives' distribution of
/// G+C. Positives must have one length (ArgumentError). What could not be found is counted.
BackgroundResult background_windows(const seq::Genome& genome, const std::vector<seq::Interval>& positives,
                                    const std::vector<seq::Interval>& regions, const std::vector<seq::Interval>& avoid,
                                    const BackgroundOptions& options, Stream stream);

}  // namespace basewise::corpus
