#include "basewise/nn/layer.h"

#include "basewise/core/error.h"
#include "basewise/nn/parts.h"
#include "basewise/nn/pass.h"

namespace basewise::nn {

Part Layer::part() { return {}; }

Symmetry Layer::symmetry(const Activation& input) const {
  return input.symmetry.is(Symmetry::Moves::unchanged) ? input.symmetry : Symmetry::none();
}

at::Tensor Layer::run(const at::Tensor& x, const std::string&, Pass&) { return forward(x); }

at::Tensor LayerWithState::forward(const at::Tensor& x) { return segment(x, initial_state(x)).first; }

at::Tensor LayerWithState::run(const at::Tensor& x, const std::string& path, Pass& pass) {
  Bundle memory = pass.memory(path);
  const Bundle first = initial_state(x);
  if (memory.empty()) memory = first;
  for (const auto& [name, value] : first) {
    if (!memory.contains(name))
      throw ArgumentError(format("the state has no '{}.{}'; it must be what an earlier segment left", path, name));
    if (memory.at(name).sizes() != value.sizes())
      throw ShapeError(format("the state '{}.{}' has shape ({}), but this segment needs ({}): segments of one batch must "
                              "follow each other",
                              path, name, fmt::join(memory.at(name).sizes().vec(), ", "), fmt::join(value.sizes().vec(), ", ")));
  }
  auto [y, next] = segment(x, memory);
  pass.remember(path, next);
  return y;
}

}  // namespace basewise::nn
