// The function behind the verb predict: a run folder as its recipe means it.
#pragma once

#include "basewise/run/predict.h"

namespace basewise::run {

/// `predict_files` with the strand strategy of the run's recipe where `strand_strategy` is auto, and with what its losses say of its
/// outputs. A folder without config.toml (model.toml and weights alone) is read as a single strand, its outputs as logits of labels where
/// they are called "logits".
PredictResult predict_run(const PredictOptions& options);

}  // namespace basewise::run
