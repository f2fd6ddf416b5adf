// Puts examples into a batch by plain copies: libtorch's own stack may start a thread team inside
// every loader thread.
#pragma once

#include <vector>

#include "basewise/tensor/bundle.h"

namespace basewise::data::detail {

/// As `basewise::stack`, single-threaded. Errors: ShapeError naming the tensor and the example.
Bundle collate(const std::vector<Bundle>& examples);

}  // namespace basewise::data::detail
