#include "basewise/motifs/detail/target_columns.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <tuple>

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

/// Every column once, and where each of `all` is found among them: those that occur once first, and
/// otherwise in the order of `all`. Neighbours of a motif stay neighbours, so that its scores are
/// near each other in memory.
std::vector<std::uint32_t> keep_once(const std::vector<MotifColumn>& all, TargetColumns& targets) {
  std::vector<std::uint32_t> order(all.size()), same(all.size()), count(all.size(), 0);
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return std::tie(all[a], a) < std::tie(all[b], b); });
  std::uint32_t first = order.front();
  for (const std::uint32_t at : order) {
    if (all[at] != all[first]) first = at;
    same[at] = first;
    ++count[first];
  }
  std::vector<std::uint32_t> place(all.size());
  for (const bool once : {true, false}) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (same[i] != i || (count[i] == 1) != once) continue;
      place[i] = static_cast<std::uint32_t>(targets.columns.size());
      targets.columns.push_back(all[i]);
      targets.weights.push_back(count[i]);
    }
    if (once) targets.once = targets.size();
  }
  for (std::size_t i = 0; i < all.size(); ++i) place[i] = place[same[i]];
  return place;
}

/// Shares of columns letter by letter; behind the last column the first again.
ColumnPlanes planes_of(const std::vector<MotifColumn>& columns, std::span<const std::uint32_t> chosen) {
  ColumnPlanes planes;
  const auto n = static_cast<std::int64_t>(chosen.size());
  planes.padded = (n + kBlock - 1) / kBlock * kBlock;
  planes.shares.resize(static_cast<std::size_t>(4 * planes.padded));
  for (std::int64_t c = 0; c < 4; ++c)
    for (std::int64_t j = 0; j < planes.padded; ++j)
      planes.shares[static_cast<std::size_t>(c * planes.padded + j)] =
          static_cast<float>(columns[chosen[static_cast<std::size_t>(j < n ? j : 0)]].share[static_cast<std::size_t>(c)]);
  return planes;
}

/// All columns, and the sample: some of those that occur once, and all others.
void add_planes(TargetColumns& targets) {
  std::vector<std::uint32_t> all(targets.columns.size()), some;
  std::iota(all.begin(), all.end(), 0u);
  const auto choose = [&](std::int64_t j, std::int64_t stands_for) {
    some.push_back(static_cast<std::uint32_t>(j));
    targets.sample_weights.push_back(static_cast<std::uint32_t>(stands_for));
  };
  for (std::int64_t j = 0; j < targets.once; j += kSampleStep) choose(j, std::min(kSampleStep, targets.once - j));
  for (std::int64_t j = targets.once; j < targets.size(); ++j) choose(j, targets.weights[static_cast<std::size_t>(j)]);
  targets.all = planes_of(targets.columns, all);
  targets.sample = planes_of(targets.columns, some);
  targets.weights.resize(static_cast<std::size_t>(targets.all.padded), 0);
  targets.sample_weights.resize(static_cast<std::size_t>(targets.sample.padded), 0);
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
  std::vector<std::vector<MotifColumn>> motifs;
  for (const MotifMatrix& target : targets) motifs.push_back(columns_of(target, options));
  result.number.resize(targets.size());
  std::iota(result.number.begin(), result.number.end(), 0u);
  std::stable_sort(result.number.begin(), result.number.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return motifs[a].size() < motifs[b].size(); });

  std::vector<MotifColumn> all;  // of each target forward, then those of its reverse complement
  const bool both = !options.forward_only;
  result.start.push_back(0);
  for (const std::uint32_t t : result.number) {
    const std::vector<MotifColumn>& columns = motifs[t];
    all.insert(all.end(), columns.begin(), columns.end());
    if (both) std::transform(columns.rbegin(), columns.rend(), std::back_inserter(all), other_strand);
    const auto width = static_cast<std::int64_t>(columns.size());
    result.start.push_back(result.start.back() + width);
    if (result.widths.empty() || width > result.widths.back()) result.widths.push_back(width);
    result.width_of.push_back(static_cast<std::uint32_t>(result.widths.size() - 1));
  }
  result.total = static_cast<std::int64_t>(all.size());
  const std::vector<std::uint32_t> place = keep_once(all, result);
  const std::uint32_t* next = place.data();
  for (std::int64_t t = 0; t < result.targets(); ++t) {
    const std::int64_t width = result.width(t);
    result.forward.insert(result.forward.end(), next, next + width);
    if (both) next += width;
    for (std::int64_t i = 0; i < width; ++i) result.reverse.push_back(both ? next[i] : next[width - 1 - i]);
    next += width;
  }
  add_planes(result);
  return result;
}

}  // namespace basewise::motifs::detail
