// Functions of each value.
#pragma once

#include <span>
#include "basewise/core/options.h"
#include "basewise/nn/layer_types.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

enum class ActivationKind { relu, gelu, gelu_tanh, elu, leaky_relu, exponential, sigmoid, softplus, tanh, silu, softmax };
constexpr auto words_of(ActivationKind) {
  return words<ActivationKind>({{ActivationKind::relu, "relu"},
                                {ActivationKind::gelu, "gelu"},
                                {ActivationKind::gelu_tanh, "gelu_tanh", "the tanh approximation of gelu"},
                                {ActivationKind::elu, "elu"},
                                {ActivationKind::leaky_relu, "leaky_relu"},
                                {ActivationKind::exponential, "exponential"},
                                {ActivationKind::sigmoid, "sigmoid"},
                                {ActivationKind::softplus, "softplus"},
                                {ActivationKind::tanh, "tanh"},
                                {ActivationKind::silu, "silu"},
                                {ActivationKind::softmax, "softmax", "over channels"}});
}

struct ActivationOptions {
  ActivationKind kind = ActivationKind::relu;
  double slope = 0.01;  ///< of leaky_relu: slope below zero
  double alpha = 1.0;   ///< of elu: -alpha is the limit far below zero
};
void describe(Visitor& v, ActivationOptions& o);

/// A layer of a function without parameters of its own, for layers that apply it to parts.
LayerPtr make_function(ActivationKind kind);

/// The type activation.
std::span<const LayerType> activation_layers();

}  // namespace basewise::nn::detail
