// Losses of rates and other values: Poisson and what was made of it, negative binomial, gamma.
#pragma once

#include <memory>

#include "basewise/nn/detail/losses.h"

namespace basewise::nn::detail {

/// poisson, poisson_multinomial, poisson_kl, mse_udot, negative_binomial and gamma;
/// formulas: nn/detail/losses.h.
std::unique_ptr<Loss> make_rate_loss(const LossOptions& options);

/// Whether outputs and targets are changed before they are compared.
bool transforms(const LossOptions& options);

/// Brought into [0, target_clip] and its square root taken, as the options say; where the root has
/// no finite slope (0 and below) the gradient is 0.
at::Tensor transformed(const at::Tensor& x, const LossOptions& options);

}  // namespace basewise::nn::detail
