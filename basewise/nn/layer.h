// A layer: shape and positions known before building, a torch module that computes.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "basewise/nn/shape.h"
#include "basewise/spec/model_spec.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn {

class Pass;
struct Part;

/// How the difference between a sequence and its reference passes through a layer in evaluation
/// (interpret/attribution.h).
enum class AttributionRule {
  none,               ///< no rule: the layer cannot be attributed through
  inside,             ///< by the layers inside; what the layer does besides is linear
  linear,             ///< f(x) = A x + b, also for what depends on weights and running estimates alone
  elementwise,        ///< one function of each number
  largest_of_window,  ///< each output number is one of the input numbers, the largest of some
  path,               ///< smooth, and mixes numbers: softmax, attention, norms of single examples
};

/// Base of all layers. Parameters and buffers are registered with torch::nn::Module, so that they
/// have names and move with it.
class Layer : public torch::nn::Module {
 public:
  /// `x` is (N, channels, L) or (N, channels), as the layer was built for.
  virtual at::Tensor forward(const at::Tensor& x) = 0;

  /// Shape of the output for an input like the one it was built for (only the length may differ).
  /// Errors: ShapeError that says what came and what is needed; the caller adds the layer's name.
  virtual Shape output_shape(const Shape& input) const = 0;

  /// Which positions each output position reads.
  virtual Alignment alignment() const { return Alignment::pointwise(); }

  /// Where the output comes from; layers that hold layers compose them.
  virtual Geometry geometry(const Geometry& input) const { return input.through(alignment()); }

  /// How the output moves under reverse complement for an input that moves so. What is made from an
  /// invariant input is invariant; anything else is lost unless the layer says otherwise. Layers
  /// that need an equivariant input refuse others when they are made.
  virtual Symmetry symmetry(const Activation& input) const;

  /// The rule that every layer states for itself; one that does not is refused by its name, never
  /// taken for linear.
  virtual AttributionRule attribution_rule() const { return AttributionRule::none; }

  /// Multiplications with an addition for one example.
  virtual double multiply_adds(const Shape& /*input*/) const { return 0; }

  /// Sum of the penalties asked for by this layer's own options; undefined when there is none.
  virtual at::Tensor penalty() const { return {}; }

  /// Brings weights back into their bounds (max-norm), without gradient.
  virtual void constrain() {}

  /// Start values of this layer's own parameters and buffers, each drawn from its own stream:
  /// (seed, name of the parameter).
  virtual void initialise(std::uint64_t /*seed*/, const std::string& /*name*/) {}

  /// The bias that is added to each output channel, if there is one.
  virtual at::Tensor output_bias() const { return {}; }

  /// What the layer computes, for kernels that compute several layers at once;
  /// nothing where it can only be computed alone.
  virtual Part part();

  /// `forward` as part of a pass through a model, under the path of the layer there: layers that
  /// hold layers hand `pass` on, layers with state take theirs from it.
  virtual at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass);

  /// Whether this layer, or one inside, remembers earlier segments of a sequence.
  virtual bool has_state() const { return false; }

  /// Whether the output is the input with its channels in reverse order.
  virtual bool flips_channels() const { return false; }

  /// Whether layers inside get both strands in one batch.
  virtual bool runs_both_strands() const { return false; }

  /// Layers inside, as rows of a table: name, layer, shape of its input.
  struct Inside {
    std::string name;
    std::string type;
    std::shared_ptr<Layer> layer;
    Activation input;
    Activation output;
    std::int64_t depth = 0;  ///< blocks around it
  };
  virtual std::vector<Inside> inside(const Activation& /*input*/) const { return {}; }
};

using LayerPtr = std::shared_ptr<Layer>;

/// Base of layers that remember: a sequence comes in segments, and what a layer keeps of one is its
/// state for the next. With the state passed on, segments must give what one long pass gives.
class LayerWithState : public Layer {
 public:
  /// A sequence of one segment.
  at::Tensor forward(const at::Tensor& x) final;
  at::Tensor run(const at::Tensor& x, const std::string& path, Pass& pass) final;
  bool has_state() const final { return true; }

 protected:
  /// Before the first segment of sequences like `x`: its number of examples, type and device.
  virtual Bundle initial_state(const at::Tensor& x) const = 0;

  /// One segment (N, channels, L) behind those that `state` remembers: the output and the next
  /// state, of the names and shapes of the first. Gradients reach back through the state until it
  /// is detached.
  virtual std::pair<at::Tensor, Bundle> segment(const at::Tensor& x, const Bundle& state) = 0;
};

}  // namespace basewise::nn
