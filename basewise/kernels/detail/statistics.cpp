#include "basewise/kernels/detail/statistics.h"

#include <algorithm>

namespace basewise::kernels::detail {

void Moments::gather(const Micro& micro, Index piece, ConstRows x, Index rows) {
  float* mean = values_.data() + 2 * piece * columns_;
  float* squares = mean + columns_;
  counts_[static_cast<std::size_t>(piece)] = rows;
  if (rows == 0) return;
  std::fill(mean, mean + 2 * columns_, 0.0f);
  micro.column_sums(x, rows, columns_, mean);
  for (Index c = 0; c < columns_; ++c) mean[c] /= static_cast<float>(rows);
  std::vector<float> rest(static_cast<std::size_t>(columns_));
  micro.column_moments(x, mean, rows, columns_, rest.data(), squares);
  // What rounding left of the sum of distances corrects both (Neumaier's two-pass variance).
  for (Index c = 0; c < columns_; ++c) {
    const float shift = rest[static_cast<std::size_t>(c)] / static_cast<float>(rows);
    squares[c] -= shift * rest[static_cast<std::size_t>(c)];
    mean[c] += shift;
  }
}

void Moments::combine(double* mean, double* squares) const {
  std::fill(mean, mean + columns_, 0.0);
  std::fill(squares, squares + columns_, 0.0);
  double total = 0;
  for (std::size_t piece = 0; piece < counts_.size(); ++piece) {
    const auto n = static_cast<double>(counts_[piece]);
    if (n == 0) continue;
    const float* m = values_.data() + 2 * static_cast<Index>(piece) * columns_;
    for (Index c = 0; c < columns_; ++c) {
      const double distance = static_cast<double>(m[c]) - mean[c];
      mean[c] += distance * n / (total + n);
      squares[c] += static_cast<double>(m[columns_ + c]) + distance * distance * total * n / (total + n);
    }
    total += n;
  }
}

}  // namespace basewise::kernels::detail
