// What the verbs that apply a run work on: sequences, places on a genome, or the run's own sets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/core/outputs.h"
#include "basewise/data/sequences.h"
#include "basewise/infer/genome.h"
#include "basewise/seq/alphabet.h"

namespace basewise::run {

/// Examples of the run's own recipe.
enum class PredictSplit { none, train, validation, test, all };
constexpr auto words_of(PredictSplit) {
  return words<PredictSplit>({{PredictSplit::none, "none"},
                              {PredictSplit::train, "train"},
                              {PredictSplit::validation, "validation"},
                              {PredictSplit::test, "test"},
                              {PredictSplit::all, "all", "the three one after the other"}});
}

/// Which base of an interval is the middle of its window.
enum class PredictPoint { automatic, centre, summit, start };
constexpr auto words_of(PredictPoint) {
  return words<PredictPoint>({{PredictPoint::automatic, "auto", "as the recipe of the run"},
                              {PredictPoint::centre, "centre"},
                              {PredictPoint::summit, "summit", "of the peak, else the centre"},
                              {PredictPoint::start, "start", "the 5' end"}});
}

/// From which strand the window of an interval is read.
enum class PredictTurn { automatic, column, forward };
constexpr auto words_of(PredictTurn) {
  return words<PredictTurn>({{PredictTurn::automatic, "auto", "as in training"},
                             {PredictTurn::column, "column", "by its strand"},
                             {PredictTurn::forward, "forward", "as the genome is written"}});
}

/// Exactly one of genome, fasta, table and split is given.
struct ExampleOptions {
  std::filesystem::path genome = {};       ///< FASTA: tracks along it, or windows at the intervals of `bed`
  std::vector<std::string> circular = {};  ///< names of circular sequences of the genome; {"all"}: every one
  std::filesystem::path aliases = {};      ///< table of names of equal meaning for chromosomes; empty: none
  std::vector<std::string> regions = {};   ///< "chrom" or "chrom:start-end" (1-based, inclusive, as genome browsers write)
  std::filesystem::path bed = {};          ///< intervals on the genome
  std::filesystem::path fasta = {};        ///< sequences
  std::filesystem::path table = {};        ///< table with a column of sequences
  std::string sequence_column = "sequence";
  data::LengthFit fit = data::LengthFit::error;  ///< sequences of another length than the model's
  PredictSplit split = PredictSplit::none;       ///< examples of the recipe of the run, with their names, places and labels
  PredictPoint point = PredictPoint::automatic;
  PredictTurn turn = PredictTurn::automatic;
  infer::EdgeValues edges = infer::EdgeValues::nan;  ///< where what the model reads leaves a linear chromosome
  std::int64_t window = 0;  ///< bases around each interval of `bed`; 0: what the model or the recipe declares
  seq::Ambiguity ambiguity = seq::Ambiguity::as_n;  ///< IUPAC codes other than N: as_n or error
};
void describe(Visitor& v, ExampleOptions& o);

/// How many of genome, fasta, table and split are given.
int sources_given(const ExampleOptions& options);

/// Errors: ArgumentError for options of places on a genome where none is given.
void check_places(const ExampleOptions& options);

/// What outputs must not replace (core/outputs.h): the files of the examples,
/// and what a run keeps in its folder `run`.
std::vector<GivenPath> given_files(const ExampleOptions& options, const std::filesystem::path& run);

}  // namespace basewise::run
