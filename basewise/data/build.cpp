#include "basewise/data/build.h"

#include <algorithm>
#include <cctype>

#include "basewise/core/error.h"
#include "basewise/corpus/registry.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/views.h"

namespace basewise::data {

namespace detail {

std::filesystem::path add_input(DataSplits& splits, const std::filesystem::path& file) {
  if (file.empty()) return {};
  std::filesystem::path path = corpus::resolve_path(file.string());
  splits.inputs.push_back({file.string(), path});
  return path;
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
  for (const std::string& name : o.negatives.sets)
    if (std::find(corpus::kSetNames.begin(), corpus::kSetNames.end(), name) == corpus::kSetNames.end())
      throw ArgumentError(format("negatives.sets: there is no set '{}'; the sets are train, validation, test", name));
  return std::find(o.negatives.sets.begin(), o.negatives.sets.end(), corpus::kSetNames[set]) != o.negatives.sets.end();
}

std::optional<std::uint64_t> seed_of_negatives(const DataOptions& o, std::size_t set, std::uint64_t seed) {
  return set == 0 && o.negatives.redraw ? std::nullopt : std::optional(seed + set);
}

DatasetPtr turned(DatasetPtr set, const DataOptions& o, std::size_t number) {
  const double probability = number == 0 && o.augment.random ? o.augment.reverse_complement : 0;
  return probability > 0 ? reverse_complement(std::move(set), probability) : set;
}

namespace {

SequenceDataPtr read_sequences(const DataOptions& o, std::uint64_t seed, DataSplits& splits) {
  if (o.kind == "simulation") {
    add_input(splits, o.simulation.background);
    for (const corpus::SimulatedMotifOptions& motif : o.simulation.motifs) add_input(splits, motif.file);
    return sequences_of(corpus::simulate(o.simulation, seed));
  }
  if (o.kind == "table") {
    for (const std::filesystem::path& file : {o.table.file, o.table.test_file}) add_input(splits, file);
    TableOptions table = o.table;
    if (o.split.by == "column" && table.set.empty()) table.set = o.split.column;
    return read_table(table);
  }
  for (const std::filesystem::path& file : {o.fasta.file, o.fasta.negatives, o.fasta.table}) add_input(splits, file);
  return read_labelled_fasta(o.fasta);
}

// "chr2" of "chr2:1000-1100" or "chr2:1000-1100(+)".
std::string chromosome_of(const SequenceData& data, std::int64_t row) {
  const std::string& name = data.names[static_cast<std::size_t>(row)];
  const std::size_t colon = name.rfind(':');
  const std::size_t dash = colon == std::string::npos ? colon : name.find_first_not_of("0123456789,", colon + 1);
  if (colon == 0 || dash == std::string::npos || dash == colon + 1 || name[dash] != '-' || dash + 1 == name.size() ||
      std::isdigit(static_cast<unsigned char>(name[dash + 1])) == 0)
    throw DataError(
        format("{}: sequence {} is named '{}'; a split by chromosome needs names such as chr2:1000-1100", data.source, row + 1, name));
  return name.substr(0, colon);
}

corpus::IndexSplit split_names(const DataOptions& o, const SequenceData& data) {
  std::vector<std::string> chromosomes;
  for (std::int64_t row = 0; row < data.size(); ++row) chromosomes.push_back(chromosome_of(data, row));
  return corpus::split_by_chromosome(o.split, chromosomes);
}

// A test set that has a file of its own.
corpus::IndexSplit split_rest(const DataOptions& o, const SequenceData& data, std::uint64_t seed) {
  if (o.split.by != "fraction" || o.split.test_fraction != 0)
    throw ArgumentError(format(
        "split: table.test_file gives the test set, so that the other rows are split by fraction with test_fraction = 0; found by {} "
        "with test_fraction {}",
        o.split.by, o.split.test_fraction));
  const std::int64_t rest = data.size() - data.test_rows;
  corpus::IndexSplit split = corpus::split_fraction(o.split, rest, seed);
  for (std::int64_t row = rest; row < data.size(); ++row) split.test.push_back(row);
  return split;
}

corpus::IndexSplit split_sequences(const DataOptions& o, const SequenceData& data, std::uint64_t seed) {
  if (data.test_rows > 0) return split_rest(o, data, seed);
  if (o.split.by == "fraction") return corpus::split_fraction(o.split, data.size(), seed);
  if (o.split.by == "chromosome" && o.kind != "simulation") return split_names(o, data);
  if (o.split.by != "column")
    throw ArgumentError(format("split: sequences of a {} are split by fraction{}, not by {}", o.kind,
                               o.kind == "table"   ? ", column or the chromosome of their names"
                               : o.kind == "fasta" ? " or the chromosome of their names"
                                                   : "",
                               o.split.by));
  if (data.sets.empty()) throw ArgumentError(format("split: by column needs a table; a {} has no columns", o.kind));
  return corpus::split_by_words(data.sets, o.split.column);
}

EachSequence sequences_in(const SequenceData& data, const std::vector<std::int64_t>& rows) {
  return [&data, &rows](const auto& use) {
    for (const std::int64_t row : rows) use(data.names[static_cast<std::size_t>(row)], data.letters(row));
  };
}

// The views that the options ask for on set number `number` (corpus::kSetNames): random ones belong to training.
DatasetPtr dressed(DatasetPtr set, const DataOptions& o, const DataSplits& splits, std::size_t number, std::uint64_t seed) {
  const bool random = number == 0 && o.augment.random;
  if (o.negatives.kind == "shuffled" && set->size() > 0 && gets_negatives(o, number)) {
    if (splits.label_names.empty()) throw ArgumentError("negatives: shuffled sequences are labelled 0, but the data have no labels");
    set = with_shuffled_negatives(std::move(set), splits.target, o.negatives.ratio, seed_of_negatives(o, number, seed));
  }
  if (o.augment.jitter > 0) set = jitter(std::move(set), o.augment.jitter, random);
  return turned(std::move(set), o, number);
}

}  // namespace

DataSplits build_sequences(const DataOptions& o, std::uint64_t seed) {
  if (o.negatives.kind != "none" && o.negatives.kind != "shuffled")
    throw ArgumentError(format("negatives: {} needs a genome; for {} data there is shuffled", o.negatives.kind, o.kind));
  DataSplits splits;
  SequenceDataPtr data = read_sequences(o, seed, splits);
  const corpus::IndexSplit indices = split_sequences(o, *data, seed);
  data = with_label_noise(std::move(data), indices.train, o.train_label_noise, seed);
  const bool tokens = o.encoding == "tokens";
  splits.label_names = data->label_names;
  splits.notes = data->notes;
  if (indices.left_out > 0) splits.notes.push_back(format("{} sequences belong to no set", indices.left_out));
  splits.train = dressed(sequence_dataset(data, indices.train, tokens), o, splits, 0, seed);
  splits.validation = dressed(sequence_dataset(data, indices.validation, tokens), o, splits, 1, seed);
  splits.test = dressed(sequence_dataset(data, indices.test, tokens), o, splits, 2, seed);
  if (o.check_duplicates)
    note_duplicates(splits, o.duplicates, static_cast<std::int64_t>(indices.train.size()) * data->length,
                    sequences_in(*data, indices.train), sequences_in(*data, indices.validation), sequences_in(*data, indices.test));
  return splits;
}

}  // namespace detail

const DatasetPtr& DataSplits::operator[](std::string_view set) const {
  if (set == "train") return train;
  if (set == "validation") return validation;
  if (set == "test") return test;
  throw ArgumentError(format("there is no set '{}'; the sets are train, validation, test", set));
}

DataSplits build_data(const DataOptions& options, std::uint64_t seed) {
  DataOptions checked = options;
  check(described(checked), "data");
  if (options.seed != 0) seed = options.seed;
  DataSplits splits = with_context("data", [&] {
    const bool windows = options.kind == "genome" || options.kind == "profile";
    if (windows && options.train_label_noise > 0)
      throw ArgumentError("train_label_noise turns labels of sequences round; windows of a genome have none of it");
    if (options.kind == "profile") return detail::build_profiles(options, seed);
    return windows ? detail::build_genome(options, seed) : detail::build_sequences(options, seed);
  });
  detail::describe_sets(splits);
  return splits;
}

}  // namespace basewise::data
