// Predictions along a genome.
#pragma once

#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// Where to predict: whole chromosomes, regions, or the intervals of `bed` as far as they lie in
/// the genome, merged, in the order of the genome; what was left out is noted.
/// Errors: DataError for regions that are not in the genome, and where nothing is left.
std::vector<seq::Interval> wanted_intervals(const PredictJob& job, const seq::ChromSizes& sizes, PredictResult& result);

/// Along a genome, an output per position.
PredictResult predict_tracks(const PredictJob& job);

}  // namespace basewise::run::detail
