// train.method = "log_odds": a position weight matrix counted around the labels,
// written into a convolution.
#pragma once

#include <memory>

#include "basewise/run/estimator.h"

namespace basewise::run {

std::unique_ptr<Estimator> make_log_odds_estimator();

}  // namespace basewise::run
