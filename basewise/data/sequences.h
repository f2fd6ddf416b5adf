// Sequences of one length with labels, in memory: what tables, FASTA files and simulations become.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/dataset.h"
#include "basewise/seq/alphabet.h"

namespace basewise::data {

/// Labels that make one target: a head of the model is trained against it.
struct TargetOptions {
  std::string name = {};
  std::vector<std::string> labels = {};  ///< columns
};
void describe(Visitor& v, TargetOptions& o);

/// Columns of a table that a split wants.
struct SplitColumns {
  std::string set = {};    ///< with train, validation, test; empty: none
  std::string group = {};  ///< whose rows stay together; empty: none
};

/// N sequences of L bases with T labels each. One byte per base.
struct SequenceData {
  std::int64_t length = 0;               ///< L
  std::vector<seq::Token> tokens;        ///< (N, L)
  std::vector<std::string> names;        ///< (N)
  std::vector<std::string> label_names;  ///< (T)
  std::vector<float> labels;             ///< (N, T); NaN: not measured
  std::vector<TargetOptions> targets;    ///< targets in the order of `label_names`; empty: all are one, "labels"
  std::vector<std::string> sets;         ///< words of a split column, one for each of the first sequences; empty without one
  std::vector<std::string> groups;       ///< words of a column of groups, likewise
  std::int64_t validation_rows = 0;      ///< so many sequences, before `test_rows`, come from files of their own: the validation set
  std::int64_t test_rows = 0;            ///< so many last sequences come from files of their own: the test set
  std::string source;                    ///< what it was read from
  std::vector<std::string> notes;        ///< what was skipped, cut or padded, with counts

  std::int64_t size() const { return static_cast<std::int64_t>(names.size()); }
  /// Sequences that no file of its own gives to a set: the first ones.
  std::int64_t rows_to_split() const { return size() - validation_rows - test_rows; }
  std::span<const seq::Token> sequence(std::int64_t i) const;
  std::string letters(std::int64_t i) const;
};
using SequenceDataPtr = std::shared_ptr<const SequenceData>;

/// The examples `indices` (all without) as "sequence" (4, L) and "labels" (T) float32, or instead
/// of these the targets of the data, each with its labels. Where labels are missing anywhere in the
/// data, a mask "labels.mask" (T) bool comes with every example, and missing labels are 0. Without
/// labels only "sequence". With `tokens`, "sequence" is (L) uint8.
DatasetPtr sequence_dataset(SequenceDataPtr data, std::vector<std::int64_t> indices, bool tokens = false);
DatasetPtr sequence_dataset(SequenceDataPtr data, bool tokens = false);

/// How examples hold a sequence.
enum class Encoding { one_hot, tokens };
constexpr auto words_of(Encoding) {
  return words<Encoding>({{Encoding::one_hot, "one_hot", "(4, L) float32"},
                          {Encoding::tokens, "tokens", "(L) uint8, A C G T N = 0 to 4"}});
}

/// What becomes of a sequence of another length.
enum class LengthFit { error, centre };
constexpr auto words_of(LengthFit) {
  return words<LengthFit>({{LengthFit::error, "error", "it is an error"},
                           {LengthFit::centre, "centre", "it is cut, or filled up with N, alike at both ends"}});
}

/// How sequences of different lengths become one length.
struct LengthOptions {
  std::int64_t length = 0;  ///< 0: that of the first sequence
  LengthFit fit = LengthFit::error;
};
void describe(Visitor& v, LengthOptions& o);

/// The labels of all targets, one after the other; `labels` where there is no target.
/// Errors: ArgumentError for targets beside labels, a target without name or labels,
/// and a name or label that two have.
std::vector<std::string> labels_of_targets(const std::vector<TargetOptions>& targets, const std::vector<std::string>& labels);

/// The data with labels 0 and 1 of the rows `rows` turned round, each with probability `share`: a
/// pure function of (seed, row, label). Missing labels stay.
/// Errors: DataError naming the sequence for a label other than 0 and 1.
SequenceDataPtr with_label_noise(SequenceDataPtr data, const std::vector<std::int64_t>& rows, double share, std::uint64_t seed);

}  // namespace basewise::data
