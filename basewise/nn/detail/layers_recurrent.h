// Recurrent layers: GRU and LSTM along the positions.
#pragma once

#include <cstdint>
#include <span>

#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// What a recurrent layer gives.
enum class RecurrentOutput { sequence, final_state };
constexpr auto words_of(RecurrentOutput) {
  return words<RecurrentOutput>(
      {{RecurrentOutput::sequence, "sequence", "the state at every position: (N, units, L)"},
       {RecurrentOutput::final_state, "final", "the state behind the last step of each direction: (N, units)"}});
}

/// Where the reset gate of a GRU acts.
enum class GruCell { torch, keras1 };
constexpr auto words_of(GruCell) {
  return words<GruCell>(
      {{GruCell::torch, "torch", "behind the recurrent sum, which has a bias of its own: PyTorch's, and Keras' with reset_after"},
       {GruCell::keras1, "keras1", "on the state before it, with one bias for each gate: that of Keras 1 (Cho et al. 2014)"}});
}

/// The function of the gates.
enum class Gates { sigmoid, hard_sigmoid };
constexpr auto words_of(Gates) {
  return words<Gates>(
      {{Gates::sigmoid, "sigmoid"}, {Gates::hard_sigmoid, "hard_sigmoid", "0.2 x + 0.5 within 0 and 1, as in Keras 1 and 2"}});
}

/// What GRU and LSTM share. The formulas are in kernels/recurrent.h; rows of weights are those of
/// the gates r, z, n (GRU) and i, f, g, o (LSTM), `units` each. Two directions have weights of
/// their own, those of the second named ..._reverse; their channels stand one behind the other.
struct RecurrentOptions {
  std::int64_t units = 0;
  bool bidirectional = false;
  RecurrentOutput output = RecurrentOutput::sequence;
  /// of the input; max_norm holds for the recurrent weight too. The rule "torch" takes `units` for
  /// the inputs, as PyTorch does
  WeightOptions weight;
  Initialiser recurrent_initialiser = Initialiser::torch;
  double recurrent_scale = 1.0;
};

struct GruOptions {
  GruCell cell = GruCell::torch;
  Gates gates = Gates::hard_sigmoid;  ///< of cell = "keras1"; those of "torch" are sigmoids
  RecurrentOptions shared;
};
void describe(Visitor& v, GruOptions& o);

struct LstmOptions {
  Gates gates = Gates::sigmoid;
  double forget_bias = 1.0;  ///< start of the bias of the gate f (Jozefowicz et al. 2015)
  RecurrentOptions shared;
};
void describe(Visitor& v, LstmOptions& o);

/// The types gru and lstm. What runs from left to right alone has a memory: its state behind one
/// segment is where the next begins.
std::span<const LayerType> recurrent_layers();

}  // namespace basewise::nn::detail
