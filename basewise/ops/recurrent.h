// The one function through which every recurrent layer goes.
#pragma once

#include <array>

#include "basewise/kernels/recurrent.h"
#include "basewise/tensor/torch.h"

namespace basewise::ops {

/// Which cell (kernels/recurrent.h has the formulas), and whether a second one runs from the last
/// position to the first.
struct RecurrentSettings {
  kernels::RecurrentCell cell = kernels::RecurrentCell::gru;
  kernels::GateFunction gates = kernels::GateFunction::sigmoid;
  bool bidirectional = false;

  std::int64_t directions() const { return bidirectional ? 2 : 1; }
};

/// Of one direction; biases may be undefined. Rows are those of the gates, in their order.
struct RecurrentWeight {
  at::Tensor weight;          ///< (gate units, C)
  at::Tensor recurrent;       ///< (gate units, units)
  at::Tensor bias;            ///< (gate units)
  at::Tensor recurrent_bias;  ///< (gate units)
};

/// What is read. Where both directions start: the numbers of the first, then those of the second.
struct RecurrentTensors {
  at::Tensor x;  ///< (N, C, L)
  std::array<RecurrentWeight, 2> weights{};
  at::Tensor state;  ///< (N, directions units); undefined: zeros
  at::Tensor cell;   ///< the same, of an LSTM
};

/// States behind the steps; channels are those of the first direction, then those of the second.
struct RecurrentResult {
  at::Tensor states;  ///< (N, directions units, L); undefined where not asked for
  at::Tensor last;    ///< (N, directions units): of the last step of each direction
  at::Tensor cell;    ///< the same of an LSTM's cell, else undefined
};

/// Runs through all positions. `states`: whether those of every position are wanted. By the kernels
/// of basewise in single precision on a CPU, where they are chosen: then gradients have no
/// gradients (ArgumentError); else step by step, by torch.
RecurrentResult recurrent(const RecurrentTensors& tensors, const RecurrentSettings& settings, bool states);

}  // namespace basewise::ops
