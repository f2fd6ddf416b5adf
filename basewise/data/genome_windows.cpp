#include "basewise/data/genome_windows.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/data/detail/labels.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

class GenomeWindows : public Dataset {
 public:
  GenomeWindows(seq::GenomePtr genome, std::vector<LabelledPlace> places, GenomeWindowsOptions options, std::string source)
      : genome_(std::move(genome)), places_(std::move(places)), options_(options), source_(std::move(source)) {
    for (const LabelledPlace& place : places_)
      masked_ = masked_ || std::any_of(place.labels.begin(), place.labels.end(), [](float x) { return std::isnan(x); });
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(places_.size()); }

  Bundle get(std::int64_t i, Stream draw) const override {
    const LabelledPlace& place = places_.at(static_cast<std::size_t>(i));
    const std::int64_t moved = options_.jitter > 0 ? draw.integer(-options_.jitter, options_.jitter) : 0;
    const std::int64_t start = first_base(place, moved);
    at::Tensor sequence = at::empty({seq::kChannels, options_.length}, at::kFloat);
    const seq::Interval window{genome_->sizes()[place.chrom].name, start, start + options_.length, place.strand};
    genome_->one_hot(window, std::span(sequence.data_ptr<float>(), static_cast<std::size_t>(sequence.numel())), seq::Edges::pad);
    Bundle example{{"sequence", sequence}};
    if (!place.labels.empty()) detail::set_labels(example, place.labels, masked_);
    example.set("position", at::scalar_tensor(start, at::kLong));
    example.set("chromosome", at::scalar_tensor(static_cast<std::int64_t>(place.chrom), at::kLong));
    return example;
  }

  std::string summary() const override {
    return format("{} windows of {} bases of {}: {}", size(), options_.length, genome_->source(), source_);
  }

 private:
  // A jitter may carry a centre over the origin of a circular chromosome.
  std::int64_t first_base(const LabelledPlace& place, std::int64_t moved) const {
    const seq::Chrom& chrom = genome_->sizes()[place.chrom];
    const std::int64_t start = place.centre + moved - options_.length / 2;
    return chrom.circular ? ((start % chrom.length) + chrom.length) % chrom.length : start;
  }

  seq::GenomePtr genome_;
  std::vector<LabelledPlace> places_;
  GenomeWindowsOptions options_;
  std::string source_;
  bool masked_ = false;
};

}  // namespace

DatasetPtr genome_windows(seq::GenomePtr genome, std::vector<LabelledPlace> places, const GenomeWindowsOptions& options,
                          std::string source) {
  if (options.length < 1 || options.jitter < 0)
    throw ArgumentError(format("windows of {} bases with a jitter of {}: expected at least 1 and 0", options.length, options.jitter));
  for (const LabelledPlace& place : places)
    if (place.chrom >= genome->sizes().size() || place.labels.size() != places.front().labels.size())
      throw ArgumentError("places of windows must lie on chromosomes of the genome and have the same number of labels");
  return std::make_shared<GenomeWindows>(std::move(genome), std::move(places), options, std::move(source));
}

}  // namespace basewise::data
