#include "basewise/nn/detail/limits.h"

#include "basewise/core/error.h"

namespace basewise::nn::detail {

at::IntArrayRef checked_weight(at::IntArrayRef sizes) {
  // Exact where it decides: whole numbers up to 2^53.
  double numbers = 1;
  for (const std::int64_t size : sizes) numbers *= static_cast<double>(size);
  if (numbers > static_cast<double>(spec::kMostNumbers))
    throw ShapeError(format("its weight of shape ({}) has {:.0f} numbers; at most {} are allowed", fmt::join(sizes.vec(), ", "), numbers,
                            spec::kMostNumbers));
  return sizes;
}

Shape checked_shape(const Shape& shape) {
  if (shape.channels > spec::kMostSize || shape.length > spec::kMostSize)
    throw ShapeError(format("it gives {}; at most {} channels and as many positions are allowed", shape.to_string(), spec::kMostSize));
  return shape;
}

}  // namespace basewise::nn::detail
