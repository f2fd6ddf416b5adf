#include "basewise/learn/detail/dense.h"

#include "basewise/core/parallel.h"

namespace basewise::learn::detail {
namespace {

constexpr std::int64_t kRows = 2048;          // of a piece, whose sums stay in cache
constexpr std::int64_t kLeastWork = 1 << 16;  // multiplications that are worth a thread

}  // namespace

double dot(std::span<const double> a, std::span<const double> b) {
  // Four sums, so that additions do not wait for each other.
  double sums[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= a.size(); i += 4)
    for (std::size_t k = 0; k < 4; ++k) sums[k] += a[i + k] * b[i + k];
  for (; i < a.size(); ++i) sums[0] += a[i] * b[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

void add_scaled(double factor, std::span<const double> x, std::span<double> y) {
  const double* from = x.data();
  double* to = y.data();
  for (std::size_t i = 0; i < y.size(); ++i) to[i] += factor * from[i];
}

void add_product(const Columns& x, std::span<const double> v, std::span<double> to) {
  const std::int64_t pieces = (x.rows + kRows - 1) / kRows;
  parallel_for(pieces, std::max<std::int64_t>(1, kLeastWork / (kRows * std::max<std::int64_t>(1, x.columns()))),
               [&](std::int64_t first, std::int64_t last) {
                 for (std::int64_t piece = first; piece < last; ++piece) {
                   const auto begin = static_cast<std::size_t>(piece * kRows);
                   const auto n = std::min<std::size_t>(kRows, to.size() - begin);
                   for (std::size_t j = 0; j < x.values.size(); ++j)
                     if (v[j] != 0) add_scaled(v[j], std::span(x.values[j]).subspan(begin, n), to.subspan(begin, n));
                 }
               });
}

void transposed_product(const Columns& x, std::span<const double> r, std::span<double> to) {
  parallel_for(x.columns(), 1 + kLeastWork / std::max<std::int64_t>(1, x.rows), [&](std::int64_t begin, std::int64_t end) {
    for (auto j = static_cast<std::size_t>(begin); j < static_cast<std::size_t>(end); ++j) to[j] = dot(x.values[j], r);
  });
}

void sums_of_squares(const Columns& x, std::span<const double> r, std::span<double> to) {
  parallel_for(x.columns(), 1 + kLeastWork / std::max<std::int64_t>(1, x.rows), [&](std::int64_t begin, std::int64_t end) {
    for (auto j = static_cast<std::size_t>(begin); j < static_cast<std::size_t>(end); ++j) {
      const auto& column = x.values[j];
      double sum = 0;
      for (std::size_t i = 0; i < column.size(); ++i) sum += r[i] * column[i] * column[i];
      to[j] = sum;
    }
  });
}

}  // namespace basewise::learn::detail
