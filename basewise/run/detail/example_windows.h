// Windows of a genome as examples.
#pragma once

#include <memory>

#include "basewise/run/example_source.h"
#include "basewise/run/predict.h"

namespace basewise::run::detail {

/// Windows around the intervals of `bed`, or side by side along `regions`; see `open_examples`.
std::unique_ptr<ExampleSource> window_source(const OpenRun& run, const ExampleOptions& options, std::int64_t central);

}  // namespace basewise::run::detail
