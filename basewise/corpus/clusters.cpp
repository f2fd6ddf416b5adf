#include "basewise/corpus/clusters.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "basewise/core/error.h"
#include "basewise/core/format.h"

namespace basewise::corpus {

void describe(Visitor& v, ClusterOptions& o) {
  v("min_count", o.min_count, "reads of one strand from which on a position counts", positive());
  v("distance", o.distance, "positions that count and lie at most so many bases apart are one cluster", counted(1));
  v("min_total", o.min_total, "reads of both strands in a cluster, at least", non_negative());
  v("spacing", o.spacing, "of clusters whose centres lie closer than so many bases only the largest is kept; 0: all", counted(0));
}

void ClusterCaller::add(std::int64_t start, std::span<const float> plus, std::span<const float> minus) {
  if (start < next_ || plus.size() != minus.size())
    throw ArgumentError(
        format("clusters: {} and {} counts from base {} on cannot follow base {}", plus.size(), minus.size(), start, next_));
  const auto reads = [](float value) { return std::isnan(value) ? 0.0 : static_cast<double>(value); };
  for (std::size_t i = 0; i < plus.size(); ++i) {
    const double forward = reads(plus[i]);
    const double reverse = reads(minus[i]);
    if (forward == 0 && reverse == 0) continue;
    const std::int64_t position = start + static_cast<std::int64_t>(i);
    if (forward < 0 || reverse < 0)
      throw DataError(format("the count at base {} is {}; counts must not be negative", position, std::min(forward, reverse)));
    if (open_ && position - last_ > options_.distance) close();
    const double strongest = std::max(forward, reverse);
    pending_ += forward + reverse;
    if (strongest < options_.min_count) continue;
    if (!open_) {
      open_ = Cluster{.start = position};
      pending_ = forward + reverse;
    }
    if (strongest > open_->peak) {
      open_->peak = strongest;
      open_->centre = position;
      open_->strand = forward >= reverse ? seq::Strand::forward : seq::Strand::reverse;
    }
    open_->end = position + 1;
    open_->total += pending_;
    pending_ = 0;
    last_ = position;
  }
  next_ = start + static_cast<std::int64_t>(plus.size());
}

void ClusterCaller::close() {
  if (open_ && open_->total >= options_.min_total) clusters_.push_back(*open_);
  open_.reset();
  pending_ = 0;
}

std::vector<Cluster> ClusterCaller::finish() {
  close();
  next_ = 0;
  std::vector<Cluster> all = std::move(clusters_);
  clusters_.clear();
  return options_.spacing > 0 ? thin_out(std::move(all), options_.spacing) : all;
}

std::vector<Cluster> thin_out(std::vector<Cluster> clusters, std::int64_t spacing) {
  std::vector<std::size_t> order(clusters.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return clusters[a].total > clusters[b].total; });
  std::set<std::int64_t> kept;
  std::vector<Cluster> result;
  for (const std::size_t c : order) {
    const std::int64_t centre = clusters[c].centre;
    const auto behind = kept.lower_bound(centre);
    if (behind != kept.end() && *behind - centre < spacing) continue;
    if (behind != kept.begin() && centre - *std::prev(behind) < spacing) continue;
    kept.insert(centre);
    result.push_back(clusters[c]);
  }
  std::sort(result.begin(), result.end(), [](const Cluster& a, const Cluster& b) { return a.start < b.start; });
  return result;
}

}  // namespace basewise::corpus
