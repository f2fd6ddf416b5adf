// What the kinds of prediction that `predict_run` chooses from are given, and what they share.
#pragma once

#include <string>

#include "basewise/nn/model.h"
#include "basewise/run/predict.h"

namespace basewise::run::detail {

struct PredictJob {
  const PredictOptions& options;
  const nn::Model& model;
  std::string output;
  std::vector<std::string> names;  ///< of its channels as the run knows them; may be empty
  infer::ScoreFn score;
  infer::StrandStrategy strands;
};

/// Names of an output's channels: as asked for; as the run knows them; "forward" and "reverse" for
/// the two strands of an output with positions; the output's own name for a single one; else
/// numbers.
/// Errors: ArgumentError when the names asked for do not fit.
std::vector<std::string> channel_names(const PredictJob& job, std::int64_t channels, bool positions);

/// The genome of the options, with its circular sequences; what was noted goes into `result`.
seq::Genome load_genome(const PredictOptions& options, PredictResult& result);

}  // namespace basewise::run::detail
