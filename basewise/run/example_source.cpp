#include "basewise/run/example_source.h"

#include <utility>

#include "basewise/core/error.h"
#include "basewise/data/sequence_stream.h"
#include "basewise/infer/genome.h"
#include "basewise/run/detail/example_sets.h"
#include "basewise/run/detail/example_windows.h"
#include "basewise/run/detail/row_writer.h"

namespace basewise::run {
namespace {

/// FASTA or table.
class SequenceSource : public ExampleSource {
 public:
  SequenceSource(const OpenRun& run, const ExampleOptions& o)
      : read_{.fasta = o.fasta,
              .table = o.table,
              .sequence = o.sequence_column,
              .ambiguity = o.ambiguity,
              .length = {.length = infer::declared_length(*run.model), .fit = o.fit}} {
    rewind();
  }

  void rewind() override {
    stream_.emplace(read_);
    part_.reset();
    first_ = passed_ = 0;
  }

  std::optional<ExampleBatch> next(std::int64_t most, const Wanted& wanted) override {
    ExampleBatch batch;
    std::vector<at::Tensor> rows;
    while (batch.size() < most && fill()) {
      const data::SequenceData& data = *part_->data;
      const std::int64_t row = passed_++ - first_;
      if (!wanted(passed_ - 1)) continue;
      batch.numbers.push_back(passed_ - 1);
      batch.examples.push_back({.name = detail::field_text(data.names[static_cast<std::size_t>(row)])});
      at::Tensor sequence = at::zeros({4, data.length}, at::kFloat);
      seq::one_hot(data.sequence(row), std::span(sequence.mutable_data_ptr<float>(), static_cast<std::size_t>(4 * data.length)));
      rows.push_back(std::move(sequence));
    }
    if (rows.empty()) return std::nullopt;
    batch.inputs = {{"sequence", at::stack(rows)}};
    return batch;
  }

  std::int64_t passed() const override { return passed_; }
  std::vector<std::string> notes() const override { return stream_->notes(); }
  std::optional<seq::ChromSizes> chromosomes() const override { return std::nullopt; }

 private:
  /// Whether there is a sequence to go on with.
  bool fill() {
    constexpr std::int64_t kPart = 1024;
    if (part_ && passed_ < first_ + part_->data->size()) return true;
    first_ = passed_;
    part_ = stream_->next(kPart);
    return part_.has_value();
  }

  data::SequenceStreamOptions read_;
  std::optional<data::SequenceStream> stream_ = {};
  std::optional<data::SequencePart> part_ = {};
  std::int64_t first_ = 0;  ///< number of the first sequence of the part
  std::int64_t passed_ = 0;
};

void check_options(const ExampleOptions& o) {
  const int kinds = sources_given(o);
  if (kinds != 1)
    throw ArgumentError(format("exactly one of genome (with bed or regions), fasta, table and split says what the examples are; {} given",
                               kinds == 0 ? "none is" : "several are"));
  check_places(o);
  if (!o.genome.empty() && o.regions.empty() == o.bed.empty())
    throw ArgumentError(o.bed.empty() ? "a genome needs intervals (bed) or regions to say where the examples lie"
                                      : "regions and bed both say where the examples lie: give one of them");
}

}  // namespace

std::unique_ptr<ExampleSource> open_examples(const OpenRun& run, const ExampleOptions& asked, std::int64_t central) {
  check_options(asked);
  PredictOptions options;
  options.examples = detail::with_files_found(run, asked);
  if (options.examples.split != PredictSplit::none) return detail::set_source(run, options);
  if (!options.examples.genome.empty()) return detail::window_source(run, options.examples, central);
  detail::check_reads_sequence(
      {.options = options, .run = run, .model = *run.model, .output = {}, .names = {}, .score = {}, .strands = {}});
  return std::make_unique<SequenceSource>(run, options.examples);
}

}  // namespace basewise::run
