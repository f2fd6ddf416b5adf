// Shapes within the limits of spec/limits.h.
#pragma once

#include "basewise/nn/shape.h"
#include "basewise/spec/limits.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

/// Hands back the shape of a weight. Errors: ShapeError with shape, numbers and limit.
at::IntArrayRef checked_weight(at::IntArrayRef sizes);

/// Hands back the shape of an activation. Errors: ShapeError with shape and limit.
Shape checked_shape(const Shape& shape);

}  // namespace basewise::nn::detail
