#include "basewise/data/detail/sequence_sets.h"

#include <cctype>

#include "basewise/core/error.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/views.h"

namespace basewise::data::detail {

namespace {

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
  if (o.split.by != corpus::SplitBy::fraction || o.split.test_fraction != 0)
    throw ArgumentError(format(
        "split: table.test_file gives the test set, so that the other rows are split by fraction with test_fraction = 0; found by {} "
        "with test_fraction {}",
        o.split.by, o.split.test_fraction));
  const std::int64_t rest = data.size() - data.test_rows;
  corpus::IndexSplit split = corpus::split_fraction(o.split, rest, seed);
  for (std::int64_t row = rest; row < data.size(); ++row) split.test.push_back(row);
  return split;
}

corpus::IndexSplit indices_of(const DataOptions& o, const SequenceData& data, std::string_view also_by, std::uint64_t seed) {
  if (data.test_rows > 0) return split_rest(o, data, seed);
  if (o.split.by == corpus::SplitBy::fraction) return corpus::split_fraction(o.split, data.size(), seed);
  if (o.split.by == corpus::SplitBy::chromosome && !also_by.empty()) return split_names(o, data);
  if (o.split.by != corpus::SplitBy::column)
    throw ArgumentError(format("split: sequences of a {} are split by fraction{}, not by {}", o.kind, also_by, o.split.by));
  if (data.sets.empty()) throw ArgumentError(format("split: by column needs a table; a {} has no columns", o.kind));
  return corpus::split_by_words(data.sets, o.split.column);
}

EachSequence sequences_in(const SequenceData& data, const std::vector<std::int64_t>& rows) {
  return [&data, &rows](const auto& use) {
    for (const std::int64_t row : rows) use(data.names[static_cast<std::size_t>(row)], data.letters(row));
  };
}

// The views that the options ask for on set number `number` (corpus::kSetNames): random ones belong to training.
DatasetPtr dressed(DatasetPtr set, const DataOptions& o, std::size_t number, std::uint64_t seed) {
  const bool random = number == 0 && o.augment.random;
  if (o.negatives.kind == NegativeKind::shuffled && set->size() > 0 && gets_negatives(o, number)) {
    const Field* target = set->schema().first(Role::target);
    if (!target) throw ArgumentError("negatives: shuffled sequences are labelled 0, but the data have no labels");
    set = with_shuffled_negatives(std::move(set), target->name, o.negatives.ratio, seed_of_negatives(o, number, seed));
  }
  if (o.augment.jitter > 0) set = jitter(std::move(set), o.augment.jitter, random);
  return turned(std::move(set), o, number);
}

}  // namespace

DataSplits split_sequences(const DataOptions& o, std::uint64_t seed, std::string_view also_by,
                           const std::function<SequenceDataPtr(DataSplits&)>& read) {
  if (o.negatives.kind != NegativeKind::none && o.negatives.kind != NegativeKind::shuffled)
    throw ArgumentError(format("negatives: {} needs a genome; for {} data there is shuffled", o.negatives.kind, o.kind));
  DataSplits splits;
  SequenceDataPtr data = read(splits);
  const corpus::IndexSplit indices = indices_of(o, *data, also_by, seed);
  data = with_label_noise(std::move(data), indices.train, o.train_label_noise, seed);
  const bool tokens = o.encoding == Encoding::tokens;
  splits.notes = data->notes;
  if (indices.left_out > 0) splits.notes.push_back(format("{} sequences belong to no set", indices.left_out));
  splits.train = dressed(sequence_dataset(data, indices.train, tokens), o, 0, seed);
  splits.validation = dressed(sequence_dataset(data, indices.validation, tokens), o, 1, seed);
  splits.test = dressed(sequence_dataset(data, indices.test, tokens), o, 2, seed);
  if (o.check_duplicates)
    note_duplicates(splits, o.duplicates, static_cast<std::int64_t>(indices.train.size()) * data->length,
                    sequences_in(*data, indices.train), sequences_in(*data, indices.validation), sequences_in(*data, indices.test));
  return splits;
}

}  // namespace basewise::data::detail
