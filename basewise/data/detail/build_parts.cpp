#include "basewise/data/detail/build_parts.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/detail/site_sets.h"
#include "basewise/io/fasta_genome.h"

namespace basewise::data::detail {

namespace {

seq::GenomePtr read_genome(const GenomeDataOptions& o, DataSplits& splits) {
  if (o.fasta.empty()) throw ArgumentError("genome: the option 'fasta' is missing");
  io::GenomeOptions options{.path = add_input(splits, o.fasta),
                            .ambiguity = o.ambiguity,
                            .chroms = o.chromosomes,
                            .circular = o.circular_chromosomes};
  if (!o.aliases.empty()) options.aliases = add_input(splits, o.aliases);
  io::GenomeResult read = io::load_genome(options);
  if (o.circular)
    for (const std::string& name : read.genome.sizes().names()) read.genome.sizes().set_circular(name);
  if (read.report.skipped > 0 || !read.report.notes.empty()) splits.notes.push_back(format("genome: {}", read.report.summary()));
  for (const std::string& remark : read.report.remarks) splits.notes.push_back("genome: " + remark);
  return std::make_shared<const seq::Genome>(std::move(read.genome));
}

// Sets of files of their own leave all else to training where no split is asked for.
corpus::RegionSplit regions_of(const DataOptions& o, const seq::ChromSizes& sizes) {
  const corpus::SplitOptions standard;
  const bool asked = o.split.by != standard.by || o.split.validation_fraction != standard.validation_fraction ||
                     o.split.test_fraction != standard.test_fraction;
  if (asked || !has_own_files(o.genome.sites)) return corpus::split_genome(o.split, sizes);
  return {.train = sizes.intervals(), .validation = {}, .test = {}};
}

}  // namespace

std::filesystem::path add_input(DataSplits& splits, const std::filesystem::path& file) {
  if (file.empty()) return {};
  std::filesystem::path path = corpus::resolve_path(file.string());
  splits.inputs.push_back({file.string(), path});
  return path;
}

void add_inputs(DataSplits& splits, const FileList& files) {
  for (const std::filesystem::path& file : files) add_input(splits, file);
}

void describe_sets(DataSplits& splits) {
  splits.summary =
      format("train: {}\nvalidation: {}\ntest: {}", splits.train->summary(), splits.validation->summary(), splits.test->summary());
  for (const std::string& note : splits.notes) splits.summary += "\nnote: " + note;
}

void note_duplicates(DataSplits& splits, const corpus::DuplicateOptions& options, std::int64_t bases, const EachSequence& train,
                     const EachSequence& validation, const EachSequence& test) {
  corpus::DuplicateIndex index(bases, options);
  train([&](const std::string& name, const std::string& letters) { index.add(name, letters); });
  for (const auto& [set, each] : {std::pair("validation", &validation), std::pair("test", &test)}) {
    index.restart();
    (*each)([&](const std::string& name, const std::string& letters) { index.look_up(name, letters); });
    const corpus::DuplicateReport& report = index.report();
    if (report.exact + report.near > 0) splits.notes.push_back(report.to_string("train", set));
  }
}

bool gets_negatives(const DataOptions& o, std::size_t set) {
  return std::find(o.negatives.sets.begin(), o.negatives.sets.end(), corpus::SetName(set)) != o.negatives.sets.end();
}

std::optional<std::uint64_t> seed_of_negatives(const DataOptions& o, std::size_t set, std::uint64_t seed) {
  return set == 0 && o.negatives.redraw ? std::nullopt : std::optional(seed + set);
}

DatasetPtr turned(DatasetPtr set, const DataOptions& o, std::size_t number) {
  return number == 0 && o.augment.random ? augmented(std::move(set), o.augment) : set;
}

void refuse_label_noise(const DataOptions& o) {
  if (o.train_label_noise > 0)
    throw ArgumentError("train_label_noise turns labels of sequences round; windows of a genome have none of it");
}

DataSplits open_genome(const DataOptions& o) {
  DataSplits splits;
  splits.genome = read_genome(o.genome, splits);
  if (!o.split.folds.empty()) add_input(splits, o.split.folds);
  splits.regions = regions_of(o, splits.genome->sizes());
  splits.notes.insert(splits.notes.end(), splits.regions.notes.begin(), splits.regions.notes.end());
  return splits;
}

}  // namespace basewise::data::detail
