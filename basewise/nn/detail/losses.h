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

  /// The same with numbers of a second head beside the output (`LossOptions::dispersion`).
  virtual at::Tensor beside(const at::Tensor& /*second*/, const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                            const at::Tensor& weight) const {
    return (*this)(output, target, mask, weight);
  }

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
/// * poisson: with log_input e^x - y x, else x - y log(x + epsilon); with factorials + log y!, or
///   with stirling + y log y - y + log(2 pi y) / 2 where y > 1, as TensorFlow has it.
/// * poisson_multinomial, x rates and y (N, T, L) (or (N, L)): one value per (example, channel), a
///   (X - Y log(X + epsilon)) / W + sum_i -(w_i y_i + epsilon) log((w_i x_i + epsilon) / X) / W,
///   w_i the weights of the positions, X = sum_i w_i x_i, Y = sum_i w_i y_i, W = sum_i w_i over the
///   measured ones, a total_weight. w is 1 everywhere, or with position_range r > 1
///   exp(-|d / s|^k), d the distance from the middle, k position_exponent, s such that the weight
///   falls from the middle to the ends by r; the largest weight is 1. (Borzoi, Linder et al. 2025)
/// * poisson_kl, x rates, y (N, T) or (N, T, L): one value per example or (example, position), the
///   mean over channels of x - y log(x + epsilon) plus a sum_t q_t log(q_t / p_t), p and q what
///   x + epsilon and y + epsilon are of their sums over the channels, a specificity_weight.
/// * mse_udot, the same shapes: the mean over channels of (x - y)^2 minus a times that of (x - mean
///   x) (y - mean y).
/// * negative_binomial, x the mean, 1 / k the dispersion: -(log G(y + k) - log G(k) + y
///   log(x / (x + k)) + k log(k / (x + k))), G the gamma function; with factorials + log y!. The
///   dispersion is a number, or softplus of a second head (N, T, L), (N, T) or such that it
///   spreads.
/// * gamma: y / (x + epsilon) + log(x + epsilon).
///
/// Before those of rates and values, x and y are brought into [0, target_clip] where that is not 0,
/// and with target_sqrt replaced by their square roots (below 0: 0). In sums over channels or
/// positions only what is measured takes part.
///
/// * multinomial, x logits and y counts (N, S, L) (or (N, L)): with p = softmax(x) over the
///   positions of a strand (or over strands and positions, distribution = "all") and n = sum y:
///   -sum_i y_i log p_i; with factorials - log n! + sum_i log y_i!. One value per (example, strand)
///   or per example. Masked positions leave the distribution; a mask (N, S) leaves out whole
///   strands.
///
/// Errors: ArgumentError for options that do not fit.
std::unique_ptr<Loss> make_loss(const LossOptions& options);

}  // namespace basewise::nn::detail
