// The verb predict: a run folder and sequences in, files of predictions out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/infer/genome.h"
#include "basewise/run/example_options.h"
#include "basewise/run/open_run.h"

namespace basewise::run {

/// One strand of each sequence, or both, merged by the mean or the larger one of what the model
/// gives, or by the mean of probabilities.
enum class PredictStrands { automatic, single, mean, max, probability };
constexpr auto words_of(PredictStrands) {
  return words<PredictStrands>({{PredictStrands::automatic, "auto", "as the run is evaluated"},
                                {PredictStrands::single, "single"},
                                {PredictStrands::mean, "mean"},
                                {PredictStrands::max, "max"},
                                {PredictStrands::probability, "probability", "mean of probabilities"}});
}

/// The strategy that is asked for, of a run.
infer::StrandStrategy strategy_of(PredictStrands asked, const OpenRun& run);

/// What predictions are written as.
enum class PredictFormat { bigwig, npz, tsv };
constexpr auto words_of(PredictFormat) {
  return words<PredictFormat>(
      {{PredictFormat::bigwig, "bigwig"}, {PredictFormat::npz, "npz"}, {PredictFormat::tsv, "tsv", "a row for each sequence or window"}});
}

struct PredictOptions {
  std::filesystem::path run = {};          ///< run folder: model.toml, weights.safetensors
  std::filesystem::path out = {};          ///< prefix of the files
  ExampleOptions examples = {};
  std::string output = {};                 ///< head of the model; empty: the only one
  bool reads = false;                      ///< expected reads: probabilities of the profile head times counts of the counts head
  std::vector<std::string> names = {};     ///< of the output's channels; empty: those of the run, see `channel_names`
  PredictStrands strand_strategy = PredictStrands::automatic;
  std::vector<std::int64_t> shifts = {};  ///< in place of ensemble.shifts of the run; empty: those of the run
  std::int64_t mc = 0;                    ///< in place of ensemble.mc of the run; 0: that of the run
  bool variance = false;                  ///< channels for the variance over strands, shifts and passes behind those of the output
  infer::OutputActivation activation = infer::OutputActivation::none;  ///< after strands were merged
  std::vector<PredictFormat> formats = {};                             ///< empty: bigwig for tracks, tsv for values
  std::int64_t batch_size = 64;
  std::int64_t tile = 16'384;
  std::string device = "cpu";  ///< cpu, cuda, cuda:1, auto
};
void describe(Visitor& v, PredictOptions& o);

struct PredictResult {
  std::vector<std::filesystem::path> files;
  std::int64_t sequences = 0;  ///< sequences, windows, or intervals along the genome
  std::int64_t values = 0;     ///< numbers written
  results::Strands strands = results::Strands::single;
  std::int64_t members = 1;    ///< predictions that were averaged for each sequence
  std::vector<std::string> notes;
  double seconds = 0;
};

/// Predicts for exactly one kind of input: genome (whole, regions, or intervals of a BED file),
/// fasta, table, or the examples of the run's own recipe (split).
///  * Genome with an output per position: tracks over whole chromosomes, `regions` or `bed` (merged
///    where they overlap).
///  * Genome with one value per sequence, or with `window`: windows around the intervals of `bed`,
///    one row for each line and in their order. A row that cannot be predicted is NaN and counted:
///    a chromosome that is not there, an interval outside of it, a window that leaves it.
///  * FASTA, table, split: one row per sequence (tsv), or arrays (npz) with the table of names
///    `<out>.rows.tsv` beside them.
///  * `reads`: as a table the total of each window, as an array its bases, as bigWig the bases of a
///    genome: windows of the model's length around the intervals of `bed`, or side by side; where
///    windows overlap, their mean.
/// Sequences, rows and windows are read, predicted and written batch by batch.
/// Files appear whole or not at all.
/// Errors: those of `open_run`; ArgumentError for options that do not fit together or to the model,
/// and outputs that would replace an input or a file of the run; DataError for files.
PredictResult predict_run(const PredictOptions& options);

/// The same for a run that is open; `options.run` and `options.device` are not looked at.
PredictResult predict_run(const OpenRun& run, const PredictOptions& options);

}  // namespace basewise::run
