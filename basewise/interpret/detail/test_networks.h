// Small networks with weights that are not at their start, and random sequences,
// for tests of this module.
#pragma once

#include <string>

#include "basewise/nn/model.h"
#include "basewise/tensor/tensors.h"
#include "basewise/tensor/tokens.h"
#include "tests/support/model_tests.h"

namespace basewise::interpret::detail {

inline std::string function_text(const std::string& kind) { return layer_text("activation", "kind = \"" + kind + "\""); }

/// `layers` between sequences of 37 bases and a dense head.
inline std::string network_text(const std::string& layers, const std::string& head = "logits", int units = 3) {
  return "format = 1\n[inputs.sequence]\nchannels = 4\nlength = 37\n" + layers +
         head_text(head, layer_text("dense", format("units = {}", units), "heads.layers"));
}

/// A rectified convolution and its mean over positions.
inline std::string mean_of_convolution(std::size_t filters, int width, const std::string& more = {}) {
  return layer_text("conv", format("filters = {}\nwidth = {}\n{}", filters, width, more)) + function_text("relu") +
         layer_text("pool", "kind = \"mean\"\nglobal = true");
}

inline nn::ModelPtr network(const std::string& layers, at::ScalarType type = at::kDouble) {
  nn::ModelPtr model = nn::build_model(network_text(layers), "test", 5);
  model->to(type);
  shake(*model, 0.4);
  const at::NoGradGuard no_grad;
  for (auto& buffer : model->named_buffers())
    if (buffer.key().find("running") != std::string::npos)
      buffer.value().add_(at::arange(buffer.value().numel(), buffer.value().options()) * 0.2);
  return model;
}

/// Two convolutions with a function each.
inline std::string convolutions(const std::string& kind) {
  return layer_text("conv", "filters = 7\nwidth = 5") + function_text(kind) +
         layer_text("conv", "filters = 6\nwidth = 3\npadding = \"valid\"") + function_text(kind);
}

inline std::string dilated_residual(const std::string& kind) {
  const std::string inner = layer_text("conv", "filters = 7\nwidth = 3\ndilation = 4\npadding = \"valid\"", "layers.layers") +
                            layer_text("activation", "kind = \"" + kind + "\"", "layers.layers");
  return layer_text("conv", "filters = 7\nwidth = 5") + function_text(kind) + layer_text("residual") + inner +
         layer_text("pool", "kind = \"mean\"\nglobal = true");
}

/// One-hot (N, 4, L).
inline at::Tensor random_sequences(std::int64_t n, std::int64_t length, std::uint64_t seed = 3) {
  Stream stream(seed);
  at::Tensor tokens = at::empty({n, length}, at::kByte);
  auto* to = tokens.mutable_data_ptr<std::uint8_t>();
  for (std::int64_t i = 0; i < n * length; ++i) to[i] = static_cast<std::uint8_t>(stream.below(4));
  return one_hot_of(tokens).contiguous();
}

/// The largest distance.
inline double apart(const at::Tensor& a, const at::Tensor& b) { return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>(); }

}  // namespace basewise::interpret::detail
