#include "basewise/data/genome_tiles.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/site_index.h"
#include "basewise/data/detail/row_dataset.h"
#include "basewise/data/detail/strand.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

class SiteLabels : public TargetSource {
 public:
  SiteLabels(const corpus::SiteTable& table, const seq::ChromSizes& sizes, std::string name)
      : index_(table, sizes), name_(std::move(name)), summary_(table.summary()) {}
  std::string name() const override { return name_; }
  std::int64_t channels() const override { return 2; }
  std::vector<std::string> channel_names() const override { return {"forward", "reverse"}; }
  StrandRule strand_rule() const override { return StrandRule::paired; }
  std::string summary() const override { return summary_; }

  void fill(std::size_t chrom, std::int64_t start, std::int64_t length, float* values, bool* measured, std::int64_t stride) const override {
    for (const seq::Strand strand : {seq::Strand::forward, seq::Strand::reverse}) {
      std::fill_n(values, length, 0.0F);
      std::fill_n(measured, length, true);
      for (const std::int64_t position : index_.range(chrom, strand, start, start + length)) values[position - start] = 1;
      values += stride;
      measured += stride;
    }
  }

 private:
  corpus::SiteIndex index_;
  std::string name_;
  std::string summary_;
};

class GenomeTiles : public detail::RowDataset {
 public:
  GenomeTiles(seq::GenomePtr genome, std::shared_ptr<const corpus::Tiling> tiling, std::vector<TargetSourcePtr> sources, GenomeTilesOptions options,
              std::int64_t phase)
      : genome_(std::move(genome)), tiling_(std::move(tiling)), sources_(std::move(sources)), options_(options), phase_(phase) {
    for (const seq::Interval& region : tiling_->regions()) chroms_.push_back(genome_->sizes().index(region.chrom, "a tiling"));
    for (const TargetSourcePtr& source : sources_) names_.push_back({source->name(), source->name() + ".mask"});
  }

  std::int64_t size() const override { return tiling_->size() * (options_.both_strands ? 2 : 1); }

  void write(std::int64_t i, Stream, const ExampleRow& row) const override {
    const bool other_strand = i >= tiling_->size();
    const corpus::Tile tile = tiling_->tile(other_strand ? turned_tile(i - tiling_->size()) : i, phase_);
    const std::size_t chrom = chroms_[tile.region];
    write_sequence(tile, chrom, other_strand ? options_.context_right : options_.context_left, row);
    for (std::size_t k = 0; k < sources_.size(); ++k) write_target(*sources_[k], names_[k], tile, chrom, row);
    *row.data<std::int64_t>("position") = tile.start;
    *row.data<std::int64_t>("chromosome") = static_cast<std::int64_t>(chrom);
    const seq::Chrom& known = genome_->sizes()[chrom];
    *row.data<std::int64_t>("circle") = known.circular ? known.length : 0;
    if (options_.both_strands) *row.data<std::int64_t>("strand") = other_strand;
    if (!other_strand) return;
    for (const ExampleRow::Slot& slot : row.slots()) detail::reverse_in_place(slot, schema().strand_rule(slot.name));
  }

  std::string summary() const override {
    std::string text = format("{} tiles of {} bases (context {} + {}) over {} bases of {}{}", size(), options_.length,
                              options_.context_left, options_.context_right, seq::total_length(tiling_->regions()), genome_->source(),
                              options_.both_strands ? ", on both strands" : "");
    for (const TargetSourcePtr& source : sources_) text += format("; {}: {}", source->name(), source->summary());
    return text;
  }

  std::vector<std::int64_t> stretches() const override {
    std::vector<std::int64_t> lengths = tiling_->counts();
    const std::size_t regions = lengths.size();
    for (std::size_t r = 0; options_.both_strands && r < regions; ++r) lengths.push_back(lengths[r]);
    return lengths;
  }

