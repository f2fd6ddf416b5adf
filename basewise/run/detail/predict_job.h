// What the kinds of prediction that `predict_run` chooses from are given, and what they share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "basewise/nn/model.h"
#include "basewise/run/predict.h"

namespace basewise::run::detail {

/// The heads whose product are expected reads.
struct ReadHeads {
  std::string profile;
  std::string counts;
  bool all = false;  ///< probabilities of all strands together; false: of each
};

struct PredictJob {
  const PredictOptions& options;
  const OpenRun& run;
  const nn::Model& model;
  std::string output;
  std::vector<std::string> names;  ///< of its channels as the run knows them; may be empty
  infer::ScoreFn score;
  infer::StrandStrategy strands;
  std::int64_t shift = 0;               ///< the farthest that `score` moves sequences
  std::optional<ReadHeads> reads = {};  ///< expected reads are asked for; `output` is the profile head then
};

/// What is written of the outputs of a batch: those of the head with the activation applied, (N, C)
/// or (N, C, L), or expected reads (N, S, L). float32 on the CPU, contiguous.
at::Tensor value_of(const PredictJob& job, const Bundle& outputs);

/// What arrays of it are called: the name of the head, or "reads".
std::string value_name(const PredictJob& job);

/// Bases that the model is given of each interval: those of the options, of the model, of the
/// recipe, or what such models usually take.
/// Errors: ArgumentError where nobody says.
std::int64_t window_length(const PredictJob& job);

/// Errors: ArgumentError for a model that reads more than "sequence", which a genome or a file of
/// sequences has not.
void check_reads_sequence(const PredictJob& job);

/// Names of an output's channels: as asked for; as the run knows them; "forward" and "reverse" for
/// the two strands of an output with positions; the output's own name for a single one; else
/// numbers. With variances those of the values, then the same with ".variance".
/// Errors: ArgumentError when the names asked for do not fit.
std::vector<std::string> channel_names(const PredictJob& job, std::int64_t channels, bool positions);

/// The same for names of files, one for each channel: tracks that are called as the file that they
/// were trained on lose its ending (MNase.bw is MNase), unless two would be one.
std::vector<std::string> file_names(const PredictJob& job, std::int64_t channels);

/// The options with the places of their input files: registered ones by name, "data:...". A warning
/// is logged for those that are not what the run was trained with.
ExampleOptions with_files_found(const OpenRun& run, ExampleOptions options);

/// Errors: ArgumentError for a file of `outputs` that is read or kept:
/// one of the options or of the run, or of `also`.
void check_outputs(const PredictJob& job, const std::vector<std::filesystem::path>& outputs, const std::vector<GivenPath>& also = {});

/// The genome of the options, with its circular sequences; what was noted goes into `result`.
seq::Genome load_genome(const ExampleOptions& options, PredictResult& result);

}  // namespace basewise::run::detail
