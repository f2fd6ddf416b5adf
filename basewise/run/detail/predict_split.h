// Predictions of the examples of a run's own recipe.
#pragma once

#include <vector>

#include "basewise/data/build.h"
#include "basewise/run/detail/predict_job.h"

namespace basewise::run::detail {

/// A set of a recipe, or one of several that are predicted one by one.
struct SplitPart {
  corpus::SetName name = corpus::SetName::test;
  data::DatasetPtr set = {};
};

/// Errors: StateError for a run whose data were given by a program, or that kept no recipe.
void check_has_data(const std::filesystem::path& run);

/// The sets of `options.split` that are not empty, one after the other.
/// Errors: ArgumentError where all of them are.
std::vector<SplitPart> split_parts(const PredictJob& job, const data::DataSplits& data);

/// The sets of `split`, without random views: a table with set, name, place, labels ("observed.x")
/// and outputs of each example, or an .npz with the outputs and the targets of the recipe
/// ("observed.x"), and the table of names beside it.
/// Errors: StateError for a run whose data were given by a program, or that kept no recipe;
/// those of `data::build_data`.
PredictResult predict_split(const PredictJob& job);

}  // namespace basewise::run::detail
