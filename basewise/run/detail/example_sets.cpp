#include "basewise/run/detail/example_sets.h"

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/genome_data.h"
#include "basewise/data/profile_data.h"
#include "basewise/io/fasta.h"
#include "basewise/run/detail/data_arrays.h"
#include "basewise/run/detail/predict_split.h"
#include "basewise/run/run_setup.h"
#include "basewise/tensor/tokens.h"

namespace basewise::run::detail {
namespace {

/// The sizes of the genome of a recipe, read record by record; nothing where it has none.
std::optional<seq::ChromSizes> sizes_of_genome(const data::DataOptions& o) {
  if (o.kind != data::kGenomeKind.name && o.kind != data::kProfileKind.name) return std::nullopt;
  const std::filesystem::path fasta = corpus::resolve_path(o.genome.fasta.string());
  seq::ChromSizes sizes({}, fasta.string());
  io::FastaReader reader(fasta, {.ambiguity = seq::Ambiguity::as_n});
  for (io::FastaRecord record; reader.next(record);) sizes.add({record.name, std::ssize(record.sequence), o.genome.circular});
  for (const std::string& name : o.genome.circular_chromosomes) sizes.set_circular(name);
  return sizes;
}

class SetSource : public ExampleSource {
 public:
  SetSource(const OpenRun& run, const PredictOptions& options)
      : options_(options),
        job_{.options = options_, .run = run, .model = *run.model, .output = {}, .names = {}, .score = {}, .strands = {}} {
    check_has_data(run.folder);
    const data::DataSplits data = plain_data(run.recipe);
    parts_ = split_parts(job_, data);
  }

  void rewind() override {
    part_ = 0;
    row_ = passed_ = 0;
  }

  std::optional<ExampleBatch> next(std::int64_t most, const Wanted& wanted) override {
    ExampleBatch batch;
    std::vector<Bundle> rows;
    while (batch.size() < most && part_ < parts_.size()) {
      const data::Dataset& set = *parts_[part_].set;
      if (row_ == set.size()) {
        ++part_;
        row_ = 0;
        continue;
      }
      const std::int64_t row = row_++;
      if (!wanted(passed_++)) continue;
      const Bundle example = set.get(row, Stream(0));
      Bundle& inputs = rows.emplace_back();
      for (const std::string& input : job_.model.input_names()) inputs.set(input, example.at(input));
      batch.numbers.push_back(passed_ - 1);
      batch.examples.push_back(example_of(set, row, example.at("sequence").size(-1)));
    }
    if (batch.size() == 0) return std::nullopt;
    for (const auto& [name, values] : stack(rows)) batch.inputs.set(name, is_tokens(values) ? one_hot_of(values).contiguous() : values);
    return batch;
  }

  std::int64_t passed() const override { return passed_; }
  std::vector<std::string> notes() const override { return {}; }
  std::optional<seq::ChromSizes> chromosomes() const override { return sizes_of_genome(job_.run.recipe.data); }

 private:
  /// The window that has labels lies in the middle of what the model reads.
  static Example example_of(const data::Dataset& set, std::int64_t row, std::int64_t length) {
    const data::Origin origin = set.origin(row);
    Example example{.name = origin_fields(set, row, false).front()};
    if (origin.chromosome.empty() || origin.made_up) return example;
    example.chrom = origin.chromosome;
    example.start = origin.start + (origin.end - origin.start) / 2 - length / 2;
    example.end = example.start + length;
    example.reverse = origin.reverse;
    return example;
  }

  PredictOptions options_;
  PredictJob job_;
  std::vector<SplitPart> parts_ = {};
  std::size_t part_ = 0;
  std::int64_t row_ = 0, passed_ = 0;
};

}  // namespace

std::unique_ptr<ExampleSource> set_source(const OpenRun& run, const PredictOptions& options) {
  return std::make_unique<SetSource>(run, options);
}

}  // namespace basewise::run::detail
