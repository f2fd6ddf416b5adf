// The verb `motifs discover`: attributions in, a folder of motifs out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/discovery.h"

namespace basewise::annotate {

struct DiscoverOptions {
  std::filesystem::path attributions = {};  ///< what `read_attributions` takes: a folder, an .h5, or an .npz beside `sequences`
  std::filesystem::path sequences = {};     ///< one-hot sequences for an .npz of attributions
  std::filesystem::path loci = {};          ///< BED: the place of every example, where the files do not say it
  std::filesystem::path out = {};           ///< folder
  /// bases in the middle of each example that are looked at; 0: all;
  /// unset: 400, or all where there are fewer
  std::optional<std::int64_t> window = {};
  std::string motifs = {};  ///< file or collection that patterns are named by; empty: none
  bool overwrite = false;   ///< replace an earlier discovery in `out`
  motifs::DiscoveryOptions method = {};
};
void describe(Visitor& v, DiscoverOptions& o);

/// A pattern by its name.
struct NamedPattern {
  std::string pattern;
  bool positive = true;
  std::int64_t seqlets = 0;
  std::string consensus;   ///< of its core
  double information = 0;  ///< bits of its core
  std::string match;       ///< most alike motif, "" where there is none
  double match_p = 1, match_e = 1, match_q = 1;
};

struct DiscoverResult {
  std::vector<std::filesystem::path> files;
  motifs::DiscoveryCounts positive, negative;
  std::int64_t examples = 0;
  std::int64_t positions = 0;  ///< of each example that were looked at
  double threshold = 0;        ///< attribution of a core that gives a seqlet its sign
  std::vector<NamedPattern> patterns;
  std::vector<std::string> notes;
  double seconds = 0;
};

/// Reads attributions, discovers motifs and writes a folder, which appears whole or not at all:
///  * patterns.h5: the layout of TF-MoDISco; seqlets count from the first position looked at,
///  * patterns.meme: the core of each pattern (`motifs::core_motif`) as probabilities,
///  * patterns.tsv: pattern, positive (1 or 0), seqlets, width and information (bits) of the core,
///    match, match_p, match_e, match_q (the most alike of `motifs`; empty cells without),
///  * seqlets.bed: chrom, start, end, pattern, score, strand of the pattern, attribution, p-value,
///    example, sorted by place; where no loci are known, chrom is the name of the example,
///  * discovery.json: schema basewise/discovery/1, what was read, options, counts, notes.
/// Where no pattern is found, the files are there and say so; patterns.meme is then left out,
/// because a MEME file without motifs is none.
/// Errors: those of the readers; ArgumentError for options, and for a folder that holds something.
DiscoverResult discover(const DiscoverOptions& options);

}  // namespace basewise::annotate
