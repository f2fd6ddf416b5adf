// A recipe from raw files: looks into them, chooses, and says in a comment beside each choice from
// which number it was made.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace basewise::draft {

/// The files, by what they are. Exactly one of `genome`, `fasta` and `table` is given; with a
/// genome exactly one of `sites` alone, `tracks`, and `profile`, to which sites may be added.
struct DraftRequest {
  std::filesystem::path genome = {};                  ///< FASTA
  std::vector<std::filesystem::path> sites = {};      ///< BED, narrowPeak, broadPeak, GFF, GTF, table; a label each
  std::vector<std::filesystem::path> tracks = {};     ///< bigWig, bedGraph
  std::vector<std::filesystem::path> profile = {};    ///< counts of the forward and of the reverse strand, in turn
  std::vector<std::filesystem::path> control = {};    ///< the same of a control experiment
  std::vector<std::filesystem::path> fasta = {};      ///< sequences, one example each
  std::vector<std::filesystem::path> negatives = {};  ///< FASTA
  std::vector<std::filesystem::path> validation_fasta = {};
  std::vector<std::filesystem::path> validation_negatives = {};
  std::vector<std::filesystem::path> test_fasta = {};
  std::vector<std::filesystem::path> test_negatives = {};
  std::vector<std::filesystem::path> table = {};  ///< sequences and labels, CSV or TSV; several have the same columns
  std::vector<std::filesystem::path> validation_table = {};
  std::vector<std::filesystem::path> test_table = {};
  std::vector<std::string> labels = {};  ///< columns; empty: the columns of numbers
  std::filesystem::path out = {};        ///< the recipe; paths in it are relative to its folder
};

/// A recipe, and what was seen on the way.
struct Draft {
  std::string text;                ///< TOML with comments; ends with a line break
  std::vector<std::string> found;  ///< about the files, a line each
  std::vector<std::string> notes;  ///< what whoever reads it should look at
};

/// Errors: ArgumentError for files that do not belong together; DataError that names the file for
/// what cannot be learned from: too few examples, one class alone, names of chromosomes that do not
/// meet, no reads; and those of the readers.
Draft draft_recipe(const DraftRequest& request);

}  // namespace basewise::draft
