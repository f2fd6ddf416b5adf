// Predictions of the examples of a run's own recipe.
#pragma once

#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// The sets of `split`, without random views: a table with set, name, place, labels ("observed.x")
/// and outputs of each example, or an .npz with the outputs and the targets of the recipe
/// ("observed.x"), and the table of names beside it.
/// Errors: StateError for a run whose data were given by a program, or that kept no recipe;
/// those of `data::build_data`.
PredictResult predict_split(const PredictJob& job);

}  // namespace basewise::run::detail
