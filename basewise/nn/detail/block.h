// A layer made of layers, one after the other.
#pragma once

#include <optional>
#include <vector>

#include "basewise/ops/conv_unit.h"
#include "basewise/nn/graph.h"
#include "basewise/nn/parts.h"

namespace basewise::nn::detail {

/// The layers inside, wired and registered under their own names.
class Block : public Layer {
 public:
  Block(const spec::LayerSpec& spec, const Activation& input) : graph_({{"input", input}}, scope_) {
    for (const spec::LayerSpec& inner : spec.layers) register_at(*this, inner.name, graph_.append(inner, scope_));
  }

  at::Tensor forward(const at::Tensor& x) override { return graph_.run({x}, {scope_.last}).front(); }

  at::Tensor run(const at::Tensor& x, const std::string& /*path*/, Pass& pass) override {
    return graph_.run({x}, {scope_.last}, &pass).front();
  }

  bool has_state() const override { return graph_.has_state(); }

  AttributionRule attribution_rule() const override { return AttributionRule::inside; }
  Shape output_shape(const Shape& input) const override {
    return graph_.activations({{input, Geometry()}})[static_cast<std::size_t>(scope_.last)].shape;
  }

  Geometry geometry(const Geometry& input) const override {
    return graph_.activations({{graph_.at(0).shape, input}})[static_cast<std::size_t>(scope_.last)].geometry;
  }

  Symmetry symmetry(const Activation& input) const override {
    return graph_.activations({input})[static_cast<std::size_t>(scope_.last)].symmetry;
  }

  std::vector<Inside> inside(const Activation& input) const override { return graph_.rows({input}); }

  Part part() override { return {graph_part()}; }

 protected:
  GraphPart graph_part() const { return {&graph_, scope_.last, GraphPart::Skip::none, {}, {}}; }

  /// The whole block as one unit; see Graph::as_unit.
  std::optional<ops::ConvUnit> as_unit(const at::Tensor& x) const { return graph_.as_unit(x, scope_.last); }

 private:
  Graph::Scope scope_;
  Graph graph_;
};

}  // namespace basewise::nn::detail
