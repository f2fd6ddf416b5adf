// Losses that compare number with number: value and gradient in one pass,
// whatever the order of the target in memory.
#pragma once

#include <cstdint>

#include "basewise/kernels/loss_kind.h"
#include "basewise/kernels/normalise.h"
#include "basewise/kernels/shape.h"

namespace basewise::kernels {

/// Numbers at any distance from each other; a distance of zero repeats them.
template <class T>
struct Strided {
  const T* data = nullptr;
  std::int64_t sample = 0;
  std::int64_t row = 0;
  std::int64_t column = 0;
};

struct LossCall {
  PointLoss kind = PointLoss::square;
  BlockShape shape{};
  ConstBlock x{};
  Strided<float> y{};
  Strided<std::uint8_t> measured{};  ///< 0: counts nothing, with gradient 0, whatever stands in x and y; may be null
  Strided<float> weight{};           ///< cross_entropy: w, 1 where null
  float epsilon = 0;
  float smoothing = 0;      ///< cross_entropy: y becomes (1 - smoothing) y + smoothing / 2
  MutableBlock gradient{};  ///< gets factor * d loss / dx; may be null
  float factor = 1;
};

/// Sum of all measured values.
double point_loss(const LossCall& call, const Run& run = {});

}  // namespace basewise::kernels
