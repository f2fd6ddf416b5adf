// Losses that compare number with number. Plain data: read under several sets of compiler flags.
#pragma once

namespace basewise::kernels {

/// x: output, y: target
enum class PointLoss {
  square,         ///< (x - y)^2
  poisson,        ///< x - y log(x + epsilon)
  log_poisson,    ///< e^x - y x
  cross_entropy,  ///< -[w y log s(x) + (1 - y) log(1 - s(x))], s(x) = 1 / (1 + e^-x)
};

}  // namespace basewise::kernels
