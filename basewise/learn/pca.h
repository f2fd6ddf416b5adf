// Columns before they are learned from: one scale for all, and principal components.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/learn/columns.h"

namespace basewise::learn {

/// Columns moved to mean 0 and divided by their standard deviation (of the population), which for
/// constant columns counts as 1.
struct Scaling {
  std::vector<double> mean = {};       ///< (columns)
  std::vector<double> deviation = {};  ///< (columns)

  /// Errors: ArgumentError for no rows and for values that are not finite.
  static Scaling fit(const Columns& columns);

  /// Errors: ArgumentError for another number of columns.
  Columns apply(Columns columns) const;
};

/// Principal components of columns around their means, those of most variance first. The sign of a
/// component is the one that makes its loading of the largest absolute value (of equal ones the
/// first) positive.
struct Pca {
  std::vector<double> mean = {};        ///< (columns)
  std::vector<double> components = {};  ///< (components, columns): loadings, of length 1
  std::vector<double> variances = {};   ///< (components): of the rows along each, divided by rows - 1
  double total_variance = 0;            ///< of all columns

  /// Exact: by the eigenvectors of the covariance of columns, or of rows where there are fewer.
  /// Errors: ArgumentError for values that are not finite, fewer than two rows, more components
  /// than directions in which rows differ, and where rows and columns are both more than 16,384.
  static Pca fit(const Columns& columns, std::int64_t components);

  std::int64_t count() const { return std::ssize(variances); }

  /// Share of the variance of all columns that a component has.
  std::vector<double> explained() const;

  /// Rows along the components: columns "PC1", "PC2", ...
  /// Errors: ArgumentError for another number of columns and for values that are not finite.
  Columns apply(const Columns& columns) const;

  /// The rows that `apply` would take there, as far as the components hold them.
  /// Errors: ArgumentError for another number of scores or names.
  Columns inverse(const Columns& scores, std::vector<std::string> names) const;
};

}  // namespace basewise::learn
