// Update rules over named parameters, with their state by name.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/kernels/update.h"
#include "basewise/tensor/bundle.h"

namespace basewise::train {

/// Another learning rate for some parameters.
struct RateOptions {
  std::string match = {};  ///< names or parts of the model, as for `names_part` (train/freeze.h)
  double factor = 1;       ///< of the learning rate
};
void describe(Visitor& v, RateOptions& o);

/// Update rules; formulas: `Optimizer`.
enum class OptimizerKind { sgd, rmsprop, adam, adamw, sgd_keras, rmsprop_tensorflow, adam_tensorflow };
constexpr auto words_of(OptimizerKind) {
  return words<OptimizerKind>({{OptimizerKind::sgd, "sgd"},
                               {OptimizerKind::rmsprop, "rmsprop"},
                               {OptimizerKind::adam, "adam"},
                               {OptimizerKind::adamw, "adamw", "adam with a decay of the weights that is no part of the gradient"},
                               {OptimizerKind::sgd_keras, "sgd_keras", "momentum remembers steps instead of gradients"},
                               {OptimizerKind::rmsprop_tensorflow, "rmsprop_tensorflow", "mean square from 1, epsilon inside the root"},
                               {OptimizerKind::adam_tensorflow, "adam_tensorflow", "epsilon before the moments are corrected"}});
}

struct OptimizerOptions {
  OptimizerKind name = OptimizerKind::adam;
  double learning_rate = 1e-3;
  double weight_decay = 0;  ///< adamw: decoupled from the gradient; others: added to the gradient (L2)
  bool decay_all = false;   ///< false leaves out parameters with one axis or none: biases, scales and shifts of norms
  double max_norm = 0;      ///< largest Euclidean norm of the weights into a unit, after every step; 0: no limit
  double momentum = 0;      ///< sgd, rmsprop, and as Keras and TensorFlow have them
  bool nesterov = false;    ///< sgd, sgd_keras
  double beta1 = 0.9;       ///< those of adam
  double beta2 = 0.999;     ///< those of adam
  double smoothing = 0.99;  ///< rmsprop, rmsprop_tensorflow
  bool centered = false;    ///< rmsprop, rmsprop_tensorflow
  double epsilon = 1e-8;    ///< those of adam and rmsprop
  std::vector<RateOptions> parts = {};  ///< the first that names a parameter counts
};
void describe(Visitor& v, OptimizerOptions& o);

using NamedParameters = std::vector<std::pair<std::string, at::Tensor>>;

/// What one step needs beside the gradients.
struct StepSize {
  double learning_rate = 0;
  std::optional<double> momentum = {};  ///< replaces momentum (sgd, rmsprop) or beta1 (adam, adamw) for this step
};

/// Updates parameters in place from their `.grad()`; a parameter without gradient is left alone,
/// its state too.
///
/// Formulas (g gradient, p parameter, t steps of this parameter so far, this one included):
/// * sgd: b = momentum b + g (b = g at first), p -= lr (nesterov ? g + momentum b : b)
/// * rmsprop (Hinton 2012): v = a v + (1 - a) g^2, p -= lr g / (sqrt(v) + eps); `centered`
///   subtracts the squared mean gradient from v; momentum accumulates the quotient
/// * adam (Kingma and Ba 2015): m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
///   p -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps)
/// * adamw (Loshchilov and Hutter 2019): p *= 1 - lr decay, then adam
/// * sgd_keras: b = momentum b - lr g, p += (nesterov ? momentum b - lr g : b)
/// * rmsprop_tensorflow: v = a v + (1 - a) g^2, 1 at first, b = momentum b + lr g / sqrt(v + eps),
///   p -= b; `centered` subtracts the squared mean gradient from v
/// * adam_tensorflow: m and v as of adam, p -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)
///
/// `max_norm` then divides the weights into a unit (a parameter of two axes or more, all that
/// belong to one place of its first axis) whose norm is larger, by as much as it is too large.
///
/// Parameters in single precision on a CPU are updated by basewise's kernels where those are chosen
/// (ops/kernels.h), others by torch's.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// One update of every parameter that has a gradient.
  void step(const StepSize& size);

  void zero_grad();

  const NamedParameters& parameters() const { return parameters_; }

  /// Steps taken by each parameter ("steps", int64) and the moments as "<slot>/<parameter>"; the
  /// tensors are the live ones.
  Bundle state() const;

  /// Takes `state()` of an optimiser of the same kind and parameters.
  /// Errors: StateError naming the tensor that is missing, too many or of another shape; nothing is
  /// changed then.
  void load_state(const Bundle& state);

 protected:
  /// Parameters with gradient in this step, with everything the rule needs, as parallel lists.
  struct Active {
    std::vector<at::Tensor> parameters;
    std::vector<at::Tensor> gradients;
    std::vector<std::vector<at::Tensor>> slots;  ///< [slot][i]
    std::vector<double> steps;                   ///< this one included
    std::vector<at::Tensor> decayed_parameters;  ///< the sub-list that weight decay touches
    std::vector<at::Tensor> decayed_gradients;
  };

  /// What a rule keeps for each number of a parameter.
  struct Slot {
    std::string name;
    double start = 0;
  };

  Optimizer(NamedParameters parameters, OptimizerOptions options, std::vector<Slot> slots);
  /// The rule itself: weight decay is in gradients or parameters already.
  virtual void update(Active& active, const StepSize& size) = 0;
  /// The same rule for the kernels of basewise, at step `steps` of a parameter; memory and decay
  /// are filled in by the caller. Nothing: they do not have it.
  virtual std::optional<kernels::Update> rule(const StepSize& /*size*/, double /*steps*/) const { return std::nullopt; }
  /// Whether decay multiplies the parameter instead of joining the gradient.
  virtual bool decoupled() const { return false; }

  OptimizerOptions options_;

 private:
  Active collect(const StepSize& size, double factor, std::vector<kernels::Update>& native);
  std::optional<kernels::Update> native_update(std::size_t i, const StepSize& size, bool decays) const;
  void decay(Active& active, const StepSize& size) const;
  void limit_norms();

  NamedParameters parameters_;
  std::vector<Slot> slot_kinds_;
  std::vector<std::vector<at::Tensor>> slots_;
  std::vector<std::int64_t> steps_;
  std::vector<double> factors_;  ///< of the learning rate, for each parameter
};

/// Errors: ArgumentError for a value out of bounds, and for one of `parts` that names no parameter.
std::unique_ptr<Optimizer> make_optimizer(NamedParameters parameters, const OptimizerOptions& options);

/// Parameters of a module that ask for a gradient, with their dotted names.
NamedParameters trainable_parameters(const torch::nn::Module& module);

}  // namespace basewise::train
