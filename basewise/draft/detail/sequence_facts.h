// Sequences that are examples each: how many, how long, of which letters, from where.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/draft/detail/places.h"
#include "basewise/draft/detail/recipe_text.h"

namespace basewise::draft::detail {

constexpr std::int64_t kFewestSequences = 20;

struct SequenceFacts {
  std::int64_t size = 0;
  std::vector<double> lengths = {};
  std::int64_t ambiguous = 0;  ///< IUPAC letters other than N
  std::int64_t uracil = 0;     ///< letters U
  std::int64_t gc = 0;         ///< letters G and C
  std::int64_t letters = 0;
  std::int64_t places = 0;               ///< names such as chr2:1000-1100
  std::int64_t stranded = 0;             ///< of these, names that end in (+) or (-)
  std::vector<Weight> chromosomes = {};  ///< sequences on each, where names are places

  void add(std::string_view name, std::string_view sequence);
  /// Those of others as well.
  void add(const SequenceFacts& others);
  bool is_rna() const { return uracil > 0; }
  bool all_places() const { return size > 0 && places == size; }
  double shortest() const;
  double longest() const;
  /// Bases that all are cut or filled to: their own where all are alike, the longest where that is
  /// not twice the middle one, else what nine of ten fit into.
  std::int64_t length() const;
  /// "3,888 sequences of 200 bases, 45 % G+C"
  std::string told() const;
};

/// The sequences of all files.
/// Errors: DataError for fewer than `fewest` sequences, and those of `io::FastaReader`.
SequenceFacts look_at_fasta(const std::vector<std::filesystem::path>& files, std::int64_t fewest = kFewestSequences);

/// Keys `ambiguity` and [`where`.length] where they are needed.
void write_letters(RecipeText& recipe, const std::string& where, const SequenceFacts& facts);

/// Sequences that the table [train] looks at in all, and [train] itself.
void write_sequence_training(RecipeText& recipe, const SequenceFacts& facts, double train_examples);

/// [data.augment] and [strand] for sequences that may be read from both strands.
void write_both_strands(RecipeText& recipe, const std::string& why);
void write_conjoined(RecipeText& recipe);

}  // namespace basewise::draft::detail
