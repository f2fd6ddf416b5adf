// Means and squared distances of columns, gathered piece by piece.
#pragma once

#include <vector>

#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

/// Moments of the columns of one piece of rows: float within a piece of at most a few hundred rows,
/// double between pieces.
class Moments {
 public:
  Moments(Index pieces, Index columns)
      : columns_(columns),
        counts_(static_cast<std::size_t>(pieces)),
        values_(static_cast<std::size_t>(2 * pieces * columns)) {}

  /// Rows of piece `piece`, in cache.
  void gather(const Micro& micro, Index piece, ConstRows x, Index rows);

  /// Chan, Golub and LeVeque (1979), in the order of the pieces.
  void combine(double* mean, double* squares) const;

 private:
  Index columns_;
  std::vector<Index> counts_;
  std::vector<float> values_;  // per piece: means, then squared distances from them
};

}  // namespace basewise::kernels::detail
