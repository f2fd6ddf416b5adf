// What is looked at, and said, before training costs time.
#pragma once

#include <vector>

#include "basewise/run/run_setup.h"
#include "basewise/run/set_numbers.h"

namespace basewise::run::detail {

/// Counts the sets and looks at their targets. Says on standard error how many examples, batches
/// and positives there are and what is known of the data, and warns of what cannot work as meant: a
/// target of one value or of none in a set, a head without a loss, options of validation without a
/// validation set.
/// Errors: DataError for a target that its loss has no meaning for (set, example, column and value
/// named); ArgumentError for a last batch that is too small for a layer of the model.
std::vector<SetNumbers> look_before_training(const RunSetup& setup);

/// The model, the losses and the measures on the first batch of every set, the training set last
/// and with an optimiser step; the model has its weights again afterwards. Returns the loss of the
/// first training batch, not a number where the estimator takes no steps.
/// Errors: as of the parts.
double try_every_set(const RunSetup& setup);

}  // namespace basewise::run::detail
