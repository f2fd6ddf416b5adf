// The sets of a run's own recipe as examples.
#pragma once

#include <memory>

#include "basewise/run/example_source.h"
#include "basewise/run/predict.h"

namespace basewise::run::detail {

/// The sets of `split` one after the other, without random views.
std::unique_ptr<ExampleSource> set_source(const OpenRun& run, const PredictOptions& options);

}  // namespace basewise::run::detail
