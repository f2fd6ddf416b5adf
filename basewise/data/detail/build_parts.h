// What several kinds of data build their sets with.
#pragma once

#include <functional>
#include <optional>

#include "basewise/data/build.h"

namespace basewise::data::detail {

/// Genome and regions of its sets; the sets themselves are not there yet.
DataSplits open_genome(const DataOptions& options);

/// Errors: ArgumentError where the options ask for noise in labels, which windows of a genome have
/// not.
void refuse_label_noise(const DataOptions& options);

/// Whether set number `set` (corpus::SetName) gets negatives.
bool gets_negatives(const DataOptions& options, std::size_t set);

/// Of shuffled negatives that stay; nothing where they are drawn anew each time.
std::optional<std::uint64_t> seed_of_negatives(const DataOptions& options, std::size_t set, std::uint64_t seed);

/// A training set seen from both strands by chance, where options ask for it; another set as it is.
DatasetPtr turned(DatasetPtr set, const DataOptions& options, std::size_t number);

/// Adds a file that is read, unless `file` is empty; returns where it is.
std::filesystem::path add_input(DataSplits& splits, const std::filesystem::path& file);

/// Adds all files that are read.
void add_inputs(DataSplits& splits, const FileList& files);

/// "train: ...", "validation: ...", "test: ..." and the notes, one line each.
void describe_sets(DataSplits& splits);

/// Letters of a set, one after the other, with names.
using EachSequence = std::function<void(const std::function<void(const std::string& name, const std::string& letters)>&)>;

/// Looks for sequences of validation and test that also occur in train; what is found becomes a
/// note. `bases`: size of train.
void note_duplicates(DataSplits& splits, const corpus::DuplicateOptions& options, std::int64_t bases, const EachSequence& train,
                     const EachSequence& validation, const EachSequence& test);

}  // namespace basewise::data::detail
