// Products of column-major tables with vectors, the same for any number of threads.
#pragma once

#include <span>
#include <vector>

#include "basewise/learn/columns.h"

namespace basewise::learn::detail {

/// to (rows) += X v, v (columns).
void add_product(const Columns& x, std::span<const double> v, std::span<double> to);

/// to (columns) = X^T r, r (rows).
void transposed_product(const Columns& x, std::span<const double> r, std::span<double> to);

/// to (columns) = sum over rows of r x^2.
void sums_of_squares(const Columns& x, std::span<const double> r, std::span<double> to);

double dot(std::span<const double> a, std::span<const double> b);

/// y += factor * x
void add_scaled(double factor, std::span<const double> x, std::span<double> y);

}  // namespace basewise::learn::detail
