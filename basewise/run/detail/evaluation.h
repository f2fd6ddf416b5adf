// What is measured of a model: options as recipe, losses and data together say.
#pragma once

#include <string>

#include "basewise/data/build.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/run/recipe.h"

namespace basewise::run::detail {

/// [evaluate] of a recipe with what it leaves open: the target of the data, the head that a loss
/// compares with it, names of the labels, profiles where the loss is multinomial, and as further
/// heads those of the other losses of the recipe.
evaluate::EvaluateOptions complete_evaluation(const Recipe& recipe, const data::DataSplits& data);

/// The same for validation in training: no intervals, no comparisons; of profiles without a list of
/// metrics jsd and what is watched.
evaluate::EvaluateOptions for_validation(const Recipe& recipe);

/// The metric in "mean.auroc", "counts.pearson" or "recall_at_fdr:0.1".
std::string metric_of(const std::string& value);

}  // namespace basewise::run::detail
