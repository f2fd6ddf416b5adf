// The irreducible form of reverse-complement (RC) equivariance: under RC positions run the other
// way, channels of one kind stay (a), those of the other change sign (b); a channels come first.
//
// Mallet, Vert, "Reverse-complement equivariant networks for DNA sequences" (NeurIPS 2021): every
// equivariant linear map between such features is a convolution whose kernels from a to a and from
// b to b read the same from both ends (palindromic) and whose kernels between a and b read the
// negative (antipalindromic). Pairs (x, x') of the regular form are a = (x + x') / sqrt(2),
// b = (x - x') / sqrt(2).
#pragma once

#include <cstdint>

#include "basewise/nn/shape.h"
#include "basewise/tensor/torch.h"

namespace basewise::nn::detail {

/// Channels 0 .. C - 1 of RC pairs as C / 2 sums and C / 2 differences, and back.
/// `axis` holds the channels.
at::Tensor to_ab(const at::Tensor& x, std::int64_t axis);
at::Tensor to_pairs(const at::Tensor& x, std::int64_t axis);

/// Errors: ShapeError unless the input has the irreducible form.
void need_ab(const Activation& input);

}  // namespace basewise::nn::detail
