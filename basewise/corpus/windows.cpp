#include "basewise/corpus/windows.h"

#include <algorithm>
#include <set>

#include "basewise/core/error.h"
#include "basewise/corpus/tiling.h"

namespace basewise::corpus {

namespace {

class LocusWindows : public Windows {
 public:
  LocusWindows(std::vector<Locus> loci, const seq::ChromSizes& sizes, const LocusWindowOptions& options)
      : loci_(std::move(loci)), chroms_(sizes.begin(), sizes.end()), options_(options) {
    for (const Locus& locus : loci_) check_locus(locus, sizes);
    whole_ = std::all_of(loci_.begin(), loci_.end(), [&](const Locus& locus) {
      return locus.within && locus.within->low >= 0 && locus.within->high <= sizes[locus.chrom].length;
    });
  }

  std::int64_t size() const override { return std::ssize(loci_); }
  std::int64_t length() const override { return options_.length; }

  Window window(std::int64_t i, Stream draw) const override {
    const Locus& locus = loci_.at(static_cast<std::size_t>(i));
    const seq::Chrom& chrom = chroms_[locus.chrom];
    const std::int64_t moved = options_.jitter > 0 ? draw.integer(-options_.jitter, options_.jitter) : 0;
    std::int64_t start = locus.centre + moved - options_.length / 2;
    if (locus.within) start = std::clamp(start, locus.within->low, locus.within->high - options_.length);
    if (chrom.circular)  // a jitter may carry a centre over the origin
      start = ((start % chrom.length) + chrom.length) % chrom.length;
    Window window{.locus = static_cast<std::size_t>(i),
                  .chrom = locus.chrom,
                  .circle = chrom.circular ? chrom.length : 0,
                  .start = start,
                  .length = options_.length,
                  .owned_start = start,
                  .owned_end = start + options_.length,
                  .reverse = locus.strand == seq::Strand::reverse};
    if (!chrom.circular) {
      window.owned_start = std::max<std::int64_t>(window.owned_start, 0);
      window.owned_end = std::min(window.owned_end, chrom.length);
    }
    return window;
  }

  bool whole() const override { return whole_; }

  std::vector<std::size_t> chromosomes() const override {
    std::set<std::size_t> found;
    for (const Locus& locus : loci_) found.insert(locus.chrom);
    return {found.begin(), found.end()};
  }

  const std::string& chromosome(std::size_t number) const override { return chroms_.at(number).name; }

  std::string summary() const override {
    std::string text = format("{} windows of {} bases", size(), options_.length);
    return options_.jitter > 0 ? text + format(", moved by up to {}", options_.jitter) : text;
  }

 private:
  void check_locus(const Locus& locus, const seq::ChromSizes& sizes) const {
    if (locus.chrom >= sizes.size())
      throw ArgumentError(format("windows: no chromosome {} among the {} of {}", locus.chrom, sizes.size(), sizes.source()));
    if (!locus.within) return;
    const seq::Chrom& chrom = sizes[locus.chrom];
    const std::int64_t start = locus.centre - options_.length / 2;
    if (start < locus.within->low || start + options_.length > locus.within->high)
      throw ArgumentError(format("the window [{}, {}) around {} of {} leaves [{}, {})", start, start + options_.length,
                                 locus.centre, chrom.name, locus.within->low, locus.within->high));
  }

  std::vector<Locus> loci_;
  std::vector<seq::Chrom> chroms_;
  LocusWindowOptions options_;
  bool whole_ = false;
};

class Tiles : public Windows {
 public:
  Tiles(std::shared_ptr<const Tiling> tiling, std::vector<seq::Chrom> chroms, std::vector<std::size_t> numbers,
        const TileOptions& options, std::int64_t phase)
      : tiling_(std::move(tiling)),
        chroms_(std::move(chroms)),
        numbers_(std::move(numbers)),
        options_(options),
        phase_(phase) {}

  std::int64_t size() const override { return tiling_->size() * (options_.both_strands ? 2 : 1); }
  std::int64_t length() const override { return options_.length; }

