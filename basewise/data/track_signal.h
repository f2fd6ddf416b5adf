// Signal of tracks (bigWig, bedGraph) as a source of examples.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/splits.h"
#include "basewise/data/examples.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::data {

/// What a bin says of its bases.
enum class BinStatistic { mean, sum, max };
constexpr auto words_of(BinStatistic) {
  return words<BinStatistic>({{BinStatistic::mean, "mean", "of the measured bases"},
                              {BinStatistic::sum, "sum", "of the measured bases"},
                              {BinStatistic::max, "max", "largest of the measured bases"}});
}

/// What a base is that a file gives no value.
enum class Gaps { missing, zero };
constexpr auto words_of(Gaps) {
  return words<Gaps>({{Gaps::missing, "missing", "not measured: neither learnt nor counted"},
                      {Gaps::zero, "zero", "0, as in coverage that leaves zeros out (bedtools genomecov -bg)"}});
}

/// What becomes of the value of a bin.
enum class TrackTransform { none, log1p, sqrt };
constexpr auto words_of(TrackTransform) {
  return words<TrackTransform>({{TrackTransform::none, "none", "it stays"},
                                {TrackTransform::log1p, "log1p", "log(1 + x), so that no peak outweighs all others"},
                                {TrackTransform::sqrt, "sqrt", "sqrt(1 + x) - 1, as in sum_sqrt of Basenji"}});
}

struct TrackOptions {
  std::vector<std::filesystem::path> files = {};
  Gaps gaps = Gaps::missing;
  std::int64_t bin = 1;
  BinStatistic statistic = BinStatistic::mean;
  std::vector<double> scale = {};  ///< factor of the values of bins: one for all files, or one each; empty: 1
  double clip = 0;  ///< values of bins beyond -clip to clip become -clip or clip; 0: as they are
  TrackTransform transform = TrackTransform::none;  ///< after scale and clip
  bool paired = false;
  std::string name = "profile";
  std::filesystem::path cache = {};  ///< where large tracks are kept in a form that is read quickly; empty: the cache of basewise
};
void describe(Visitor& v, TrackOptions& o);

/// Signal of bigWig or bedGraph files as (files, length / bin) under `options.name`: one channel
/// per file, named by it; the statistic of the measured bases of each bin, scaled, clipped and
/// transformed; bins without a measured base are masked. With `gaps` zero every base of a
/// chromosome that a file speaks for is measured.
/// `paired`: files come in pairs (+, -) that swap under reverse complement.
/// Errors: DataError for chromosomes that do not fit the genome, for infinite values and, of the
/// examples, for a value that the transform is not defined for; ArgumentError for an odd number of
/// pairs and for another number of scales than of files.
SourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes);

/// The same; `notes` gets which share of the bases of each set has a value, where it is not all.
SourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes, const corpus::RegionSplit& regions,
                       std::vector<std::string>& notes);

}  // namespace basewise::data
