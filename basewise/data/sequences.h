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

/// N sequences of L bases with T labels each. One byte per base.
struct SequenceData {
  std::int64_t length = 0;               ///< L
  std::vector<seq::Token> tokens;        ///< (N, L)
  std::vector<std::string> names;        ///< (N)
  std::vector<std::string> label_names;  ///< (T)
  std::vector<float> labels;             ///< (N, T); NaN: not measured
  std::vector<std::string> sets;         ///< (N) words of a split column; empty without one
  std::int64_t test_rows = 0;            ///< so many last sequences come from a file of their own and are the test set
  std::string source;                    ///< what it was read from
  std::vector<std::string> notes;        ///< what was skipped, cut or padded, with counts

  std::int64_t size() const { return static_cast<std::int64_t>(names.size()); }
  std::span<const seq::Token> sequence(std::int64_t i) const;
  std::string letters(std::int64_t i) const;
};
using SequenceDataPtr = std::shared_ptr<const SequenceData>;

/// The examples `indices` (all without) as "sequence" (4, L) and "labels" (T) float32. Where labels
/// are missing anywhere in the data, a mask "labels.mask" (T) bool comes with every example, and
/// missing labels are 0. Without labels only "sequence". With `tokens`, "sequence" is (L) uint8.
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

/// The data with labels 0 and 1 of the rows `rows` turned round, each with probability `share`: a
/// pure function of (seed, row, label). Missing labels stay.
/// Errors: DataError naming the sequence for a label other than 0 and 1.
SequenceDataPtr with_label_noise(SequenceDataPtr data, const std::vector<std::int64_t>& rows, double share, std::uint64_t seed);

}  // namespace basewise::data
