// Functions of each value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

enum class ActivationKind {
  relu,
  gelu,
  gelu_tanh,
  gelu_sigmoid,
  elu,
  leaky_relu,
  exponential,
  exp_linear,
  sigmoid,
  softplus,
  tanh,
  silu,
  softmax,
  linear,
  exp_relu,
  log_relu
};
constexpr auto words_of(ActivationKind) {
  return words<ActivationKind>({{ActivationKind::relu, "relu"},
                                {ActivationKind::gelu, "gelu"},
                                {ActivationKind::gelu_tanh, "gelu_tanh", "the tanh approximation of gelu"},
                                {ActivationKind::gelu_sigmoid, "gelu_sigmoid", "x sigmoid(1.702 x)"},
                                {ActivationKind::elu, "elu"},
                                {ActivationKind::leaky_relu, "leaky_relu"},
                                {ActivationKind::exponential, "exponential"},
                                {ActivationKind::exp_linear, "exp_linear", "x + 1 above zero, exp(x) below"},
                                {ActivationKind::sigmoid, "sigmoid"},
                                {ActivationKind::softplus, "softplus"},
                                {ActivationKind::tanh, "tanh"},
                                {ActivationKind::silu, "silu"},
                                {ActivationKind::softmax, "softmax", "over channels"},
                                {ActivationKind::linear, "linear", "x itself"},
                                {ActivationKind::exp_relu, "exp_relu", "max(0, exp(x) - 1)"},
                                {ActivationKind::log_relu, "log_relu", "max(0, ln(|x| + 1e-10))"}});
}

/// out_scale * f(in_scale * x - shift)^power + offset, f of `kind`. The modified activations of Koo
/// and Ploenzke 2021 are such: max(0, (x - 0.2)^3) is relu with shift 0.2 and power 3, 500
/// tanh(x - 6) + 500 is tanh with shift 6, out_scale 500 and offset 500.
struct ActivationOptions {
  ActivationKind kind = ActivationKind::relu;
  double slope = 0.01;  ///< of leaky_relu: slope below zero
  double alpha = 1.0;   ///< of elu: -alpha is the limit far below zero
  std::optional<double> clip = {};  ///< of those with exp(x) in them: x is brought to -clip to clip before it
  double in_scale = 1.0;
  double shift = 0.0;
  std::int64_t power = 1;
  double out_scale = 1.0;
  double offset = 0.0;
};
void describe(Visitor& v, ActivationOptions& o);

/// A layer of a function without parameters of its own, for layers that apply it to parts.
LayerPtr make_function(ActivationKind kind);

/// The type activation.
std::span<const LayerType> activation_layers();

}  // namespace basewise::nn::detail
