#include "basewise/methylation/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::methylation {
namespace {

constexpr double kSmallest = 1e-7;    // shares are kept this far from 0 and 1 where logarithms are taken
constexpr double kLargestVar = 0.25;  // of values in 0 to 1
constexpr int kClasses = 3;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const float> shares) {
  return std::accumulate(shares.begin(), shares.end(), 0.0) / static_cast<double>(shares.size());
}

double variance(std::span<const float> shares) {
  const double centre = mean(shares);
  double sum = 0;
  for (const float share : shares) sum += (share - centre) * (share - centre);
  return sum / static_cast<double>(shares.size());
}

/// The class of a variance: edges from just below 0 to 0.25, those on an edge in the class below.
double variance_class(double value) {
  int edges = 0;
  for (int i = 0; i < kClasses; ++i)
    if (-kSmallest + i * (kLargestVar + kSmallest) / kClasses < value) ++edges;
  return edges - 1;
}

double entropy(double share) {
  const double p = std::clamp(share, kSmallest, 1 - kSmallest);
  return -(p * std::log(p) + (1 - p) * std::log(1 - p));
}

double differs(std::span<const float> shares) {
  const auto [least, most] = std::minmax_element(shares.begin(), shares.end());
  return *least != *most ? 1 : 0;
}

/// Rows of statistics, one after the other.
void append(std::vector<float>& to, std::span<const Statistic> statistics, std::span<const float> shares, std::int64_t least_cells) {
  const bool enough = std::ssize(shares) >= least_cells;
  for (const Statistic statistic : statistics) to.push_back(static_cast<float>(enough ? statistic_of(statistic, shares) : kNothing));
}

/// The mean share of the sites of a cell in [start, end); NaN without any.
float mean_between(const ObservedSites& sites, std::int64_t start, std::int64_t end) {
  const std::size_t first = sites.before(start);
  double sum = 0;
  std::size_t i = first;
  for (; i < sites.size() && std::int64_t{sites.positions()[i]} < end; ++i) sum += double{sites.share(i)};
  return static_cast<float>(i > first ? sum / static_cast<double>(i - first) : kNothing);
}

}  // namespace

bool is_integer(Statistic statistic) {
  switch (statistic) {
    case Statistic::mode:
    case Statistic::cat_var:
    case Statistic::cat2_var:
    case Statistic::diff:
      return true;
    case Statistic::mean:
    case Statistic::var:
    case Statistic::entropy:
    case Statistic::cov:
      break;
  }
  return false;
}

double statistic_of(Statistic statistic, std::span<const float> shares) {
  if (statistic == Statistic::cov) return static_cast<double>(shares.size());
  if (shares.empty()) return kNothing;
  switch (statistic) {
    case Statistic::mean:
      return mean(shares);
    case Statistic::mode:
      return std::nearbyint(mean(shares));
    case Statistic::var:
      return variance(shares);
    case Statistic::cat_var:
      return variance_class(variance(shares));
    case Statistic::cat2_var:
      return variance_class(variance(shares)) > 0 ? 1 : 0;
    case Statistic::entropy:
      return entropy(mean(shares));
    case Statistic::diff:
      return differs(shares);
    case Statistic::cov:
      break;
  }
  return kNothing;
}

std::vector<float> AcrossCells::at_sites(std::span<const std::int64_t> rows, std::span<const Statistic> statistics,
                                         std::int64_t least_cells) const {
  std::vector<float> values, shares;
  values.reserve(rows.size() * statistics.size());
  for (const std::int64_t row : rows) {
    const Site site = sites_[row];
    shares.clear();
    for (std::size_t cell = 0; cell < table_.cells().size(); ++cell)
      if (const float share = table_.at(cell, site.chrom).share_at(site.position); !std::isnan(share)) shares.push_back(share);
    append(values, statistics, shares, least_cells);
  }
  return values;
}

std::vector<float> AcrossCells::in_windows(std::span<const std::int64_t> rows, std::span<const Statistic> statistics, std::int64_t width,
                                           std::int64_t least_cells) const {
  if (width < 1 || width % 2 == 0)
    throw ArgumentError(format("a window of {} bases has no middle; its width must be odd and at least 1", width));
  std::vector<float> values, shares;
  values.reserve(rows.size() * statistics.size());
  for (const std::int64_t row : rows) {
    const Site site = sites_[row];
    shares.clear();
    for (std::size_t cell = 0; cell < table_.cells().size(); ++cell) {
      const float share = mean_between(table_.at(cell, site.chrom), site.position - width / 2, site.position + width / 2 + 1);
      if (!std::isnan(share)) shares.push_back(share);
    }
    append(values, statistics, shares, least_cells);
  }
  return values;
}

}  // namespace basewise::methylation
