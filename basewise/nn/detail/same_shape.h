// Base of layers that keep the shape.
#pragma once

#include "basewise/nn/layer.h"

namespace basewise::nn::detail {

/// A layer that keeps the shape of what it gets.
class SameShape : public Layer {
 public:
  Shape output_shape(const Shape& input) const override { return input; }

 protected:
  /// For layers that treat positions alike and each channel in its own way.
  static Symmetry by_channel(const Activation& input) { return input.symmetry.channels_stay() ? input.symmetry : Symmetry::none(); }
};

}  // namespace basewise::nn::detail
