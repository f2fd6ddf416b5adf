#include "basewise/data/genome_windows.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/data/detail/labels.h"
#include "basewise/data/detail/row_dataset.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

class GenomeWindows : public detail::RowDataset {
 public:
  GenomeWindows(seq::GenomePtr genome, std::vector<LabelledPlace> places, GenomeWindowsOptions options, std::string source)
      : genome_(std::move(genome)), places_(std::move(places)), options_(std::move(options)), source_(std::move(source)) {
    for (std::size_t t = 0; options_.labels.empty() && !places_.empty() && t < places_.front().labels.size(); ++t)
      numbers_.push_back(std::to_string(t));
    for (const LabelledPlace& place : places_)
      masked_ = masked_ || std::any_of(place.labels.begin(), place.labels.end(), [](float x) { return std::isnan(x); });
  }

  std::int64_t size() const override { return static_cast<std::int64_t>(places_.size()); }

  void write(std::int64_t i, Stream draw, const ExampleRow& row) const override {
    const LabelledPlace& place = places_.at(static_cast<std::size_t>(i));
    const std::int64_t moved = options_.jitter > 0 ? draw.integer(-options_.jitter, options_.jitter) : 0;
    const std::int64_t start = first_base(place, moved);
    if (options_.tokens)
      genome_->read(place.chrom, start, place.strand,
                    std::span(row.data<seq::Token>("sequence"), static_cast<std::size_t>(options_.length)));
    else
      genome_->read_one_hot(place.chrom, start, place.strand, options_.length, row.data<float>("sequence"), options_.length);
    if (!place.labels.empty()) detail::write_labels(row, place.labels, masked_);
    *row.data<std::int64_t>("position") = start;
    *row.data<std::int64_t>("chromosome") = static_cast<std::int64_t>(place.chrom);
  }

  bool positive(std::int64_t i) const override {
    const std::vector<float>& labels = places_.at(static_cast<std::size_t>(i)).labels;
    return std::find(labels.begin(), labels.end(), 1.0F) != labels.end();
  }

  std::string summary() const override {
    return format("{} windows of {} bases of {}: {}", size(), options_.length, genome_->source(), source_);
  }

 protected:
  Schema make_schema() const override {
    Schema schema{detail::sequence_field(options_.length, options_.tokens)};
    detail::add_labels(schema, options_.labels.empty() ? numbers_ : options_.labels, masked_);
    schema.add_places({"position", "chromosome"});
    return schema;
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
  std::vector<std::string> numbers_;  // in place of names that were not given
  bool masked_ = false;
};

}  // namespace

DatasetPtr genome_windows(seq::GenomePtr genome, std::vector<LabelledPlace> places, const GenomeWindowsOptions& options,
                          std::string source) {
  if (options.length < 1 || options.jitter < 0)
    throw ArgumentError(format("windows of {} bases with a jitter of {}: expected at least 1 and 0", options.length, options.jitter));
  for (const LabelledPlace& place : places)
    if (place.chrom >= genome->sizes().size() || place.labels.size() != places.front().labels.size() ||
        (!options.labels.empty() && place.labels.size() != options.labels.size()))
      throw ArgumentError("places of windows must lie on chromosomes of the genome and have the same number of labels");
  return std::make_shared<GenomeWindows>(std::move(genome), std::move(places), options, std::move(source));
}

}  // namespace basewise::data
