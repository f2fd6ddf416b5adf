// Expected reads along a genome.
#pragma once

#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// "<out>.<strand>.bw": probabilities times counts at each base. Windows lie around the intervals
/// of `bed`, or side by side along `regions` or whole chromosomes; where they overlap, bases have
/// the mean. Windows are read as the genome is written: they have both strands.
/// Errors: ArgumentError for a profile head that is coarser than a base.
PredictResult predict_reads(const PredictJob& job);

}  // namespace basewise::run::detail
