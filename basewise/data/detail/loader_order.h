// The order of examples that the options of a loader ask for.
#pragma once

#include "basewise/data/loader.h"

namespace basewise::data::detail {

/// Errors: ArgumentError where the set does not suit the order.
OrderPtr order_of(const Dataset& set, const LoaderOptions& options);

}  // namespace basewise::data::detail
