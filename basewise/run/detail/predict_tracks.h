// Predictions along a genome.
#pragma once

#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// Along a genome, an output per position.
PredictResult predict_tracks(const PredictJob& job);

}  // namespace basewise::run::detail
