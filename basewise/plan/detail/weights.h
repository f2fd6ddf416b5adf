// What a plan is made from: the weights of a model, and whether they have changed.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/nn/model.h"

namespace basewise::plan::detail {

/// Parameters and buffers.
std::vector<at::Tensor> tensors_of(const nn::Model& model);

/// In memory of this machine, without gaps of other layouts, and in single precision.
bool are_plannable(const std::vector<at::Tensor>& tensors);

/// A change of any bit of any tensor changes these, but for one case in 2^64.
std::vector<std::uint64_t> fingerprints(const std::vector<at::Tensor>& tensors);

}  // namespace basewise::plan::detail
