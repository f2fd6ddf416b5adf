// What a layer computes, for kernels that compute several layers at once and for plans of
// prediction.
#pragma once

#include <memory>
#include <variant>

#include "basewise/ops/parts.h"

namespace basewise::nn {

class Graph;
class Layer;

/// The layers of a graph of one input, and what becomes of their input: unless `skip` is none, it
/// is cropped, projected where there is a layer for it, and added to what they give, or its
/// channels stand beside theirs.
struct GraphPart {
  enum class Skip {
    none,
    add,
    before,  ///< its channels, then those of the layers inside
    around,  ///< the first half of its channels, those of the layers inside, its second half
  };

  const Graph* graph = nullptr;
  int wanted = 0;
  Skip skip = Skip::none;
  ops::CropPart crop;
  std::shared_ptr<Layer> project;
};

struct Part {
  std::variant<std::monostate, ops::ConvPart, ops::NormPart, ops::ActivationPart, ops::DensePart, ops::PoolPart, ops::CropPart,
               ops::FlattenPart, ops::PointPart, ops::PassPart, GraphPart>
      what{};
};

}  // namespace basewise::nn
