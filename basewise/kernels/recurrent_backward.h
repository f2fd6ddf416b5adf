// Gradients of recurrent layers through time.
#pragma once

#include "basewise/kernels/recurrent.h"

namespace basewise::kernels {

struct RecurrentGradients {
  float* weight = nullptr;
  float* recurrent = nullptr;
  float* bias = nullptr;
  float* recurrent_bias = nullptr;
};

/// The gradients, each only where given.
struct RecurrentBackward {
  RecurrentShape shape{};
  ConstBlock x{};  ///< needed for gradients of `weight`
  RecurrentWeights weights[2]{};
  RecurrentStart start{};
  const float* record = nullptr;
  ConstBlock dstates{};              ///< (batch, length, directions units), or nothing: zeros
  const float* dlast = nullptr;      ///< (batch, directions, units), or null: zeros
  const float* dlast_cell = nullptr;
  MutableBlock dx{};
  RecurrentGradients dweights[2]{};
  float* dstart = nullptr;           ///< (batch, directions, units)
  float* dstart_cell = nullptr;
};
void recurrent_backward(const RecurrentBackward& call, const Run& run = {});

}  // namespace basewise::kernels
