// Questions about numbers and tensors that optimisers and limits on gradients share.
#pragma once

#include "basewise/tensor/torch.h"

namespace basewise::train::detail {

/// What kernels take.
inline float single(double x) { return static_cast<float>(x); }

/// Numbers in a row that basewise's kernels may read and write.
inline bool in_a_row(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat && x.layout() == at::kStrided && x.is_non_overlapping_and_dense();
}

/// Euclidean norm of all that belongs to one place of the first axis, (units, 1, ...); of tensors
/// with fewer than two axes the norm of the whole.
inline at::Tensor unit_norms(const at::Tensor& x) {
  if (x.dim() < 2) return x.norm();
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(x.dim()), 1);
  sizes[0] = x.size(0);
  return x.flatten(1).norm(2, {1}).view(sizes);
}

}  // namespace basewise::train::detail
