// What a layer computes, for kernels that compute several layers at once and for plans of
// prediction.
#pragma once

#include <memory>
#include <variant>

#include "basewise/ops/parts.h"

namespace basewise::nn {

class Graph;
class Layer;

/// The layers of a graph of one input; with `residual`, their input is cropped, projected where
/// there is a layer for it, and added.
struct GraphPart {
  const Graph* graph = nullptr;
  int wanted = 0;
  bool residual = false;
  ops::CropPart crop;
  std::shared_ptr<Layer> project;
};

struct Part {
  std::variant<std::monostate, ops::ConvPart, ops::NormPart, ops::ActivationPart, ops::DensePart, ops::PoolPart, ops::CropPart,
               ops::FlattenPart, ops::PointPart, ops::PassPart, GraphPart>
      what{};
};

}  // namespace basewise::nn
