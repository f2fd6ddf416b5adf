// The verb `motifs seqlets`: attributions in, stretches that stand out, with their motifs, out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/seqlets.h"

namespace basewise::annotate {

/// How seqlets are called, see motifs/seqlets.h.
enum class SeqletMethod { recursive, modisco };
constexpr auto words_of(SeqletMethod) {
  return words<SeqletMethod>({{SeqletMethod::recursive, "recursive", "short spans in which every span is significant, as tangermeme"},
                              {SeqletMethod::modisco, "modisco", "windows of one length above a fitted null, as TF-MoDISco"}});
}

struct SeqletsOptions {
  std::filesystem::path attributions = {};  ///< folder of attribute, .h5, or an .npz beside `sequences`
  std::filesystem::path sequences = {};     ///< one-hot sequences for an .npz of attributions
  std::filesystem::path loci = {};          ///< BED: the place of every example, where the files do not say it
  std::filesystem::path out = {};           ///< .bed, with the same name ending in .tsv beside it; or .tsv alone
  std::int64_t window = 0;                  ///< bases in the middle of each example that are looked at; 0: all
  SeqletMethod method = SeqletMethod::recursive;
  motifs::SeqletSigns signs = motifs::SeqletSigns::both;
  std::optional<std::int64_t> flank = {};  ///< positions added on both sides; unset: as the method does
  double p_value = 0.01;                   ///< recursive: of every span inside
  std::int64_t min_length = 4;             ///< recursive
  std::int64_t max_length = 25;            ///< recursive
  std::int64_t sliding = 21;               ///< modisco: positions that are summed
  double fdr = 0.2;                        ///< modisco
  double min_passing = 0.03;               ///< modisco: share of windows
  double max_passing = 0.2;                ///< modisco: share of windows
  std::string motifs = {};                 ///< file or collection that seqlets are named by; empty: none
  double name_threshold = 1;               ///< largest E-value of a match that gives a name
  std::filesystem::path pairs = {};        ///< table of motifs that share examples; empty: none
};
void describe(Visitor& v, SeqletsOptions& o);

/// Seqlets that are most like one motif.
struct MotifCount {
  std::string motif;
  std::string name;  ///< its further name, may be empty
  std::int64_t positive = 0;
  std::int64_t negative = 0;
};

struct SeqletsResult {
  std::vector<std::filesystem::path> files;
  std::int64_t examples = 0;
  std::int64_t positions = 0;  ///< of each example that were looked at
  std::int64_t positive = 0;   ///< seqlets that raise the output
  std::int64_t negative = 0;
  std::int64_t left_out = 0;       ///< called, but without a clear sign, or negative and on top of a positive one
  std::vector<MotifCount> motifs;  ///< those that name a seqlet, most seqlets first
  std::vector<std::string> notes;
  double seconds = 0;
};

/// Reads attributions, calls seqlets, names each by the motif that its letters are most like, and
/// writes them. The E-value of a match is its p-value times the number of motifs, as in
/// `compare.h`; a seqlet whose best one is above `name_threshold` is called ".".
///
/// The BED file has the columns chrom, start, end, name (the motif; without motifs positive or
/// negative), score (-100 log10 of the p-value, at most 1000), strand, attribution, p-value,
/// example (from 0) and, with motifs, the p-value of the match and the further name of the motif,
/// sorted by place. Where loci are known, places are on the genome, and the strand is that on which
/// the motif (without motifs: the example) reads; else chrom is the name of the example, and
/// without motifs the strand is ".". The table has the columns of tangermeme (example_idx, start,
/// end, attribution, p-value) with motif, motif_p and motif_name, in the order of the method; start
/// and end count from the first position of the example that was looked at. Both appear whole or
/// not at all, and are there, without rows, if there are no seqlets.
///
/// Errors: those of the readers; ArgumentError for options out of bounds or that do not fit
/// together.
SeqletsResult seqlets(const SeqletsOptions& options);

}  // namespace basewise::annotate
