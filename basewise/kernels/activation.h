// The functions that kernels apply to the numbers they compute.
#pragma once

namespace basewise::kernels {

/// What follows the sum: value = function(sum + bias), y = value + skip.
/// elu has a limit of -1, leaky_relu a slope of 0.01 below zero; gelu_tanh is the approximation of
/// gelu by a hyperbolic tangent.
enum class Activation { identity, relu, exponential, gelu, gelu_tanh, silu, sigmoid, tanh, softplus, elu, leaky_relu };

/// Whether the derivative is known from the value after the function; others
/// (gelu, gelu_tanh, silu) need the value before it.
constexpr bool derivative_from_value(Activation a) {
  return a != Activation::gelu && a != Activation::gelu_tanh && a != Activation::silu;
}

}  // namespace basewise::kernels
