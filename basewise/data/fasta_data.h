// The kind of data "fasta": sequences in FASTA, with labels in headers, in a table or by file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/data/kinds.h"
#include "basewise/data/sequences.h"

namespace basewise::data {

/// FASTA files with labels in their headers, or in a table beside them, or given by the file
/// (positives, negatives). Files of one role are read one after the other.
struct FastaDataOptions {
  FileList file = {};
  bool all_positive = false;   ///< every sequence has label 1, as where negatives are made up
  FileList negatives = {};     ///< files whose sequences are the negatives (label 0) of `file` (label 1)
  std::string label_key = {};  ///< header field "label=0,1,NA" (here "label") that holds the labels
  std::vector<std::string> label_names = {};
  FileList table = {};                      ///< tables with the labels, one row per sequence
  std::string table_name = "name";          ///< their column with the sequence names
  std::vector<std::string> labels = {};     ///< their label columns; empty: columns of numbers (detail::LabelColumns)
  std::vector<TargetOptions> targets = {};  ///< instead of `labels`: labels of several targets
  FileList validation_file = {};            ///< further sequences, labelled as those of `file`: the validation set
  FileList validation_negatives = {};       ///< its negatives
  FileList test_file = {};                  ///< further sequences, labelled as those of `file`: the test set
  FileList test_negatives = {};             ///< its negatives
  seq::Ambiguity ambiguity = seq::Ambiguity::error;
  LengthOptions length = {};
};
void describe(Visitor& v, FastaDataOptions& o);

/// The sequences of all files. `split`: columns of the label tables that become the words of a
/// split.
/// Errors: DataError with file and line, ArgumentError for options that do not fit each other.
SequenceDataPtr read_labelled_fasta(const FastaDataOptions& options, const SplitColumns& split = {});

extern const DataKind kFastaKind;

}  // namespace basewise::data
