// The interval that values of bootstrap replicates span.
#pragma once

#include <vector>

#include "basewise/metrics/bootstrap.h"

namespace basewise::metrics::detail {

/// The interval of values of replicates; NaN marks those that were not defined.
BootstrapResult percentile_interval(std::vector<double> values, double confidence);

}  // namespace basewise::metrics::detail
