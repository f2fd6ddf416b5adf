// Update rules as PyTorch has them; formulas: train/optimizer.h.
#pragma once

#include <memory>

#include "basewise/train/optimizer.h"

namespace basewise::train::detail {

std::unique_ptr<Optimizer> make_sgd(NamedParameters parameters, const OptimizerOptions& options);
std::unique_ptr<Optimizer> make_rmsprop(NamedParameters parameters, const OptimizerOptions& options);
std::unique_ptr<Optimizer> make_adam(NamedParameters parameters, const OptimizerOptions& options, bool decoupled);

}  // namespace basewise::train::detail
