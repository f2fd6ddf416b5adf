// Tensors as they look from the other strand of the DNA.
#pragma once

#include <string_view>

#include "basewise/seq/strand_rule.h"
#include "basewise/tensor/torch.h"

namespace basewise {

using seq::StrandRule;

/// A batch (N, ...) from the other strand: a new tensor, or the same one for `unchanged`. Applied
/// twice it gives the batch back, bit for bit. Tokens (N, L) in place of one-hot rows turn as
/// tokens under `complemented` too.
/// Errors: ShapeError that says `what` the tensor is, when it has too few axes or an odd number of
/// paired channels.
at::Tensor other_strand(const at::Tensor& batch, StrandRule rule, std::string_view what = "batch");

}  // namespace basewise
