#include "basewise/motifs/detail/target_columns.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "basewise/core/error.h"

namespace basewise::motifs::detail {
namespace {

constexpr double kAssumedSites = 20;  // as the MEME format does where nsites is not given

MotifColumn other_strand(const MotifColumn& column) {
  return {{column.share[3], column.share[2], column.share[1], column.share[0]}, column.sites};
}

double sum_of(const BaseVector& row) { return std::accumulate(row.begin(), row.end(), 0.0); }

double sites_of(const MotifMatrix& motif, const BaseVector& row) {
  if (motif.values == MotifValues::counts) return sum_of(row);
  return motif.nsites > 0 ? motif.nsites : kAssumedSites;
}

/// Sorted columns are like their neighbours, and counting like values one after the other makes
/// each wait for the last: columns change places by steps of about the golden section, which depend
/// on their number alone.
void scatter(TargetColumns& targets) {
  const std::size_t n = targets.columns.size();
  std::size_t step = std::max<std::size_t>(1, static_cast<std::size_t>(0.618 * static_cast<double>(n)));
  while (std::gcd(step, n) != 1) ++step;
  std::vector<MotifColumn> columns(n);
  std::vector<std::uint32_t> weights(n), place(n);
  for (std::size_t i = 0; i < n; ++i) {
    place[i] = static_cast<std::uint32_t>(i * step % n);
    columns[place[i]] = targets.columns[i];
    weights[place[i]] = targets.weights[i];
  }
  targets.columns.swap(columns);
  targets.weights.swap(weights);
  for (std::vector<std::uint32_t>* list : {&targets.forward, &targets.reverse})
    for (std::uint32_t& at : *list) at = place[at];
}

}  // namespace

BaseVector background_of(const CompareOptions& options) {
  if (options.background.empty()) return kUniform;
  BaseVector background{};
  const bool four = options.background.size() == 4;
  if (four) std::copy_n(options.background.begin(), 4, background.begin());
  if (!four || *std::min_element(background.begin(), background.end()) <= 0 || std::abs(sum_of(background) - 1) > 1e-3)
    throw ArgumentError(
        format("background = [{}]; expected four positive numbers for A, C, G, T that sum to 1", fmt::join(options.background, ", ")));
  return background;
}

std::vector<MotifColumn> columns_of(const MotifMatrix& motif, const CompareOptions& options) {
  check(motif);
  const BaseVector background = options.background.empty() ? motif.background : background_of(options);
  std::vector<MotifColumn> columns;
  for (std::size_t i = 0; i < motif.rows.size(); ++i) {
    const BaseVector& row = motif.rows[i];
    const double sum = sum_of(row), sites = sites_of(motif, row);
    const bool exact = motif.values == MotifValues::probabilities && std::abs(sum - 1) <= 1e-5;
    MotifColumn column{row, counts_sites(options.distance) ? sites : 0};
    for (std::size_t c = 0; c < 4; ++c) {
      if (!exact) column.share[c] /= sum;
      if (options.pseudocount > 0)
        column.share[c] = (sites * column.share[c] + options.pseudocount * background[c]) / (sites + options.pseudocount);
    }
    if (needs_positive_shares(options.distance) && *std::min_element(column.share.begin(), column.share.end()) <= 0)
      throw ArgumentError(format("motif '{}', row {}: a share is 0, of which {} takes the logarithm; give a pseudocount, as 0.1",
                                 motif.name, i + 1, options.distance));
    columns.push_back(column);
  }
  return columns;
}

TargetColumns target_columns(std::span<const MotifMatrix> targets, const CompareOptions& options) {
  if (targets.empty()) throw ArgumentError("there are no targets to compare motifs with");
  TargetColumns result;
  std::vector<MotifColumn> all;  // forward, then reverse, of each target
  result.start.push_back(0);
  for (const MotifMatrix& target : targets) {
    const std::vector<MotifColumn> columns = columns_of(target, options);
    all.insert(all.end(), columns.begin(), columns.end());
    result.start.push_back(static_cast<std::int64_t>(all.size()));
    result.widths.push_back(static_cast<std::int64_t>(columns.size()));
  }
  const std::size_t n = all.size();
  result.forward.resize(n);
  result.reverse.resize(n);
  const bool both = !options.forward_only;
  if (both)
    for (std::size_t i = 0; i < n; ++i) all.push_back(other_strand(all[i]));
  result.total = static_cast<std::int64_t>(all.size());

  std::vector<std::uint32_t> order(all.size()), place(all.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return all[a] < all[b]; });
  for (const std::uint32_t at : order) {
    if (result.columns.empty() || all[at] != result.columns.back()) {
      result.columns.push_back(all[at]);
      result.weights.push_back(0);
    }
    ++result.weights.back();
    place[at] = static_cast<std::uint32_t>(result.columns.size() - 1);
  }
  for (std::size_t t = 0; t < targets.size(); ++t) {
    const auto first = static_cast<std::size_t>(result.start[t]), last = static_cast<std::size_t>(result.start[t + 1]);
    for (std::size_t i = first; i < last; ++i) {
      result.forward[i] = place[i];
      result.reverse[first + last - 1 - i] = both ? place[n + i] : place[i];
    }
  }
  scatter(result);
  const std::vector<std::int64_t> width_of = result.widths;
  std::sort(result.widths.begin(), result.widths.end());
  result.widths.erase(std::unique(result.widths.begin(), result.widths.end()), result.widths.end());
  for (const std::int64_t width : width_of)
    result.width_of.push_back(
        static_cast<std::uint32_t>(std::lower_bound(result.widths.begin(), result.widths.end(), width) - result.widths.begin()));

  result.padded = (result.size() + kBlock - 1) / kBlock * kBlock;
  result.weights.resize(static_cast<std::size_t>(result.padded), 0);
  result.shares.resize(static_cast<std::size_t>(4 * result.padded));
  for (std::int64_t c = 0; c < 4; ++c)
    for (std::int64_t j = 0; j < result.padded; ++j)
      result.shares[static_cast<std::size_t>(c * result.padded + j)] =
          static_cast<float>(result.columns[static_cast<std::size_t>(j < result.size() ? j : 0)].share[static_cast<std::size_t>(c)]);
  return result;
}

}  // namespace basewise::motifs::detail
