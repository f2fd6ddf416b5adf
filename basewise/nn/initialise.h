// Start values of parameters by a rule, drawn from counter-based streams.
#pragma once

#include <cstdint>
#include <string_view>

#include "basewise/core/choice.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn {

/// Fan-in and fan-out of a weight: inputs and outputs of one unit, times the width of the kernel.
struct Fans {
  double in = 1;
  double out = 1;
};

/// Of a weight (out, in / groups, width) or (out, in).
Fans fans(const at::Tensor& weight);

/// How values start (He et al. 2015; Glorot, Bengio 2010). Normal draws are not truncated unless
/// the name says so; those are drawn again until they lie within two deviations, as Keras does it.
/// Of glorot, kaiming (Keras: he) and lecun the deviation before truncation is larger by
/// 1 / 0.87962566103423978, so that the one after it is that of the rule; of truncated_normal it is
/// `scale`.
enum class Initialiser {
  torch,            ///< U(+-1 / sqrt(in)), torch's default for convolutions and dense layers
  kaiming_normal,   ///< N(0, 2 / in)
  kaiming_uniform,  ///< U(+-sqrt(6 / in))
  glorot_normal,    ///< N(0, 2 / (in + out))
  glorot_uniform,   ///< U(+-sqrt(6 / (in + out)))
  xavier_normal,    ///< as glorot_normal
  xavier_uniform,   ///< as glorot_uniform
  lecun_normal,     ///< N(0, 1 / in)
  lecun_uniform,    ///< U(+-sqrt(3 / in))
  kaiming_truncated,  ///< as kaiming_normal, truncated: Keras' he_normal
  glorot_truncated,   ///< as glorot_normal, truncated: Keras' glorot_normal
  lecun_truncated,    ///< as lecun_normal, truncated: Keras' lecun_normal
  orthogonal,         ///< rows or columns of (out, the rest), whichever are fewer, orthogonal and of length scale (Saxe et al. 2014)
  truncated_normal,   ///< N(0, scale^2) before truncation
  normal,           ///< N(0, scale^2)
  uniform,          ///< U(-scale, scale)
  zeros,
  ones,
  constant,         ///< scale
};
constexpr auto words_of(Initialiser) {
  return words<Initialiser>({{Initialiser::torch, "torch"},
                             {Initialiser::kaiming_normal, "kaiming_normal"},
                             {Initialiser::kaiming_uniform, "kaiming_uniform"},
                             {Initialiser::glorot_normal, "glorot_normal"},
                             {Initialiser::glorot_uniform, "glorot_uniform"},
                             {Initialiser::xavier_normal, "xavier_normal"},
                             {Initialiser::xavier_uniform, "xavier_uniform"},
                             {Initialiser::lecun_normal, "lecun_normal"},
                             {Initialiser::lecun_uniform, "lecun_uniform"},
                             {Initialiser::kaiming_truncated, "kaiming_truncated"},
                             {Initialiser::glorot_truncated, "glorot_truncated"},
                             {Initialiser::lecun_truncated, "lecun_truncated"},
                             {Initialiser::orthogonal, "orthogonal"},
                             {Initialiser::truncated_normal, "truncated_normal"},
                             {Initialiser::normal, "normal"},
                             {Initialiser::uniform, "uniform"},
                             {Initialiser::zeros, "zeros"},
                             {Initialiser::ones, "ones"},
                             {Initialiser::constant, "constant"}});
}

/// Fills `parameter` by the rule; `scale` belongs to normal, uniform and constant and multiplies
/// the others. The values are a pure function of (rule, scale, fans, shape, seed, name).
/// Errors: ArgumentError with `name` for a scale that is not finite, or not positive where it is a
/// spread (all rules but zeros, ones and constant).
void initialise(at::Tensor& parameter, Initialiser rule, double scale, const Fans& fans, std::uint64_t seed, std::string_view name);

/// FNV-1a of a name: which stream of a seed belongs to it.
std::uint64_t name_hash(std::string_view name);

}  // namespace basewise::nn
