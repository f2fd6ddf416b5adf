// The prediction of somebody who knows nothing but the place in the window: a floor for profiles.
#pragma once

#include <string>

#include "basewise/evaluate/evaluate.h"

namespace basewise::evaluate {

/// Mean over the examples of a data set of its counts (S, L) as shares of the reads of each strand;
/// strands without reads or with a masked position are left out. What a model that knows nothing
/// but the place in the window would say.
at::Tensor mean_profile(const data::DatasetPtr& dataset, const std::string& target, const BatchOptions& batches = {});

/// The mean profile of a training set for each target that the plan measures as a profile, by
/// target.
Bundle mean_profiles(const data::DatasetPtr& training, const EvaluationPlan& plan);

}  // namespace basewise::evaluate
