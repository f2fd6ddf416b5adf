// Sequences of one length with labels, in memory: what tables, FASTA files and simulations become.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/corpus/simulator.h"
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

/// The examples `indices` (all without) as "sequence" (4, L) and "labels" (T) float32. Where labels are missing anywhere in the data, a
/// mask "labels.mask" (T) bool comes with every example, and missing labels are 0. Without labels only "sequence". With `tokens`,
/// "sequence" is (L) uint8.
DatasetPtr sequence_dataset(SequenceDataPtr data, std::vector<std::int64_t> indices, bool tokens = false);
DatasetPtr sequence_dataset(SequenceDataPtr data, bool tokens = false);

/// How sequences of different lengths become one length.
struct LengthOptions {
  std::int64_t length = 0;    ///< 0: that of the first sequence
  std::string fit = "error";  ///< error: every sequence has that length; centre: cut or fill up with N alike at both ends
};
void describe(Visitor& v, LengthOptions& o);

/// A table with a header line, one sequence per row (tab-separated; gzip allowed).
struct TableOptions {
  std::filesystem::path file = {};
  std::string sequence = "sequence";     ///< column with the letters
  std::string name = {};                 ///< column with names; empty: "name" if there is one, else the row number
  std::vector<std::string> labels = {};  ///< columns; empty: every column of numbers that has no other role
  std::string bits = {};                 ///< column with all labels of a row as digits 0 and 1 ("0101"), instead of `labels`
  std::string set = {};                  ///< column with train, validation, test
  std::vector<std::string> where = {};   ///< conditions "column=value": rows that meet all of them are kept
  std::string ambiguity = "error";       ///< IUPAC codes other than N: error or n
  std::filesystem::path test_file = {};  ///< second table of the same columns: the test set
  LengthOptions length = {};
};
void describe(Visitor& v, TableOptions& o);

/// Labels that are empty, NA, NaN or "." are missing. Errors: DataError with file, line and column.
SequenceDataPtr read_table(const TableOptions& options);

/// A FASTA file with labels in its headers, or in a table beside it, or given by the file (positives, negatives).
struct FastaDataOptions {
  std::filesystem::path file = {};
  bool all_positive = false;             ///< every sequence has label 1, as where negatives are made up
  std::filesystem::path negatives = {};  ///< second file whose sequences are the negatives (label 0) of the first (label 1)
  std::string label_key = {};            ///< header field "label=0,1,NA" (here "label") that holds the labels
  std::vector<std::string> label_names = {};
  std::filesystem::path table = {};      ///< table with the labels, one row per sequence
  std::string table_name = "name";       ///< its column with the sequence names
  std::vector<std::string> labels = {};  ///< its label columns; empty: every other column
  std::string ambiguity = "error";
  LengthOptions length = {};
};
void describe(Visitor& v, FastaDataOptions& o);

SequenceDataPtr read_labelled_fasta(const FastaDataOptions& options);

/// The data with labels 0 and 1 of the rows `rows` turned round, each with probability `share`: a pure function of (seed, row, label).
/// Missing labels stay. Errors: DataError naming the sequence for a label other than 0 and 1.
SequenceDataPtr with_label_noise(SequenceDataPtr data, const std::vector<std::int64_t>& rows, double share, std::uint64_t seed);

/// A simulation as data.
SequenceDataPtr sequences_of(const corpus::SimulationResult& simulation);

}  // namespace basewise::data
