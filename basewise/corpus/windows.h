// The windows of a genome that examples show: around loci, or the tiles of regions,
// each read from one of the strands.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/random.h"
#include "basewise/seq/chrom_sizes.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

/// The stretch of a chromosome that one example shows, counted along the chromosome whatever the
/// strand.
struct Window {
  std::size_t locus = 0;         ///< number of its locus, or of the tile as regions are cut: of what is kept for each
  std::size_t chrom = 0;         ///< index in the chromosome sizes
  std::int64_t circle = 0;       ///< length of the chromosome if it is circular, else 0
  std::int64_t start = 0;        ///< may be negative; on a circle a window may go on over the origin
  std::int64_t length = 0;       ///< bases
  std::int64_t owned_start = 0;  ///< what the window speaks for: of a tile the part in its region, of others that in the chromosome
  std::int64_t owned_end = 0;    ///< not behind `owned_start`: nothing
  bool reverse = false;          ///< read from the other strand
};

/// What examples say of where they come from.
enum class PlaceField { position, chromosome, circle, strand };
constexpr auto words_of(PlaceField) {
  return words<PlaceField>({{PlaceField::position, "position", "first base of the window"},
                            {PlaceField::chromosome, "chromosome", "its number in the genome"},
                            {PlaceField::circle, "circle", "its length if it is circular, else 0"},
                            {PlaceField::strand, "strand", "1 where the window is read from the other strand"}});
}

class Windows;
using WindowsPtr = std::shared_ptr<const Windows>;

/// Windows of one length in a fixed order. Immutable; threads may share them.
class Windows {
 public:
  virtual ~Windows() = default;
  virtual std::int64_t size() const = 0;
  virtual std::int64_t length() const = 0;

  /// Window i of size(). `draw` is the only source of randomness (jitter).
  /// Errors: for i out of bounds.
  virtual Window window(std::int64_t i, Stream draw) const = 0;

  /// The windows as they are cut in one epoch, moved by a multiple of `unit` bases, which divides
  /// the length; null: they are always the same. Equal streams give equal windows.
  virtual WindowsPtr at_epoch(const Stream& draw, std::int64_t unit) const {
    static_cast<void>(draw), static_cast<void>(unit);
    return nullptr;
  }

  /// Lengths of the stretches of windows that follow each other without a gap;
  /// empty where they stand alone.
  virtual std::vector<std::int64_t> stretches() const { return {}; }

  /// Whether every window lies wholly in its chromosome, without its origin inside,
  /// and owns all of its bases.
  virtual bool whole() const { return false; }

  /// Chromosomes on which windows lie, rising.
  virtual std::vector<std::size_t> chromosomes() const = 0;

  /// Name of a chromosome on which windows lie, by its number.
  virtual const std::string& chromosome(std::size_t number) const = 0;

  virtual std::vector<PlaceField> places() const { return {PlaceField::position, PlaceField::chromosome}; }

  virtual std::string summary() const = 0;
};

/// [low, high) of a chromosome.
struct Stretch {
  std::int64_t low = 0;
  std::int64_t high = 0;
};

/// A base of a genome around which a window lies.
struct Locus {
  std::size_t chrom = 0;
  std::int64_t centre = 0;
  seq::Strand strand = seq::Strand::none;  ///< reverse: the window is read from the other strand
  std::optional<Stretch> within = {};      ///< what the window never leaves, whatever the jitter; it may reach beyond the chromosome
};

struct LocusWindowOptions {
  std::int64_t length = 500;
  std::int64_t jitter = 0;  ///< the centre moves by up to this many bases at random
};

/// Windows [centre - length / 2, centre - length / 2 + length), moved by one shift drawn from
/// -jitter..jitter and kept inside `within`. Where `within` does not hold them back they may reach
/// over the ends of linear chromosomes and the origin of circular ones, where they begin in [0,
/// length of the chromosome).
/// Errors: ArgumentError for chromosomes that are not there, and for a window that does not lie
/// `within`.
WindowsPtr windows_around(std::vector<Locus> loci, const seq::ChromSizes& sizes, const LocusWindowOptions& options);

struct TileOptions {
  std::int64_t length = 2048;  ///< bases of a tile
  bool random_phase = false;   ///< regions are cut at other places in each epoch, as for training
  bool both_strands = false;   ///< every tile twice: as it is, and read from the other strand
};

/// Tiles of `regions` (inside [0, chromosome length), disjoint). Every base of the regions is owned
/// by exactly one tile of an epoch and strand.
///
/// With `both_strands` the tiles of all regions come first as they are and then, the last tile of a
/// region first, as they are seen from the other strand.
/// Each strand of a region is a stretch of its own.
/// Errors: ArgumentError for regions outside of their chromosome, and a length below 1.
WindowsPtr tiles_of(std::vector<seq::Interval> regions, const seq::ChromSizes& sizes, const TileOptions& options);

}  // namespace basewise::corpus
