// Seqlets: stretches of a sequence whose attributions stand out, by two published methods.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/pattern.h"

namespace basewise::motifs {

/// Which seqlets are looked for: those that raise the output, those that lower it, or both.
enum class SeqletSigns { both, positive, negative };
constexpr auto words_of(SeqletSigns) {
  return words<SeqletSigns>({{SeqletSigns::both, "both"},
                             {SeqletSigns::positive, "positive", "those that raise the output"},
                             {SeqletSigns::negative, "negative", "those that lower it"}});
}

/// Options of the recursive method; the defaults are those of tangermeme 1.6.
struct RecursiveSeqletOptions {
  double p_value = 0.01;         ///< every span inside a seqlet has a lower one
  std::int64_t min_length = 4;   ///< of a seqlet, and of the spans inside that are looked at
  std::int64_t max_length = 25;  ///< of a seqlet, before flanks
  std::int64_t flank = 0;        ///< positions added on both sides once the seqlets are called
  std::int64_t bins = 1000;      ///< in which attributions are counted for the null
  SeqletSigns signs = SeqletSigns::both;
};
void describe(Visitor& v, RecursiveSeqletOptions& o);

/// Options of TF-MoDISco's method; the defaults are those of its function (its program passes an
/// `fdr` of 0.05).
struct ModiscoSeqletOptions {
  std::int64_t window = 21;    ///< positions whose attributions are summed
  std::int64_t flank = 10;     ///< added on both sides of the window
  double fdr = 0.2;            ///< false discovery rate of windows against the null
  double min_passing = 0.03;   ///< share of windows that pass at least, whatever `fdr` says
  double max_passing = 0.2;    ///< share of windows that pass at most
  double weak_quantile = 0.8;  ///< of absolute sums: at most this much is asked of a seqlet for its sign to count
  std::int64_t null_samples = 10'000;
  std::uint64_t null_seed = 1234;
  SeqletSigns signs = SeqletSigns::both;
};
void describe(Visitor& v, ModiscoSeqletOptions& o);

/// What TF-MoDISco's method estimated on the way.
struct ModiscoNull {
  double centre = 0;               ///< mode of the window sums
  double positive_rate = 0;        ///< lambda of the exponential tail above the centre
  double negative_rate = 0;        ///< and below it
  double positive_share = 0;       ///< of windows at or above the centre
  double positive_threshold = 0;   ///< window sums from here on pass; +infinity where none can
  double negative_threshold = 0;   ///< window sums down from here pass; -infinity where none can
  double sign_threshold = 0;       ///< a seqlet's own sum must be beyond it for its sign to count
};

/// Seqlets of an attribution set.
struct SeqletResult {
  std::vector<Seqlet> seqlets;     ///< in the order of their method, see there
  std::int64_t positive = 0;       ///< with a positive sum
  std::int64_t negative = 0;       ///< with a negative one
  std::int64_t left_out = 0;       ///< called, but without a clear sign, or negative and on top of a positive one
  ModiscoNull null = {};           ///< of the method of TF-MoDISco
  std::vector<std::string> notes;  ///< what should be known about them: no signal, one sign only, ...
};

/// Recursive seqlets (tangermeme.seqlet.recursive_seqlets): attributions are counted in `bins`
/// equal bins between the smallest and the largest of the set, sums of k independent bins give the
/// null of spans of length k, and a seqlet is a span whose every span of `min_length` or more
/// positions is below `p_value`. Longest first, then lowest p-value, none overlaps another.
/// Negative ones are those of the negated attributions, without those that overlap a positive one.
/// The p-value is that of the span itself; p-values rank spans, they are no error rates. Sorted by
/// p-value, example, start.
///
/// Errors: ArgumentError for an attribution that is not finite, naming example and position, and
/// for options out of bounds. A set without examples, of equal values or shorter than `min_length`
/// has no seqlets, and a note.
SeqletResult recursive_seqlets(const AttributionSet& set, const RecursiveSeqletOptions& options = {});

/// Seqlets as TF-MoDISco calls them (Shrikumar et al. 2018; modiscolite.extract_seqlets): sums over
/// windows, a Laplace distribution fitted to both tails around their mode, thresholds at `fdr` by
/// isotonic regression of windows against samples of it, both moved so that the share of windows
/// that pass lies between `min_passing` and `max_passing`. In each example the strongest window
/// becomes a seqlet and takes its neighbourhood (window / 2 + flank) away, until none is left; a
/// window whose flanks leave the sequence is none. Each is window + 2 flank long; `attribution` is
/// the sum of its window, `p_value` the tail of the fitted null there. Ordered by example, then
/// strength.
///
/// Samples, and the million windows that thresholds come from where there are more, are drawn as
/// NumPy's RandomState(1234) draws them, and sums are of doubles. Results equal modiscolite's where
/// it is given doubles. Errors and notes: as for `recursive_seqlets`.
SeqletResult modisco_seqlets(const AttributionSet& set, const ModiscoSeqletOptions& options = {});

}  // namespace basewise::motifs
