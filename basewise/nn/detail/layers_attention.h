// Attention between positions, with memory of earlier segments.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "basewise/nn/detail/weighted_layer.h"
#include "basewise/nn/layer_types.h"

namespace basewise::nn::detail {

/// Where the positions lie that a position attends to.
enum class AttentionSides { left, both };
constexpr auto words_of(AttentionSides) {
  return words<AttentionSides>({{AttentionSides::left, "left", "to itself and those before it, earlier segments included"},
                                {AttentionSides::both, "both", "to itself and those on both sides; there is no memory"}});
}

/// How attention knows where a position lies.
enum class AttentionPositions { relative, absolute, rotary, none };
constexpr auto words_of(AttentionPositions) {
  return words<AttentionPositions>(
      {{AttentionPositions::relative, "relative", "a term for the distance in each score (Dai et al. 2019, Transformer-XL)"},
       {AttentionPositions::absolute, "absolute", "sines of the place in the sequence are added to the input (Vaswani et al. 2017)"},
       {AttentionPositions::rotary, "rotary", "queries and keys are turned by angles that grow with the place (Su et al. 2021)"},
       {AttentionPositions::none, "none", "not at all"}});
}

/// What the convolutions of queries, keys and values see at the ends of a segment.
enum class AttentionMode { compat, halo, causal };
constexpr auto words_of(AttentionMode) {
  return words<AttentionMode>(
      {{AttentionMode::compat, "compat",
        "zeros to the right of the segment, to the left of the memory and to the left of the first query, as published: numbers near "
        "the ends depend on where segments end"},
       {AttentionMode::halo, "halo",
        "real positions: the last ones of a segment are only looked at, and come again at the start of the next (in an attention_stack, "
        "which cuts them from its output)"},
       {AttentionMode::causal, "causal", "nothing to the right: the whole width lies to the left"}});
}

/// How many positions before it a position attends to in training.
enum class TrainingReach { window, all };
constexpr auto words_of(TrainingReach) {
  return words<TrainingReach>({{TrainingReach::window, "window", "as many as otherwise"},
                               {TrainingReach::all, "all", "all of its segment and of the memory (Dai et al. 2019)"}});
}

/// Attention of several heads, y = W_o [z_1; ...; z_H], in the form of Dai et al. 2019 with the
/// convolutions of Clauwaert et al. 2021. For query n and key j of one head, q, k, v being the
/// projected input, each through its own convolution that all heads share:
///
///   s(n, j) = [(q_n + u) . k_j + (q_n + v) . W_r R_(n - j)] / sqrt(head_width)
///   z_n = sum over j of softmax_j(s(n, j)) v_j
///
/// R_d = [sin(d w_0), sin(d w_1), ..., cos(d w_0), cos(d w_1), ...] with w_i = 10000^(-2 i / C). u,
/// v and W_r are there with positions = "relative"; u and v belong to the attention_stack around
/// the layer where there is one.
struct AttentionOptions {
  std::int64_t heads = 0;
  std::int64_t head_width = 0;
  std::int64_t conv_width = 0;         ///< of the convolutions of q, k and v; 0: there are none
  std::optional<std::int64_t> window;  ///< positions attended to: itself and window - 1 before it (with sides = both: on each side)
  AttentionSides sides = AttentionSides::left;
  AttentionPositions positions = AttentionPositions::relative;
  AttentionMode mode = AttentionMode::compat;
  TrainingReach in_training = TrainingReach::window;
  double position_dropout = 0.0;  ///< share of the numbers of R that are zero in training; in a stack the same ones for all layers
  Initialiser initialiser = Initialiser::normal;  ///< of all weights but those of the convolutions, which start as torch's do
  double initialiser_scale = 0.02;
};
void describe(Visitor& v, AttentionOptions& o);

/// Layers inside, one after the other; the attention layers among them share u and v, the random
/// zeros of R, and what their convolutions look ahead in mode "halo": that many positions are cut
/// from the right end of the output.
struct AttentionStackOptions {};
void describe(Visitor& v, AttentionStackOptions& o);

/// The types attention and attention_stack.
std::span<const LayerType> attention_layers();

}  // namespace basewise::nn::detail
