// Start values of parameters by the name of their rule, drawn from counter-based streams.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/tensor/torch.h"

namespace basewise::nn {

/// Fan-in and fan-out of a weight: inputs and outputs of one unit, times the width of the kernel.
struct Fans {
  double in = 1;
  double out = 1;
};

/// Of a weight (out, in / groups, width) or (out, in).
Fans fans(const at::Tensor& weight);

/// kaiming_normal: N(0, 2 / in); kaiming_uniform: U(+-sqrt(6 / in)) (He et al. 2015, for relu);
/// glorot_normal, xavier_normal: N(0, 2 / (in + out)); glorot_uniform, xavier_uniform: U(+-sqrt(6 / (in + out))) (Glorot, Bengio 2010);
/// lecun_normal: N(0, 1 / in); normal: N(0, scale^2); uniform: U(-scale, scale); zeros; ones; constant: scale;
/// torch: U(+-1 / sqrt(in)), torch's default for weights and biases of convolutions and dense layers.
/// Normal draws are not truncated.
const std::vector<std::string>& initialiser_names();

/// Fills `parameter` by the rule; `scale` belongs to normal, uniform and constant and multiplies the others.
/// The values are a pure function of (rule, scale, fans, shape, seed, name). Errors: ArgumentError for an unknown rule.
void initialise(at::Tensor& parameter, std::string_view rule, double scale, const Fans& fans, std::uint64_t seed, std::string_view name);

/// FNV-1a of a name: which stream of a seed belongs to it.
std::uint64_t name_hash(std::string_view name);

}  // namespace basewise::nn