  Window window(std::int64_t i, Stream) const override {
    const bool reverse = i >= tiling_->size();
    const std::int64_t number = reverse && options_.both_strands ? turned(i - tiling_->size()) : i;
    const Tile tile = tiling_->tile(number, phase_);
    const seq::Chrom& chrom = chroms_[tile.region];
    return {.locus = static_cast<std::size_t>(number),
            .chrom = numbers_[tile.region],
            .circle = chrom.circular ? chrom.length : 0,
            .start = tile.start,
            .length = options_.length,
            .owned_start = tile.owned_start,
            .owned_end = tile.owned_end,
            .reverse = reverse};
  }

  WindowsPtr at_epoch(const Stream& draw, std::int64_t unit) const override {
    if (!options_.random_phase) return nullptr;
    Stream stream = draw;
    const auto phase = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(options_.length / unit)));
    return std::make_shared<Tiles>(tiling_, chroms_, numbers_, options_, phase * unit);
  }

  std::vector<std::int64_t> stretches() const override {
    std::vector<std::int64_t> lengths = tiling_->counts();
    const std::size_t regions = lengths.size();
    for (std::size_t r = 0; options_.both_strands && r < regions; ++r) lengths.push_back(lengths[r]);
    return lengths;
  }

  std::vector<std::size_t> chromosomes() const override {
    const std::set<std::size_t> found(numbers_.begin(), numbers_.end());
    return {found.begin(), found.end()};
  }

  const std::string& chromosome(std::size_t number) const override {
    const auto region = std::find(numbers_.begin(), numbers_.end(), number);
    if (region == numbers_.end()) throw ArgumentError(format("no tile lies on chromosome {}", number));
    return chroms_[static_cast<std::size_t>(region - numbers_.begin())].name;
  }

  std::vector<PlaceField> places() const override {
    std::vector<PlaceField> fields{PlaceField::position, PlaceField::chromosome, PlaceField::circle};
    if (options_.both_strands) fields.push_back(PlaceField::strand);
    return fields;
  }

  std::string summary() const override {
    return format("{} tiles of {} bases over {} bases{}", size(), options_.length, seq::total_length(tiling_->regions()),
                  options_.both_strands ? ", on both strands" : "");
  }

 private:
  // Number i of the tiles when each region is read from its end.
  std::int64_t turned(std::int64_t i) const {
    std::int64_t first = 0;
    for (const std::int64_t count : tiling_->counts()) {
      if (i < first + count) return first + count - 1 - (i - first);
      first += count;
    }
    throw ArgumentError(format("no tile {} of {}", i, first));
  }

  std::shared_ptr<const Tiling> tiling_;
  std::vector<seq::Chrom> chroms_;    // of the regions
  std::vector<std::size_t> numbers_;  // of these chromosomes
  TileOptions options_;
  std::int64_t phase_;
};

}  // namespace

WindowsPtr windows_around(std::vector<Locus> loci, const seq::ChromSizes& sizes, const LocusWindowOptions& options) {
  if (options.length < 1 || options.jitter < 0)
    throw ArgumentError(
        format("windows of {} bases with a jitter of {}: expected at least 1 and 0", options.length, options.jitter));
  return std::make_shared<LocusWindows>(std::move(loci), sizes, options);
}

WindowsPtr tiles_of(std::vector<seq::Interval> regions, const seq::ChromSizes& sizes, const TileOptions& options) {
  std::vector<seq::Chrom> chroms;
  std::vector<std::size_t> numbers;
  for (const seq::Interval& region : regions) {
    numbers.push_back(sizes.index(region.chrom, "a tiling"));
    const seq::Chrom& chrom = chroms.emplace_back(sizes[numbers.back()]);
    if (region.start < 0 || region.end > chrom.length || region.end <= region.start)
      throw ArgumentError(format("region [{}, {}) of {} does not lie in [0, {}), or is empty", region.start, region.end,
                                 chrom.name, chrom.length));
  }
  auto tiling = std::make_shared<const Tiling>(std::move(regions), options.length, options.random_phase);
  return std::make_shared<Tiles>(std::move(tiling), std::move(chroms), std::move(numbers), options, 0);
}

}  // namespace basewise::corpus
