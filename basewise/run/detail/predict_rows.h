// Predictions of sequences and of windows: one row of values each, or arrays.
#pragma once

#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// Windows of a genome, one row of values each.
PredictResult predict_windows(const PredictJob& job);

/// FASTA or table.
PredictResult predict_sequences(const PredictJob& job);

}  // namespace basewise::run::detail
