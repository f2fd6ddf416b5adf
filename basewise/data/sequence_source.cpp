#include "basewise/data/sequence_source.h"

#include <span>

#include "basewise/core/error.h"
#include "basewise/data/detail/row_dataset.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

namespace {

class SequenceSource : public Source {
 public:
  SequenceSource(seq::GenomePtr genome, const SequenceSourceOptions& options)
      : genome_(std::move(genome)), options_(options) {}

  void add_fields(Schema& schema, const corpus::Windows& windows) const override {
    const std::int64_t whole = options_.before + windows.length() + options_.after;
    for (const std::size_t number : windows.chromosomes()) {
      const seq::Chrom& chrom = genome_->sizes()[number];
      if (chrom.circular && whole > chrom.length)
        throw ArgumentError(
            format("a window of {} bases with its context is longer than the circular chromosome {} ({} bases); make it shorter",
                   whole, chrom.name, chrom.length));
    }
    schema.add(detail::sequence_field(whole, options_.tokens));
  }

  void fill(const corpus::Window& window, const ExampleRow& row) const override {
    const std::int64_t length = options_.before + window.length + options_.after;
    std::int64_t start = window.start - (window.reverse ? options_.after : options_.before);
    // The last tile of a phase may begin beyond the end of the region, with nothing of its own: on a circle that is the
    // beginning.
    if (window.circle > 0 && start >= window.circle) start -= window.circle;
    const seq::Strand strand = window.reverse ? seq::Strand::reverse : seq::Strand::none;
    if (options_.tokens)
      genome_->read(window.chrom, start, strand,
                    std::span(row.data<seq::Token>("sequence"), static_cast<std::size_t>(length)));
    else
      genome_->read_one_hot(window.chrom, start, strand, length, row.data<float>("sequence"), length);
  }

  bool reads_strand() const override { return true; }

  std::string summary() const override {
    std::string text = format("sequence of {}", genome_->source());
    if (options_.before + options_.after > 0)
      text += format(" with a context of {} + {} bases", options_.before, options_.after);
    return text;
  }

 private:
  seq::GenomePtr genome_;
  SequenceSourceOptions options_;
};

}  // namespace

SourcePtr sequence_of(seq::GenomePtr genome, const SequenceSourceOptions& options) {
  if (options.before < 0 || options.after < 0)
    throw ArgumentError(format("a context of {} and {} bases is negative", options.before, options.after));
  return std::make_shared<SequenceSource>(std::move(genome), options);
}

}  // namespace basewise::data
