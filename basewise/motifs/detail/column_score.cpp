#include "basewise/motifs/detail/column_score.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "basewise/core/error.h"

namespace basewise::motifs::detail {
namespace {

double squared_distance(const BaseVector& q, const BaseVector& t) {
  double sum = 0;
  for (std::size_t c = 0; c < 4; ++c) sum += (q[c] - t[c]) * (q[c] - t[c]);
  return sum;
}

double pearson(const BaseVector& q, const BaseVector& t) {
  double product = 0, query = 0, target = 0;
  for (std::size_t c = 0; c < 4; ++c) {
    product += (q[c] - 0.25) * (t[c] - 0.25);
    query += (q[c] - 0.25) * (q[c] - 0.25);
    target += (t[c] - 0.25) * (t[c] - 0.25);
  }
  const double spread = std::sqrt(query * target);
  return spread > 0 ? product / spread : 0;
}

double kullback(const BaseVector& q, const BaseVector& t) {
  double sum = 0;
  for (std::size_t c = 0; c < 4; ++c) sum += (q[c] * std::log10(q[c] / t[c]) + t[c] * std::log10(t[c] / q[c])) / 2;
  return -sum;
}

BaseVector counts_of(const MotifColumn& column) {
  BaseVector counts = column.share;
  for (double& count : counts) count *= column.sites;
  return counts;
}

double total(const BaseVector& counts) { return counts[0] + counts[1] + counts[2] + counts[3]; }

double allr(const MotifColumn& query, const MotifColumn& target, const BaseVector& background) {
  const BaseVector q = counts_of(query), t = counts_of(target);
  double sum = 0;
  for (std::size_t c = 0; c < 4; ++c)
    sum += t[c] * std::log(query.share[c] / background[c]) + q[c] * std::log(target.share[c] / background[c]);
  return sum / (total(q) + total(t));
}

using Component = std::array<double, 4>;
constexpr std::array<Component, 1> kOneComponent = {{{1, 1, 1, 1}}};
constexpr std::array<Component, 5> kFiveComponents = {{{5, 1, 1, 1}, {1, 5, 1, 1}, {1, 1, 5, 1}, {1, 1, 1, 5}, {2, 2, 2, 2}}};

/// std::lgamma writes a global variable.
double log_gamma(double x) {
  int sign = 0;
  return ::lgamma_r(x, &sign);
}

double log_likelihood(const Component& prior, const BaseVector& counts) {
  double log = log_gamma(total(prior)) - log_gamma(total(counts) + total(prior));
  for (std::size_t c = 0; c < 4; ++c) log += log_gamma(prior[c] + counts[c]) - log_gamma(prior[c]);
  return log;
}

/// The source of counts: the mean of what each component says, weighted by its posterior.
template <std::size_t N>
BaseVector source_of(const std::array<Component, N>& mixture, const BaseVector& counts) {
  std::array<double, N> logs{};
  for (std::size_t k = 0; k < N; ++k) logs[k] = log_likelihood(mixture[k], counts);
  const double highest = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (double& log : logs) sum += log = std::exp(log - highest);
  BaseVector source{};
  for (std::size_t k = 0; k < N; ++k)
    for (std::size_t c = 0; c < 4; ++c) source[c] += logs[k] / sum * (counts[c] + mixture[k][c]) / (total(counts) + total(mixture[k]));
  return source;
}

double dot_log(const BaseVector& counts, const BaseVector& shares) {
  double sum = 0;
  for (std::size_t c = 0; c < 4; ++c) sum += counts[c] * std::log(shares[c]);
  return sum;
}

/// Likelihood of one source for both columns against one for each, and with `background` (BLiC)
/// against the background as well.
template <std::size_t N>
double likelihood_score(const std::array<Component, N>& mixture, const MotifColumn& query, const MotifColumn& target,
                        const BaseVector* background) {
  const BaseVector q = counts_of(query), t = counts_of(target);
  BaseVector both = q;
  for (std::size_t c = 0; c < 4; ++c) both[c] += t[c];
  const double common = dot_log(both, source_of(mixture, both));
  const double apart = dot_log(q, source_of(mixture, q)) + dot_log(t, source_of(mixture, t));
  return background ? 2 * common - apart - dot_log(both, *background) : common - apart;
}

}  // namespace

bool counts_sites(ColumnDistance distance) {
  switch (distance) {
    case ColumnDistance::ed:
    case ColumnDistance::pearson:
    case ColumnDistance::sandelin:
    case ColumnDistance::kullback:
      return false;
    case ColumnDistance::allr:
    case ColumnDistance::blic1:
    case ColumnDistance::blic5:
    case ColumnDistance::llr1:
    case ColumnDistance::llr5:
      return true;
  }
  throw InternalError("unknown distance of columns");
}

bool needs_positive_shares(ColumnDistance distance) {
  return distance == ColumnDistance::kullback || distance == ColumnDistance::allr;
}

double euclidean_score(const BaseVector& query, const BaseVector& target) { return -std::sqrt(squared_distance(query, target)); }

double column_score(ColumnDistance distance, const MotifColumn& query, const MotifColumn& target, const BaseVector& background) {
  switch (distance) {
    case ColumnDistance::ed:
      return euclidean_score(query.share, target.share);
    case ColumnDistance::pearson:
      return pearson(query.share, target.share);
    case ColumnDistance::sandelin:
      return 2 - squared_distance(query.share, target.share);
    case ColumnDistance::kullback:
      return kullback(query.share, target.share);
    case ColumnDistance::allr:
      return allr(query, target, background);
    case ColumnDistance::blic1:
      return likelihood_score(kOneComponent, query, target, &background);
    case ColumnDistance::blic5:
      return likelihood_score(kFiveComponents, query, target, &background);
    case ColumnDistance::llr1:
      return likelihood_score(kOneComponent, query, target, nullptr);
    case ColumnDistance::llr5:
      return likelihood_score(kFiveComponents, query, target, nullptr);
  }
  throw InternalError("unknown distance of columns");
}

}  // namespace basewise::motifs::detail
