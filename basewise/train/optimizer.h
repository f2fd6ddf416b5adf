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
enum class OptimizerKind { sgd, rmsprop, adam, adamw };
constexpr auto words_of(OptimizerKind) {
  return words<OptimizerKind>({{OptimizerKind::sgd, "sgd"},
                               {OptimizerKind::rmsprop, "rmsprop"},
                               {OptimizerKind::adam, "adam"},
                               {OptimizerKind::adamw, "adamw", "adam with a decay of the weights that is no part of the gradient"}});
}

struct OptimizerOptions {
  OptimizerKind name = OptimizerKind::adam;
  double learning_rate = 1e-3;
  double weight_decay = 0;  ///< adamw: decoupled from the gradient; others: added to the gradient (L2)
  bool decay_all = false;   ///< false leaves out parameters with one axis or none: biases, scales and shifts of norms
  double momentum = 0;      ///< sgd, rmsprop
  bool nesterov = false;    ///< sgd
  double beta1 = 0.9;       ///< adam, adamw
  double beta2 = 0.999;     ///< adam, adamw
  double smoothing = 0.99;  ///< rmsprop
  bool centered = false;    ///< rmsprop
  double epsilon = 1e-8;    ///< adam, adamw, rmsprop
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

  Optimizer(NamedParameters parameters, OptimizerOptions options, std::vector<std::string> slots);
  virtual void update(Active& active, const StepSize& size) = 0;
  /// The same rule for the kernels of basewise, at step `steps` of a parameter; memory and decay
  /// are filled in by the caller.
  virtual kernels::Update rule(const StepSize& size, double steps) const = 0;
  /// Whether decay multiplies the parameter instead of joining the gradient.
  virtual bool decoupled() const { return false; }

  OptimizerOptions options_;

 private:
  Active collect(const StepSize& size, double factor, std::vector<kernels::Update>& native);
  kernels::Update native_update(std::size_t i, const StepSize& size, bool decays) const;

  NamedParameters parameters_;
  std::vector<std::string> slot_names_;
  std::vector<std::vector<at::Tensor>> slots_;
  std::vector<std::int64_t> steps_;
  std::vector<double> factors_;  ///< of the learning rate, for each parameter
};

/// Errors: ArgumentError for a value out of bounds, and for one of `parts` that names no parameter.
std::unique_ptr<Optimizer> make_optimizer(NamedParameters parameters, const OptimizerOptions& options);

/// Parameters of a module that ask for a gradient, with their dotted names.
NamedParameters trainable_parameters(const torch::nn::Module& module);

struct ClipOptions {
  double norm = 0;   ///< largest Euclidean norm of all gradients together; 0: no limit
  double value = 0;  ///< largest absolute value of a gradient component; 0: no limit
};
void describe(Visitor& v, ClipOptions& o);

/// Clips gradients in place, by value first, then by norm (scaled by norm / (total + 1e-6) where
/// the total exceeds it). Returns the total Euclidean norm before the scaling by norm.
double clip_gradients(const NamedParameters& parameters, const ClipOptions& options);

}  // namespace basewise::train
