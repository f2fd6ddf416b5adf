// What the data ask of a model that has a name.
#pragma once

#include <vector>

#include "basewise/nn/loss.h"
#include "basewise/spec/named_model.h"
#include "basewise/tensor/schema.h"

namespace basewise::run::detail {

/// The losses of a recipe that has none, for a model whose heads follow them (`complete_model`).
std::vector<nn::LossOptions> usual_losses(const Schema& schema);

/// A head for each output that a loss names, and what the model reads.
/// Errors: ArgumentError, see `complete_model`.
spec::ModelTask model_task(const std::vector<nn::LossOptions>& losses, const Schema& schema);

}  // namespace basewise::run::detail
