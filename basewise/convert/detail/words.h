// The words of parameter files and Keras files as choices.
#pragma once

#include <string>
#include <string_view>

#include "basewise/core/choice.h"

namespace basewise::convert::detail {

/// Optimisers, as tables and JSON files call them.
enum class Rule { sgd, momentum, rmsprop, adam, adamw };
constexpr auto words_of(Rule) {
  return words<Rule>(
      {{Rule::sgd, "sgd"}, {Rule::momentum, "momentum"}, {Rule::rmsprop, "rmsprop"}, {Rule::adam, "adam"}, {Rule::adamw, "adamw"}});
}

/// Losses; `gaussian` is another word for mse, `poisson_mn` for poisson_multinomial.
enum class LossWord { poisson, bce, mse, gaussian, poisson_mn, poisson_multinomial, poisson_kl, mse_udot };
constexpr auto words_of(LossWord) {
  return words<LossWord>({{LossWord::poisson, "poisson"},
                          {LossWord::bce, "bce"},
                          {LossWord::mse, "mse"},
                          {LossWord::gaussian, "gaussian"},
                          {LossWord::poisson_mn, "poisson_mn"},
                          {LossWord::poisson_multinomial, "poisson_multinomial"},
                          {LossWord::poisson_kl, "poisson_kl"},
                          {LossWord::mse_udot, "mse_udot"}});
}

/// Blocks of trunks and heads.
enum class BlockWord {
  conv_block,
  conv_dna,
  conv_nac,
  conv_tower,
  conv_tower_nac,
  res_tower,
  dilated_residual,
  dilated_dense,
  dense_block,
  crop,
  final,
  dense
};
constexpr auto words_of(BlockWord) {
  return words<BlockWord>({{BlockWord::conv_block, "conv_block"},
                           {BlockWord::conv_dna, "conv_dna"},
                           {BlockWord::conv_nac, "conv_nac"},
                           {BlockWord::conv_tower, "conv_tower"},
                           {BlockWord::conv_tower_nac, "conv_tower_nac"},
                           {BlockWord::res_tower, "res_tower"},
                           {BlockWord::dilated_residual, "dilated_residual"},
                           {BlockWord::dilated_dense, "dilated_dense"},
                           {BlockWord::dense_block, "dense_block"},
                           {BlockWord::crop, "Cropping1D"},
                           {BlockWord::final, "final"},
                           {BlockWord::dense, "dense"}});
}

enum class NormWord { none, batch, batch_sync, layer };
constexpr auto words_of(NormWord) {
  return words<NormWord>(
      {{NormWord::none, "none"}, {NormWord::batch, "batch"}, {NormWord::batch_sync, "batch-sync"}, {NormWord::layer, "layer"}});
}

enum class PoolWord { max };
constexpr auto words_of(PoolWord) { return words<PoolWord>({{PoolWord::max, "max"}}); }

enum class ConvWord { standard };
constexpr auto words_of(ConvWord) { return words<ConvWord>({{ConvWord::standard, "standard"}}); }

enum class TargetWord { binary };
constexpr auto words_of(TargetWord) { return words<TargetWord>({{TargetWord::binary, "binary"}}); }

/// Start values, by the words of Keras.
enum class StartWord { he_normal, he_uniform, glorot_normal, glorot_uniform, lecun_normal, lecun_uniform };
constexpr auto words_of(StartWord) {
  return words<StartWord>({{StartWord::he_normal, "he_normal"},
                           {StartWord::he_uniform, "he_uniform"},
                           {StartWord::glorot_normal, "glorot_normal"},
                           {StartWord::glorot_uniform, "glorot_uniform"},
                           {StartWord::lecun_normal, "lecun_normal"},
                           {StartWord::lecun_uniform, "lecun_uniform"}});
}

/// What a Keras model is.
enum class ModelWord { sequential, model, functional };
constexpr auto words_of(ModelWord) {
  return words<ModelWord>({{ModelWord::sequential, "Sequential"}, {ModelWord::model, "Model"}, {ModelWord::functional, "Functional"}});
}

enum class PaddingWord { valid, same, causal };
constexpr auto words_of(PaddingWord) {
  return words<PaddingWord>({{PaddingWord::valid, "valid"}, {PaddingWord::same, "same"}, {PaddingWord::causal, "causal"}});
}

enum class AxesWord { channels_last };
constexpr auto words_of(AxesWord) { return words<AxesWord>({{AxesWord::channels_last, "channels_last"}}); }

/// Functions of values: what files call them, and us.
inline constexpr std::string_view kGelu = "gelu", kSigmoid = "sigmoid", kReluWord = "relu", kSoftmax = "softmax";

}  // namespace basewise::convert::detail
