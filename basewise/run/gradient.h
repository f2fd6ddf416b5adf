// train.method = "gradient": the weights of a network, by the loop of `train`.
#pragma once

#include <memory>

#include "basewise/run/estimator.h"

namespace basewise::run {

std::unique_ptr<Estimator> make_gradient_estimator();

}  // namespace basewise::run
