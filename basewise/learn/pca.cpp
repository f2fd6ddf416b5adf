#include "basewise/learn/pca.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/learn/detail/dense.h"
#include "basewise/learn/detail/symmetric_eigen.h"
#include "basewise/learn/logistic.h"

namespace basewise::learn {
namespace {

using Vectors = std::vector<std::vector<double>>;

constexpr std::int64_t kMostVectors = 16'384;  // whose products are held: 2 GiB

void check_columns(std::int64_t have, std::size_t want, std::string_view what) {
  if (have != static_cast<std::int64_t>(want)) throw ArgumentError(format("{} columns were given to {} of {}", have, what, want));
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Products of all pairs of vectors, divided by `by`: (n, n).
std::vector<double> products(const Vectors& vectors, double by) {
  const std::size_t n = vectors.size();
  std::vector<double> all(n * n);
  parallel_for(static_cast<std::int64_t>(n), 4, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      for (std::size_t j = i; j < n; ++j) all[i * n + j] = all[j * n + i] = detail::dot(vectors[i], vectors[j]) / by;
  });
  return all;
}

Vectors transposed(const Vectors& columns, std::size_t rows) {
  Vectors all(rows, std::vector<double>(columns.size()));
  for (std::size_t j = 0; j < columns.size(); ++j)
    for (std::size_t i = 0; i < rows; ++i) all[i][j] = columns[j][i];
  return all;
}

void fix_sign(std::span<double> component) {
  const auto largest = std::max_element(component.begin(), component.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (*largest < 0)
    for (double& loading : component) loading = -loading;
}

/// Loadings of the first components from eigenvectors of the products of rows:
/// (components, columns).
std::vector<double> from_rows(const detail::EigenPairs& eigen, const Vectors& rows, std::size_t components) {
  const std::size_t n = rows.size(), columns = rows.front().size();
  std::vector<double> loadings(components * columns, 0.0);
  for (std::size_t k = 0; k < components; ++k) {
    const std::span<double> one = std::span(loadings).subspan(k * columns, columns);
    for (std::size_t i = 0; i < n; ++i) detail::add_scaled(eigen.vectors[k * n + i], rows[i], one);
    const double length = std::sqrt(detail::dot(one, one));
    for (double& loading : one) loading /= length;
  }
  return loadings;
}

Columns moved(Columns columns, const std::vector<double>& mean) {
  for (std::size_t j = 0; j < columns.values.size(); ++j)
    for (double& value : columns.values[j]) value -= mean[j];
  return columns;
}

}  // namespace

Scaling Scaling::fit(const Columns& columns) {
  if (columns.rows == 0) throw ArgumentError("there are no rows to tell means of columns from");
  require_finite(columns, "standardising");
  Scaling scaling;
  for (const auto& column : columns.values) {
    const double mean = mean_of(column);
    double squares = 0;
    for (const double value : column) squares += (value - mean) * (value - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(column.size()));
    scaling.mean.push_back(mean);
    // What rounding alone makes of a constant is no deviation.
    scaling.deviation.push_back(deviation > 1e-14 * std::abs(mean) ? deviation : 1);
  }
  return scaling;
}

Columns Scaling::apply(Columns columns) const {
  check_columns(columns.columns(), mean.size(), "the scales");
  columns = moved(std::move(columns), mean);
  for (std::size_t j = 0; j < columns.values.size(); ++j)
    for (double& value : columns.values[j]) value /= deviation[j];
  return columns;
}

Pca Pca::fit(const Columns& given, std::int64_t wanted) {
  require_finite(given, "PCA");
  const auto n = static_cast<std::size_t>(given.rows);
  const auto components = static_cast<std::size_t>(std::max<std::int64_t>(wanted, 0));
  if (wanted < 1 || components > std::min(n, given.values.size()))
    throw ArgumentError(format("{} components were asked for of {} rows and {} columns", wanted, n, given.columns()));
  if (n < 2) throw ArgumentError("one row has no variance");
  if (std::min<std::int64_t>(given.rows, given.columns()) > kMostVectors)
    throw ArgumentError(format("PCA of {} rows and {} columns: the smaller number may be {}", n, given.columns(), kMostVectors));
  Pca pca;
  for (const auto& column : given.values) pca.mean.push_back(mean_of(column));
  const Columns centred = moved(given, pca.mean);
  const bool by_columns = centred.values.size() <= n;
  const Vectors vectors = by_columns ? centred.values : transposed(centred.values, n);
  const auto by = static_cast<double>(n - 1);
  for (const auto& column : centred.values) pca.total_variance += detail::dot(column, column) / by;
  const detail::EigenPairs eigen = detail::symmetric_eigen(products(vectors, by), vectors.size());
  const double least = std::numeric_limits<double>::epsilon() * static_cast<double>(vectors.size()) * eigen.values.front();
  const auto there = std::count_if(eigen.values.begin(), eigen.values.end(), [&](double value) { return value > least; });
  if (there < wanted)
    throw ArgumentError(format("{} components were asked for, and rows differ in {} directions; ask for no more", wanted, there));
  pca.variances.assign(eigen.values.begin(), eigen.values.begin() + wanted);
  if (by_columns)
    pca.components.assign(eigen.vectors.begin(), eigen.vectors.begin() + wanted * given.columns());
  else
    pca.components = from_rows(eigen, vectors, components);
  for (std::size_t k = 0; k < components; ++k) fix_sign(std::span(pca.components).subspan(k * given.values.size(), given.values.size()));
  return pca;
}

std::vector<double> Pca::explained() const {
  std::vector<double> shares;
  for (const double variance : variances) shares.push_back(total_variance > 0 ? variance / total_variance : 0);
  return shares;
}

Columns Pca::apply(const Columns& columns) const {
  check_columns(columns.columns(), mean.size(), "principal components");
  require_finite(columns, "PCA");
  const Columns centred = moved(columns, mean);
  Columns scores = {.rows = columns.rows};
  for (std::size_t k = 0; k < variances.size(); ++k) {
    scores.names.push_back(format("PC{}", k + 1));
    scores.values.emplace_back(static_cast<std::size_t>(columns.rows), 0.0);
    detail::add_product(centred, std::span(components).subspan(k * mean.size(), mean.size()), scores.values.back());
  }
  return scores;
}

Columns Pca::inverse(const Columns& scores, std::vector<std::string> names) const {
  check_columns(scores.columns(), variances.size(), "principal components");
  check_columns(std::ssize(names), mean.size(), "principal components");
  Columns columns = {.rows = scores.rows, .names = std::move(names)};
  for (std::size_t j = 0; j < mean.size(); ++j) {
    columns.values.emplace_back(static_cast<std::size_t>(scores.rows), mean[j]);
    for (std::size_t k = 0; k < variances.size(); ++k)
      detail::add_scaled(components[k * mean.size() + j], scores.values[k], columns.values.back());
  }
  return columns;
}

}  // namespace basewise::learn
