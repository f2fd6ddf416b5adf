// Tokens of DNA as tensors, one byte per base.
#pragma once

#include <optional>

#include "basewise/tensor/torch.h"

namespace basewise {

/// Whether this is (N, L) uint8: A C G T N = 0 to 4, in place of one-hot (N, 4, L).
bool is_tokens(const at::Tensor& x);

/// One-hot (N, 4, L) of tokens (N, L), the four numbers of a base neighbours in memory; N gives
/// zeros.
at::Tensor one_hot_of(const at::Tensor& tokens, at::ScalarType type = at::kFloat);

/// The tokens (N, L) of one-hot rows (N, 4, L), zeros being N; nothing where a number is neither 0
/// nor 1, where two of a base are 1, for other types than single precision, and off the CPU.
std::optional<at::Tensor> tokens_of(const at::Tensor& one_hot);

/// The other strand of tokens (N, L): from the last to the first, A for T and C for G.
at::Tensor reverse_complement_tokens(const at::Tensor& tokens);

}  // namespace basewise
