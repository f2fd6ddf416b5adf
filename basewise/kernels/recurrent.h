// Recurrent layers: GRU in its two forms and LSTM, in one direction or in both. Some examples go
// through all steps on one thread, so that threads never wait for each other and no result depends
// on them.
#pragma once

#include <cstdint>

#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// What a step makes of the input x and of the state h before it, H units each. s is the function
/// of the gates; W[r] are the rows of a weight that belong to gate r, likewise U, b and c.
enum class RecurrentCell {
  /// PyTorch's GRU, and that of Keras with reset_after (Cho et al. 2014, in the form of cuDNN).
  /// Rows are in the order r, z, n.
  ///
  ///   r = s(W[r] x + b[r] + U[r] h + c[r]), z likewise
  ///   n = tanh(W[n] x + b[n] + r (U[n] h + c[n]))
  ///   h' = z h + (1 - z) n
  gru,
  /// The GRU of Keras 1 (Cho et al. 2014): the same but for
  ///
  ///   n = tanh(W[n] x + b[n] + U[n] (r h) + c[n])
  gru_reset_before,
  /// Hochreiter and Schmidhuber 1997 with the gate f of Gers et al. 2000. Rows are in the order i,
  /// f, g, o; m is the cell state.
  ///
  ///   i = s(W[i] x + b[i] + U[i] h + c[i]), f and o likewise, g with tanh in place of s
  ///   m' = f m + i g
  ///   h' = o tanh(m')
  lstm,
};

enum class GateFunction {
  sigmoid,
  hard_sigmoid,  ///< 0.2 x + 0.5 within [0, 1]
};

struct RecurrentShape {
  std::int64_t batch = 1;
  std::int64_t length = 0;
  std::int64_t channels = 1;
  std::int64_t units = 1;
  RecurrentCell cell = RecurrentCell::gru;
  GateFunction gates = GateFunction::sigmoid;
  bool bidirectional = false;  ///< a second one from the last position to the first

  std::int64_t directions() const { return bidirectional ? 2 : 1; }
  /// Rows of a weight.
  std::int64_t gate_units() const { return (cell == RecurrentCell::lstm ? 4 : 3) * units; }
};

/// Of one direction, all dense.
struct RecurrentWeights {
  const float* weight = nullptr;          ///< W, (gate units, channels)
  const float* recurrent = nullptr;       ///< U, (gate units, units)
  const float* bias = nullptr;            ///< b, (gate units) or null
  const float* recurrent_bias = nullptr;  ///< c, (gate units) or null
};

/// Where the first step of each direction starts; null: at zero.
struct RecurrentStart {
  const float* state = nullptr;  ///< (batch, directions, units)
  const float* cell = nullptr;   ///< the same; of lstm
};

/// What is wanted may be left out, each by itself.
struct RecurrentForward {
  RecurrentShape shape{};
  ConstBlock x{};  ///< (batch, length, channels)
  RecurrentWeights weights[2]{};
  RecurrentStart start{};
  MutableBlock states{};       ///< (batch, length, directions units): h' of every position
  float* last = nullptr;       ///< (batch, directions, units): h' of the last step of each direction
  float* last_cell = nullptr;  ///< the same of m'; of lstm
  float* record = nullptr;     ///< `recurrent_record` numbers that the backward pass reads; without, memory does not grow with the length
};
/// Errors: ArgumentError for sizes that fit no layer.
void recurrent_forward(const RecurrentForward& call, const Run& run = {});

/// Numbers that a forward pass records for the backward pass.
std::int64_t recurrent_record(const RecurrentShape& shape);

}  // namespace basewise::kernels
