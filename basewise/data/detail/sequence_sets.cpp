#include "basewise/data/detail/sequence_sets.h"

#include <cctype>

#include "basewise/core/error.h"
#include "basewise/corpus/group_split.h"
#include "basewise/data/detail/build_parts.h"
#include "basewise/data/shuffled_negatives.h"
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

std::vector<std::string> first_of(const std::vector<std::string>& names, std::int64_t rows) {
  return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(rows)};
}

std::vector<std::string> groups_of(const DataOptions& o, const SequenceData& data, std::int64_t rows) {
  if (o.split.group.empty() == o.split.group_pattern.empty())
    throw ArgumentError(
        format("split: by group needs one of 'group', a column of a table, and 'group_pattern', a regular expression on names; {}",
               o.split.group.empty() ? "none is given" : "both are given"));
  if (!o.split.group_pattern.empty()) return corpus::groups_of_names(first_of(data.names, rows), o.split.group_pattern);
  if (data.groups.empty()) throw ArgumentError(format("split: by group = \"{}\" needs a table; use group_pattern on names", o.split.group));
  return data.groups;
}

// The rows that no file of its own gives to a set.
corpus::IndexSplit split_rows(const DataOptions& o, const SequenceData& data, std::string_view also_by, std::uint64_t seed) {
  const std::int64_t rows = data.rows_to_split();
  const bool by_column = o.split.by == corpus::SplitBy::column;
  if (also_by.empty() && o.split.by != corpus::SplitBy::fraction && !by_column)
    throw ArgumentError(format("split: sequences of a {} are split by fraction, not by {}", o.kind, o.split.by));
  switch (o.split.by) {
    case corpus::SplitBy::fraction:
      return corpus::split_fraction(o.split, rows, seed);
    case corpus::SplitBy::chromosome: {
      std::vector<std::string> chromosomes;
      for (std::int64_t row = 0; row < rows; ++row) chromosomes.push_back(chromosome_of(data, row));
      return corpus::split_by_chromosome(o.split, chromosomes);
    }
    case corpus::SplitBy::group:
      return corpus::split_by_group(o.split, groups_of(o, data, rows), seed);
    case corpus::SplitBy::column:
      if (data.sets.empty()) throw ArgumentError(format("split: by column needs a table; a {} has no columns", o.kind));
      return corpus::split_by_words(data.sets, o.split.column);
    case corpus::SplitBy::ranges:
    case corpus::SplitBy::folds:
    case corpus::SplitBy::contiguous:
      break;
  }
  throw ArgumentError(format("split: sequences of a {} are split by fraction{}, not by {}", o.kind, also_by, o.split.by));
}

// A set that has a file of its own takes none of the other rows: the default fraction does not
// count for it, and another one is refused.
void leave_to_file(double& fraction, double standard, std::int64_t rows, const DataOptions& o, std::string_view set) {
  if (rows == 0) return;
  if (fraction != 0 && fraction != standard)
    throw ArgumentError(
        format("split: {0}.{1}_file gives the {1} set, and split.{1}_fraction = {2} asks for a share of the other sequences; leave "
               "one of them out",
               o.kind, set, fraction));
  fraction = 0;
}

void take_file(std::vector<std::int64_t>& split, std::int64_t first, std::int64_t rows, const DataOptions& o, std::string_view set) {
  if (rows == 0) return;
  if (!split.empty())
    throw ArgumentError(
        format("split: {0}.{1}_file gives the {1} set, and the split by {2} gives it {3} of the other sequences; leave one of "
               "them out",
               o.kind, set, o.split.by, split.size()));
  for (std::int64_t row = first; row < first + rows; ++row) split.push_back(row);
}

corpus::IndexSplit indices_of(const DataOptions& given, const SequenceData& data, std::string_view also_by, std::uint64_t seed) {
  const corpus::SplitOptions standard;
  DataOptions o = given;
  leave_to_file(o.split.validation_fraction, standard.validation_fraction, data.validation_rows, o, "validation");
  leave_to_file(o.split.test_fraction, standard.test_fraction, data.test_rows, o, "test");
  corpus::IndexSplit split = split_rows(o, data, also_by, seed);
  const std::int64_t rows = data.rows_to_split();
  take_file(split.validation, rows, data.validation_rows, o, "validation");
  take_file(split.test, rows + data.validation_rows, data.test_rows, o, "test");
  return split;
}

EachSequence sequences_in(const SequenceData& data, const std::vector<std::int64_t>& rows) {
  return [&data, &rows](const auto& use) {
    for (const std::int64_t row : rows) use(data.names[static_cast<std::size_t>(row)], data.letters(row));
  };
}

// The views that the options ask for on set number `number` (corpus::kSetNames):
// random ones belong to training.
DatasetPtr dressed(DatasetPtr set, const DataOptions& o, std::size_t number, std::uint64_t seed) {
  const bool random = number == 0 && o.augment.random;
  if (o.negatives.kind == NegativeKind::shuffled && set->size() > 0 && gets_negatives(o, number)) {
    const Field* target = set->schema().first(Role::target);
    if (!target) throw ArgumentError("negatives: shuffled sequences are labelled 0, but the data have no labels");
    if (set->schema().names(Role::target).size() > 1)
      throw ArgumentError("negatives: shuffled sequences are labelled 0; with several targets nobody knows the values of the others");
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
