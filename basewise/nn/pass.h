// What goes along with one pass through the layers of a model: activations that are asked for, and
// the memory of layers that have one.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "basewise/tensor/bundle.h"

namespace basewise::nn {

class Layer;

/// Computes layers that are not linear in their place: what attribution by differences puts behind
/// them (interpret/attribution.h).
class StandIn {
 public:
  virtual ~StandIn() = default;

  /// What `layer` gives for `x`, maybe with other gradients.
  /// Only for layers whose rule is neither linear nor inside.
  virtual at::Tensor apply(Layer& layer, const std::string& path, const at::Tensor& x) = 0;
};

/// One pass through the layers of a model. A layer is known by its path ("body.3.conv");
/// `PATH.input` is what the layer at PATH reads, several sources put together.
///
/// An activation that was kept is a tensor of its own, so that the gradient with respect to
/// `PATH.input` is what comes back through this layer alone, and with respect to PATH what comes
/// back from all that read it.
class Pass {
 public:
  /// `state` as a pass before left it; empty before the first segment.
  Pass(const std::vector<std::string>& activations, Bundle state, bool only_needed, StandIn* stand_in = nullptr);

  /// Whether something else computes in the place of this layer.
  bool stands_in(const Layer& layer) const;
  at::Tensor in_place_of(Layer& layer, const std::string& path, const at::Tensor& x) { return stand_in_->apply(layer, path, x); }

  /// Whether layers inside of this one must be reached for that.
  bool reaches_inside(const Layer& layer) const;

  /// Steps of which nothing is asked are left out.
  bool only_needed() const { return only_needed_; }

  /// Whether the activation of this path is asked for.
  bool wants(const std::string& path) const { return wanted_.contains(path); }

  /// Whether something below this path is asked for: what the layer reads, or layers inside of it.
  bool enters(const std::string& path) const;

  /// Notes an activation and hands it back as what later layers have to read.
  at::Tensor keep(const std::string& path, const at::Tensor& x);

  /// `x` through a layer; what is asked for of it and inside of it is kept.
  at::Tensor through(Layer& layer, const std::string& path, const at::Tensor& x);

  /// The memory of the layer at `path`, names without the path; empty before the first segment.
  Bundle memory(const std::string& path) const;
  void remember(const std::string& path, const Bundle& memory);

  /// Activations that were met.
  const Bundle& activations() const { return activations_; }

  /// The memory of all layers after this segment, by path and name: "body.2.attention.positions".
  const Bundle& state() const { return next_; }

 private:
  std::set<std::string> wanted_;
  bool only_needed_;
  StandIn* stand_in_;
  Bundle before_;
  Bundle activations_;
  Bundle next_;
};

}  // namespace basewise::nn
