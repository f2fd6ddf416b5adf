// Update rules as TensorFlow and Keras have them; formulas: train/optimizer.h.
#pragma once

#include <memory>

#include "basewise/train/optimizer.h"

namespace basewise::train::detail {

std::unique_ptr<Optimizer> make_sgd_keras(NamedParameters parameters, const OptimizerOptions& options);
std::unique_ptr<Optimizer> make_rmsprop_tensorflow(NamedParameters parameters, const OptimizerOptions& options);
std::unique_ptr<Optimizer> make_adam_tensorflow(NamedParameters parameters, const OptimizerOptions& options);

}  // namespace basewise::train::detail
