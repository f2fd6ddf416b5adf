#include "basewise/data/genome_tiles.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

class SiteLabels : public TargetSource {
 public:
  SiteLabels(const SiteTable& table, const seq::ChromSizes& sizes, std::string name)
      : index_(table, sizes), name_(std::move(name)), summary_(table.summary()) {}
  std::string name() const override { return name_; }
  std::int64_t channels() const override { return 2; }
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
  SiteIndex index_;
  std::string name_;
  std::string summary_;
};

class GenomeTiles : public Dataset {
 public:
  GenomeTiles(seq::GenomePtr genome, std::shared_ptr<const Tiling> tiling, std::vector<TargetSourcePtr> sources, GenomeTilesOptions options,
              std::int64_t phase)
      : genome_(std::move(genome)), tiling_(std::move(tiling)), sources_(std::move(sources)), options_(options), phase_(phase) {
    for (const seq::Interval& region : tiling_->regions()) chroms_.push_back(genome_->sizes().index(region.chrom, "a tiling"));
  }

  std::int64_t size() const override { return tiling_->size(); }

  Bundle get(std::int64_t i, Stream) const override {
    const Tile tile = tiling_->tile(i, phase_);
    Bundle example{{"sequence", sequence(tile)}};
    for (const TargetSourcePtr& source : sources_) set_target(example, *source, tile);
    example.set("position", at::scalar_tensor(tile.start, at::kLong));
    example.set("chromosome", at::scalar_tensor(static_cast<std::int64_t>(chroms_[tile.region]), at::kLong));
    return example;
  }

  std::string summary() const override {
    std::string text = format("{} tiles of {} bases (context {} + {}) over {} bases of {}", size(), options_.length, options_.context_left,
                              options_.context_right, seq::total_length(tiling_->regions()), genome_->source());
    for (const TargetSourcePtr& source : sources_) text += format("; {}: {}", source->name(), source->summary());
    return text;
  }

  StrandRule strand_rule(std::string_view name) const override {
    for (const TargetSourcePtr& source : sources_)
      if (source->name() == name) return source->strand_rule();
    return Dataset::strand_rule(name);
  }

  DatasetPtr at_epoch(const Stream& draw) const override {
    if (!options_.random_phase) return nullptr;
    Stream stream = draw;
    const auto phase = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(options_.length / unit())));
    return std::make_shared<GenomeTiles>(genome_, tiling_, sources_, options_, phase * unit());
  }

 private:
  // Tiles move by whole bins, so that bins hold the same bases in every epoch.
  std::int64_t unit() const {
    std::int64_t largest = 1;
    for (const TargetSourcePtr& source : sources_) largest = std::max(largest, source->bin());
    return largest;
  }

  at::Tensor sequence(const Tile& tile) const {
    const std::int64_t length = options_.context_left + options_.length + options_.context_right;
    at::Tensor out = at::empty({seq::kChannels, length}, at::kFloat);
    std::int64_t start = tile.start - options_.context_left;
    // The last tile of a phase may begin beyond the end of the region, with nothing of its own: on a circle that is the beginning.
    const seq::Chrom& chrom = genome_->sizes()[chroms_[tile.region]];
    if (chrom.circular && start >= chrom.length) start -= chrom.length;
    const seq::Interval place{tiling_->regions()[tile.region].chrom, start, start + length, seq::Strand::none};
    genome_->one_hot(place, std::span(out.data_ptr<float>(), static_cast<std::size_t>(out.numel())), seq::Edges::pad);
    return out;
  }

  void set_target(Bundle& example, const TargetSource& source, const Tile& tile) const {
    const std::int64_t bin = source.bin();
    const std::int64_t bins = options_.length / bin;
    at::Tensor values = at::empty({source.channels(), bins}, at::kFloat);
    at::Tensor mask = at::empty({source.channels(), bins}, at::kBool);
    std::fill_n(values.data_ptr<float>(), values.numel(), 0.0F);
    std::fill_n(mask.data_ptr<bool>(), mask.numel(), false);
    // Whole bins only: a bin of which a part belongs to another set is nobody's.
    const std::int64_t first = (tile.owned_start - tile.start + bin - 1) / bin;
    const std::int64_t last = (tile.owned_end - tile.start) / bin;
    if (first < last)
      source.fill(chroms_[tile.region], tile.start + first * bin, (last - first) * bin, values.data_ptr<float>() + first,
                  mask.data_ptr<bool>() + first, bins);
    example.set(source.name(), values);
    example.set(source.name() + ".mask", mask);
  }

  seq::GenomePtr genome_;
  std::shared_ptr<const Tiling> tiling_;
  std::vector<TargetSourcePtr> sources_;
  GenomeTilesOptions options_;
  std::int64_t phase_;
  std::vector<std::size_t> chroms_;
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

TargetSourcePtr site_labels(const SiteTable& table, const seq::ChromSizes& sizes, std::string name) {
  return std::make_shared<SiteLabels>(table, sizes, std::move(name));
}

DatasetPtr genome_tiles(seq::GenomePtr genome, std::vector<seq::Interval> regions, std::vector<TargetSourcePtr> sources,
                        const GenomeTilesOptions& options) {
  check_regions(regions, genome->sizes());
  check_length(options, regions, genome->sizes());
  for (const TargetSourcePtr& source : sources)
    if (options.length % source->bin() != 0)
      throw ArgumentError(format("tiles of {} bases do not hold a whole number of bins of {} bases", options.length, source->bin()));
  auto tiling = std::make_shared<const Tiling>(std::move(regions), options.length, options.random_phase);
  return std::make_shared<GenomeTiles>(std::move(genome), std::move(tiling), std::move(sources), options, 0);
}

}  // namespace basewise::data
