// Letters of DNA as tensors, one byte per base.
#pragma once

#include "basewise/tensor/torch.h"

namespace basewise {

/// Whether this is (N, L) uint8: A C G T N = 0 to 4, in place of one-hot (N, 4, L).
bool is_letters(const at::Tensor& x);

/// One-hot (N, 4, L) of letters (N, L), the four numbers of a base neighbours in memory; N gives zeros.
at::Tensor one_hot_of(const at::Tensor& letters, at::ScalarType type = at::kFloat);

/// The other strand of letters (N, L): from the last to the first, A for T and C for G.
at::Tensor reverse_complement_letters(const at::Tensor& letters);

}  // namespace basewise