  DatasetPtr at_epoch(const Stream& draw) const override {
    if (!options_.random_phase) return nullptr;
    Stream stream = draw;
    const auto phase = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(options_.length / unit())));
    return std::make_shared<GenomeTiles>(genome_, tiling_, sources_, options_, phase * unit());
  }

 protected:
  Schema make_schema() const override {
    Schema schema{detail::sequence_field(whole_length(), options_.tokens)};
    for (const TargetSourcePtr& source : sources_) {
      schema.add({.name = source->name(),
                  .shape = {source->channels(), options_.length / source->bin()},
                  .rule = source->strand_rule(),
                  .role = Role::target,
                  .bin = source->bin(),
                  .channels = source->channel_names()});
      schema.add_mask(source->name());
    }
    schema.add_places({"position", "chromosome", "circle"});
    if (options_.both_strands) schema.add_places({"strand"});
    return schema;
  }

 private:
  struct Names {
    std::string values;
    std::string mask;
  };

  // Number i of the tiles when each region is read from its end.
  std::int64_t turned_tile(std::int64_t i) const {
    std::int64_t first = 0;
    for (const std::int64_t count : tiling_->counts()) {
      if (i < first + count) return first + count - 1 - (i - first);
      first += count;
    }
    throw ArgumentError(format("no tile {} of {}", i, first));
  }

  std::int64_t whole_length() const { return options_.context_left + options_.length + options_.context_right; }

  // Tiles move by whole bins, so that bins hold the same bases in every epoch.
  std::int64_t unit() const {
    std::int64_t largest = 1;
    for (const TargetSourcePtr& source : sources_) largest = std::max(largest, source->bin());
    return largest;
  }

  // With `before` bases of context in front, in the coordinates of the chromosome.
  void write_sequence(const corpus::Tile& tile, std::size_t chrom, std::int64_t before, const ExampleRow& row) const {
    std::int64_t start = tile.start - before;
    // The last tile of a phase may begin beyond the end of the region, with nothing of its own: on a circle that is the beginning.
    const seq::Chrom& known = genome_->sizes()[chrom];
    if (known.circular && start >= known.length) start -= known.length;
    if (options_.tokens)
      genome_->read(chrom, start, seq::Strand::none,
                    std::span(row.data<seq::Token>("sequence"), static_cast<std::size_t>(whole_length())));
    else
      genome_->read_one_hot(chrom, start, seq::Strand::none, whole_length(), row.data<float>("sequence"), whole_length());
  }

  static void write_target_outside(float* values, bool* mask, std::int64_t count) {
    std::fill_n(values, count, 0.0F);
    std::fill_n(mask, count, false);
  }

  void write_target(const TargetSource& source, const Names& names, const corpus::Tile& tile, std::size_t chrom, const ExampleRow& row) const {
    const std::int64_t bin = source.bin();
    const std::int64_t bins = options_.length / bin;
    float* values = row.data<float>(names.values);
    bool* mask = row.data<bool>(names.mask);
    // Whole bins only: a bin of which a part belongs to another set is nobody's.
    const bool owner = tile.owned_start < tile.owned_end;  // a last tile may lie behind its region
    const std::int64_t first = owner ? (tile.owned_start - tile.start + bin - 1) / bin : 0;
    const std::int64_t last = owner ? std::max((tile.owned_end - tile.start) / bin, first) : 0;
    for (std::int64_t c = 0; c < source.channels(); ++c) {
      write_target_outside(values + c * bins, mask + c * bins, first);
      write_target_outside(values + c * bins + last, mask + c * bins + last, bins - last);
    }
    if (first < last) source.fill(chrom, tile.start + first * bin, (last - first) * bin, values + first, mask + first, bins);
  }

  seq::GenomePtr genome_;
  std::shared_ptr<const corpus::Tiling> tiling_;
  std::vector<TargetSourcePtr> sources_;
  GenomeTilesOptions options_;
  std::int64_t phase_;
  std::vector<std::size_t> chroms_;  // of the regions
  std::vector<Names> names_;         // of the tensors of the sources
};

void check_regions(const std::vector<seq::Interval>& regions, const seq::ChromSizes& sizes) {
  for (const seq::Interval& region : regions) {
    const seq::Chrom& chrom = sizes.resolve(region.chrom, "a tiling");
    if (region.start < 0 || region.end > chrom.length || region.end <= region.start)
      throw ArgumentError(
          format("region [{}, {}) of {} does not lie in [0, {}), or is empty", region.start, region.end, chrom.name, chrom.length));
  }
}

void check_length(const GenomeTilesOptions& o, const std::vector<seq::Interval>& regions, const seq::ChromSizes& sizes) {
  if (o.context_left < 0 || o.context_right < 0)
    throw ArgumentError(format("a context of {} and {} bases is negative", o.context_left, o.context_right));
  const std::int64_t whole = o.context_left + o.length + o.context_right;
  for (const seq::Interval& region : regions) {
    const seq::Chrom& chrom = sizes.resolve(region.chrom, "a tiling");
    if (chrom.circular && whole > chrom.length)
      throw ArgumentError(
          format("a window of {} bases with its context is longer than the circular chromosome {} ({} bases); make it shorter", whole,
                 chrom.name, chrom.length));
  }
}

}  // namespace

TargetSourcePtr site_labels(const corpus::SiteTable& table, const seq::ChromSizes& sizes, std::string name) {
  return std::make_shared<SiteLabels>(table, sizes, std::move(name));
}

DatasetPtr genome_tiles(seq::GenomePtr genome, std::vector<seq::Interval> regions, std::vector<TargetSourcePtr> sources,
                        const GenomeTilesOptions& options) {
  check_regions(regions, genome->sizes());
  check_length(options, regions, genome->sizes());
  for (const TargetSourcePtr& source : sources)
    if (options.length % source->bin() != 0)
      throw ArgumentError(format("tiles of {} bases do not hold a whole number of bins of {} bases", options.length, source->bin()));
  auto tiling = std::make_shared<const corpus::Tiling>(std::move(regions), options.length, options.random_phase);
  return std::make_shared<GenomeTiles>(std::move(genome), std::move(tiling), std::move(sources), options, 0);
}

}  // namespace basewise::data
