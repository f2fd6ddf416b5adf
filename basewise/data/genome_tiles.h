// Tiles of a genome with labels or signal at every base.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/corpus/sites.h"
#include "basewise/corpus/tiling.h"
#include "basewise/seq/genome.h"

namespace basewise::data {

/// Values along a chromosome.
class TargetSource {
 public:
  virtual ~TargetSource() = default;
  virtual std::string name() const = 0;
  virtual std::int64_t channels() const = 0;
  virtual std::vector<std::string> channel_names() const { return {}; }  ///< one per channel; empty: they have numbers only
  virtual std::int64_t bin() const { return 1; }  ///< bases per value
  virtual StrandRule strand_rule() const = 0;

  /// Fills `values` (channels, length / bin) and `measured` (the same, 1 or 0) for [start, start +
  /// length) of chromosome `chrom`, which lies inside [0, chromosome length). `stride` is the
  /// distance of two channels in both arrays.
  virtual void fill(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured,
                    std::int64_t stride) const = 0;

  virtual std::string summary() const = 0;
};
using TargetSourcePtr = std::shared_ptr<const TargetSource>;

/// "labels" (2, length): 1 at sites of the forward strand (channel 0) and the reverse strand
/// (channel 1), at forward coordinates, 0 elsewhere; measured everywhere.
TargetSourcePtr site_labels(const corpus::SiteTable& table, const seq::ChromSizes& sizes, std::string name = "labels");

/// Signal of bigWig files: one channel per file, mean, sum or maximum over the measured bases of
/// each bin; bins without a measured base are masked. `paired`: files come in pairs (+, -) that
/// swap under reverse complement. Errors: DataError for chromosomes that do not fit the genome.
struct TrackOptions {
  std::vector<std::filesystem::path> files = {};
  std::int64_t bin = 1;
  std::string statistic = "mean";  ///< mean, sum or max of the measured bases of a bin
  double clip = 0;                 ///< values of bins beyond -clip to clip become -clip or clip; 0: as they are
  bool paired = false;
  std::string name = "profile";
  std::filesystem::path cache = {};  ///< where large tracks are kept in a form that is read quickly; empty: the cache of basewise
};
void describe(Visitor& v, TrackOptions& o);
TargetSourcePtr track_signal(const TrackOptions& options, const seq::ChromSizes& sizes);

struct GenomeTilesOptions {
  std::int64_t length = 2048;      ///< bases of a tile
  std::int64_t context_left = 0;   ///< bases of sequence before it
  std::int64_t context_right = 0;  ///< and after it
  bool random_phase = false;       ///< another phase of the tiling in each epoch, as for training
  bool tokens = false;             ///< "sequence" (length) uint8 tokens in place of one-hot
  bool both_strands = false;       ///< every tile twice: as it is, and read from the other strand
};

/// Tiles of `regions` (inside [0, chromosome length), disjoint) as examples:
///   "sequence" (4, context_left + length + context_right) float32, over the origin of circular
///   chromosomes, N outside linear ones;
///   for each source its name (channels, length / bin) float32 and "<name>.mask" bool of that
///   shape: measured, and owned by the tile;
///   "position" int64 scalar: first base of the tile (may be negative); "chromosome" int64 scalar:
///   index in the genome;
///   "circle" int64 scalar: length of the chromosome if it is circular, else 0.
///
/// Every base of the regions is unmasked in exactly one tile of an epoch. A bin is owned where all
/// of its bases are.
///
/// With `both_strands` the tiles of all regions come first as they are and then, the last tile of a
/// region first, as they are seen from the other strand: each tensor moved by its rule, so that the
/// first channel of paired ones is always that of the strand that is read. "strand" int64 scalar is
/// 0 or 1, "position" stays the first base in the coordinates of the chromosome. Each strand of a
/// region is a stretch of its own (`Dataset::stretches`), and bases are unmasked once on each
/// strand.
DatasetPtr genome_tiles(seq::GenomePtr genome, std::vector<seq::Interval> regions, std::vector<TargetSourcePtr> sources,
                        const GenomeTilesOptions& options);

}  // namespace basewise::data
