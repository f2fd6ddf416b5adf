// The kind of data "fasta": sequences in FASTA, with labels in headers, in a table or by file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/kinds.h"
#include "basewise/data/sequences.h"

namespace basewise::data {

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
  seq::Ambiguity ambiguity = seq::Ambiguity::error;
  LengthOptions length = {};
};
void describe(Visitor& v, FastaDataOptions& o);

/// Errors: DataError with file and line, ArgumentError for options that do not fit each other.
SequenceDataPtr read_labelled_fasta(const FastaDataOptions& options);

extern const DataKind kFastaKind;

}  // namespace basewise::data
