// Single losses between one output of a model and one target of a data set.
#pragma once

#include <memory>

#include "basewise/nn/loss.h"

namespace basewise::nn::detail {

/// One loss. Every loss keeps these laws:
/// * `mask` (bool or number; anything but 0 means measured) has the shape of the target or its
///   leading axes, and may be undefined. What is not measured has no influence and gradient exactly
///   0, whatever stands there, NaN included.
/// * `weight` (N), of the examples, multiplies their values; undefined: 1.
///   An example of weight 0 counts as not measured.
/// * "mean" divides the sum of the values by the number of measured values; "sum" by the number of
///   examples (first axis). Nothing measured at all gives 0. Weights do not enter the divisor: all
///   of them doubled double the loss.
/// * The target has the output's shape, or lacks its last axis of size 1.
///   Errors: ShapeError with both shapes.
class Loss {
 public:
  virtual ~Loss() = default;
  /// Scalar.
  virtual at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                                const at::Tensor& weight = {}) const = 0;

  /// What the value of a batch is divided by, but 0 where nothing was measured.
  virtual double measured(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight = {}) const = 0;
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

}  // namespace basewise::nn::detail
