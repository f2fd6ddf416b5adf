// Between tensors and the kernels of basewise: which tensors they take, memory by rows of
// positions, threads.
#pragma once

#include "basewise/kernels/shape.h"
#include "basewise/ops/kernels.h"
#include "basewise/tensor/tokens.h"
#include "basewise/tensor/torch.h"

namespace basewise::ops {

/// Single precision on a CPU, and basewise's kernels chosen.
bool native(const at::Tensor& x);

/// x (N, C, L) itself when the channels of a position are neighbours in memory,
/// else a copy where they are.
at::Tensor length_major(const at::Tensor& x);

/// An uninitialised (N, C, L) whose channels are neighbours in memory.
at::Tensor empty_length_major(std::int64_t n, std::int64_t channels, std::int64_t length, const at::TensorOptions& options);

/// The memory of a length-major (N, C, L); nothing for an undefined tensor.
kernels::ConstBlock rows_of(const at::Tensor& x);
kernels::MutableBlock mutable_rows_of(const at::Tensor& x);

/// The instruction set of the process on torch's threads: one pool computes.
kernels::Run native_run();

KernelCounts& counts();

}  // namespace basewise::ops
