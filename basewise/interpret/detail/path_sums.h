// Integrated gradients: gradients between references and sequences, summed up.
#pragma once

#include <cstdint>
#include <functional>

#include "basewise/interpret/detail/call.h"
#include "basewise/interpret/detail/pairs.h"
#include "basewise/tensor/torch.h"

namespace basewise::interpret::detail {

/// What a pass finds at points (P, 4, L).
struct AtPoints {
  at::Tensor gradients;  ///< (P, 4, L)
  at::Tensor values;     ///< (P): the target
};

/// Points (P, 4, L), each of which belongs to the sequence `examples` (P) of the call.
using PointsFn = std::function<AtPoints(const at::Tensor& points, const at::Tensor& examples)>;

/// Mean gradients at (k + shift) / steps into `sums`. Returns for each sequence and reference what
/// they sum to along the difference of both, (N, R) double.
at::Tensor even_paths(const Call& call, std::int64_t steps, double shift, const PointsFn& at_points, ScoreSums& sums);

/// The same at places that the function itself decides (`AdaptivePlaces`), as many as `steps` and
/// in as many passes of a row. A pass holds rows of one sequence alone, so that no other sequence
/// has a say in where the places are.
at::Tensor adaptive_paths(const Call& call, std::int64_t steps, const PointsFn& at_points, ScoreSums& sums);

}  // namespace basewise::interpret::detail
