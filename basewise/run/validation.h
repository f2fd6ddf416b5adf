// What a validation measures.
#pragma once

#include <functional>
#include <string>

#include "basewise/run/recipe.h"

namespace basewise::run {

/// Told a validation value that is not defined, and why.
using TellUndefined = std::function<void(const std::string& value, const std::string& reason)>;

/// Values of each validation: "loss" (the mean over what was measured, whatever the batches), the
/// metrics of [evaluate], and what [train.select] names besides. `undefined` is told those of
/// [train.select] that are not defined.
/// Errors: StateError where weights or outputs of the model are no finite numbers.
train::NamedValues validation_values(nn::Model& model, const data::DatasetPtr& dataset, const nn::TotalLoss& loss,
                                     const Recipe& recipe, const TellUndefined& undefined = {});

}  // namespace basewise::run
