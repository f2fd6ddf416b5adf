// Where a model computes.
#pragma once

#include "basewise/nn/model.h"

namespace basewise::infer::detail {

/// The device of its parameters, else of its buffers; a model without both is on the CPU.
inline at::Device device_of(const nn::Model& model) {
  for (const auto& parameter : model.parameters()) return parameter.device();
  for (const auto& buffer : model.buffers()) return buffer.device();
  return at::kCPU;
}

}  // namespace basewise::infer::detail
