// Losses between one output of a model and one target of a dataset.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/schema.h"

namespace basewise::nn {

struct LossOptions {
  std::string type = "binary_cross_entropy";
  std::string output = "logits";  ///< head of the model
  std::string target = "labels";  ///< tensor of the dataset; "<target>.mask" beside it masks missing values
  double weight = 1.0;            ///< factor in the total loss
  std::string reduction = "mean"; ///< mean over measured values, or sum per example (mean over the batch)
  std::vector<double> class_weights;  ///< binary: weight of the positive class per output (one for all, or one each); cross-entropy: one per class
  double label_smoothing = 0.0;       ///< binary and cross-entropy: share of the label that is spread evenly over the classes
  bool log_input = true;              ///< poisson: the output is the logarithm of the rate
  double epsilon = 1e-8;              ///< poisson without log_input: added to the rate inside the logarithm
  bool factorials = false;            ///< poisson, multinomial: keep the terms that do not depend on the output
  std::string distribution = "strand";  ///< multinomial: one distribution along positions per strand (channel), or over all together
};
void describe(Visitor& v, LossOptions& o);

/// One loss. Every loss keeps these laws:
/// * `mask` (bool or number; anything but 0 means measured) has the shape of the target or its
///   leading axes, and may be undefined. What is not measured has no influence and gradient exactly
///   0, whatever stands there, NaN included.
/// * `weight` (N), of the examples, multiplies their values; undefined: 1. An example of weight 0
///   counts as not measured.
/// * "mean" divides the sum of the values by the number of measured values; "sum" by the number of
///   examples (first axis). Nothing measured at all gives 0. Weights do not enter the divisor: all
///   of them doubled double the loss.
/// * The target has the output's shape, or lacks its last axis of size 1. Errors: ShapeError with
///   both shapes.
class Loss {
 public:
  virtual ~Loss() = default;
  /// Scalar.
  virtual at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                                const at::Tensor& weight = {}) const = 0;
};

/// Losses by `type` (x: output, y: target):
///
/// * binary_cross_entropy, x logits (N, T) or (N, T, L): -[w y log s(x) + (1 - y) log(1 - s(x))],
///   s(x) = 1 / (1 + e^-x), w the class weight of output t (axis 1), 1 by default; smoothing a
///   replaces y by (1 - a) y + a / 2.
/// * cross_entropy, x logits (N, C) or (N, C, L), y class numbers (N) or (N, L), or probabilities
///   of the shape of x: -sum_c w_c q_c log softmax(x)_c over axis 1, q = (1 - a) onehot(y) + a / C.
///   Class weights do not enter the divisor of the mean.
/// * mse: (x - y)^2.
/// * poisson: with log_input e^x - y x, else x - y log(x + epsilon); with factorials + log y!.
/// * multinomial, x logits and y counts (N, S, L) (or (N, L)): with p = softmax(x) over the
///   positions of a strand (or over strands and positions, distribution = "all") and n = sum y:
///   -sum_i y_i log p_i; with factorials - log n! + sum_i log y_i!. One value per (example, strand)
///   or per example. Masked positions leave the distribution; a mask (N, S) leaves out whole
///   strands.
///
/// Errors: ArgumentError for options that do not fit.
std::unique_ptr<Loss> make_loss(const LossOptions& options);

/// Weighted sum of several losses over named outputs and targets. Masks are those of
/// `LossOptions::target`, and examples have no weights, unless a schema says more (`following`).
class TotalLoss {
 public:
  /// Errors: ArgumentError when there is none, or for options that do not fit.
  explicit TotalLoss(std::vector<LossOptions> options);

  /// The same losses for data of this schema. Masks and weights of examples are found by their
  /// roles; with several data sets, a batch has the losses of the targets of its own set. Errors:
  /// ArgumentError for a target that none of several sets has.
  TotalLoss following(const Schema& schema) const;

  /// Sum of weight * loss. Errors: ArgumentError for outputs or targets that are not there (the
  /// loss is named).
  at::Tensor operator()(const Bundle& outputs, const Bundle& targets) const;

  /// The single losses, not weighted, named "type(output)", for logs.
  std::vector<std::pair<std::string, at::Tensor>> parts(const Bundle& outputs, const Bundle& targets) const;

  const std::vector<LossOptions>& options() const { return options_; }

 private:
  // What belongs to a loss by name; a name may be one that batches lack.
  struct Names {
    std::string mask;
    std::string weight;
    std::vector<std::int64_t> sets;  // empty: all
  };

  std::vector<std::size_t> wanted(const Bundle& targets) const;
  at::Tensor one(std::size_t i, const Bundle& outputs, const Bundle& targets) const;

  std::vector<LossOptions> options_;
  std::vector<std::shared_ptr<const Loss>> losses_;
  std::vector<Names> names_;
  std::string set_;  // the tensor that says which set a batch is of; empty: there is one
};

}  // namespace basewise::nn
