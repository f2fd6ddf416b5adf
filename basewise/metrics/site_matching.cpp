#include "basewise/metrics/site_matching.h"

#include <algorithm>
#include <deque>
#include <numeric>
#include <optional>

#include "basewise/metrics/detail/checks.h"

namespace basewise::metrics {
namespace {

struct Sites {
  std::span<const float> scores;
  std::span<const std::uint8_t> labels;
  std::span<const std::int64_t> positions;
  std::span<const std::int64_t> tracks;
};

/// Example indices by (track, position).
std::vector<std::size_t> genome_order(const Sites& sites) {
  std::vector<std::size_t> order(sites.scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    return sites.tracks[a] != sites.tracks[b] ? sites.tracks[a] < sites.tracks[b] : sites.positions[a] < sites.positions[b];
  };
  if (!std::is_sorted(order.begin(), order.end(), before)) std::sort(order.begin(), order.end(), before);
  for (std::size_t k = 1; k < order.size(); ++k)
    if (!before(order[k - 1], order[k]))
      throw ArgumentError(format("position {} of track {} is given twice: give each position once", sites.positions[order[k]],
                                 sites.tracks[order[k]]));
  return order;
}

/// One track: order[begin, end).
struct Track {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::int64_t circle = 0;  ///< its length; 0: a line
  std::int64_t tolerance = 0;
};

/// Ranks (places in `order`) of the local maxima of one track: a sliding window maximum. A circle
/// is unrolled: place -1 is its last position, one turn to the left.
void local_maxima(const Sites& sites, const std::vector<std::size_t>& order, const Track& track, std::vector<std::size_t>& maxima) {
  const auto count = static_cast<std::int64_t>(track.end - track.begin);
  const auto turn = [&](std::int64_t k) { return k < 0 ? -1 : k >= count ? 1 : 0; };
  const auto example = [&](std::int64_t k) { return order[track.begin + static_cast<std::size_t>(k - turn(k) * count)]; };
  const auto score = [&](std::int64_t k) { return sites.scores[example(k)]; };
  const auto position = [&](std::int64_t k) { return sites.positions[example(k)] + turn(k) * track.circle; };
  std::deque<std::int64_t> best;  // falling scores; the front is the leftmost maximum of the window
  std::int64_t right = 0;
  while (track.circle > 0 && right > -count && position(right - 1) >= position(0) - track.tolerance) --right;
  const std::int64_t end = track.circle > 0 ? 2 * count : count;
  for (std::int64_t k = 0; k < count; ++k) {
    for (; right < end && position(right) <= position(k) + track.tolerance; ++right) {
      while (!best.empty() && score(best.back()) < score(right)) best.pop_back();
      best.push_back(right);
    }
    while (position(best.front()) < position(k) - track.tolerance) best.pop_front();
    if (best.front() == k) maxima.push_back(track.begin + static_cast<std::size_t>(k));
  }
}

/// Labels of one track by position, each free until taken.
class FreeLabels {
 public:
  explicit FreeLabels(const Track& track) : track_(track) {}
  void add(std::int64_t position) { positions_.push_back(position), free_.push_back(true); }

  /// Takes the nearest free label within the tolerance; false when there is none.
  bool take(std::int64_t position) {
    std::optional<std::size_t> nearest;
    std::int64_t distance = track_.tolerance + 1;
    const std::int64_t turns = track_.circle > 0 ? 1 : 0;
    // From left to right, so that of two equally near ones the left is taken.
    for (std::int64_t turn = turns; turn >= -turns; --turn) {
      const std::int64_t seen = position + turn * track_.circle, last = seen + track_.tolerance;
      const auto first = std::lower_bound(positions_.begin(), positions_.end(), seen - track_.tolerance);
      for (auto k = static_cast<std::size_t>(first - positions_.begin()); k < positions_.size() && positions_[k] <= last; ++k) {
        if (!free_[k] || std::abs(positions_[k] - seen) >= distance) continue;
        nearest = k;
        distance = std::abs(positions_[k] - seen);
      }
    }
    if (nearest) free_[*nearest] = false;
    return nearest.has_value();
  }

 private:
  Track track_;
  std::vector<std::int64_t> positions_;
  std::vector<bool> free_;
};

void check(const Sites& sites, std::int64_t tolerance) {
  detail::check_size(sites.scores.size(), sites.labels.size(), "labels");
  detail::check_size(sites.scores.size(), sites.positions.size(), "positions");
  detail::check_size(sites.scores.size(), sites.tracks.size(), "tracks");
  detail::check_no_nan(sites.scores, "score");
  for (std::size_t i = 0; i < sites.labels.size(); ++i)
    if (sites.labels[i] > 1) detail::throw_label(sites.labels[i], static_cast<std::int64_t>(i));
  if (tolerance < 0) throw ArgumentError(format("tolerance is {} bases: expected 0 or more", tolerance));
}

/// Closes the track to a circle if it is one.
void close(Track& track, const Sites& sites, const std::vector<std::size_t>& order, const Circles& circles) {
  const std::int64_t name = sites.tracks[order[track.begin]];
  const auto found = circles.find(name);
  if (found == circles.end()) return;
  const std::int64_t length = found->second;
  const std::int64_t first = sites.positions[order[track.begin]], last = sites.positions[order[track.end - 1]];
  if (first < 0 || last >= length)
    throw ArgumentError(format("position {} of track {} does not lie on its circle of {} bases", first < 0 ? first : last, name, length));
  track.circle = length;
  track.tolerance = std::min(track.tolerance, (length - 1) / 2);
}

}  // namespace

SiteMatchingResult match_sites(std::span<const float> scores, std::span<const std::uint8_t> labels, std::span<const std::int64_t> positions,
                               std::span<const std::int64_t> tracks, std::int64_t tolerance, const Circles& circles) {
  const Sites sites{scores, labels, positions, tracks};
  check(sites, tolerance);
  const auto order = genome_order(sites);
  SiteMatchingResult result;
  std::vector<FreeLabels> free_labels;
  std::vector<std::size_t> candidates;        // ranks in order
  std::vector<std::uint32_t> candidate_track;  // index into free_labels
  for (std::size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    for (end = begin; end < order.size() && tracks[order[end]] == tracks[order[begin]]; ++end) {}
    Track track{begin, end, 0, tolerance};
    close(track, sites, order, circles);
    auto& free = free_labels.emplace_back(track);
    for (std::size_t k = begin; k < end; ++k) {
      if (!labels[order[k]]) continue;
      free.add(positions[order[k]]);
      ++result.labels;
    }
    local_maxima(sites, order, track, candidates);
    candidate_track.resize(candidates.size(), static_cast<std::uint32_t>(free_labels.size() - 1));
  }
  result.candidates = static_cast<std::int64_t>(candidates.size());

  std::vector<float> candidate_score(candidates.size());
  std::vector<std::uint8_t> is_match(candidates.size());
  for (std::size_t c = 0; c < candidates.size(); ++c) candidate_score[c] = scores[order[candidates[c]]];
  std::vector<std::size_t> by_score(candidates.size());
  std::iota(by_score.begin(), by_score.end(), std::size_t{0});
  std::stable_sort(by_score.begin(), by_score.end(), [&](std::size_t a, std::size_t b) { return candidate_score[a] > candidate_score[b]; });
  for (const std::size_t c : by_score) {
    is_match[c] = free_labels[candidate_track[c]].take(positions[order[candidates[c]]]);
    result.matched += is_match[c];
  }
  result.ranking = Ranking(candidate_score, is_match);
  if (result.labels == 0)
    result.average_precision = MetricResult::undefined("no labelled positions");
  else if (result.matched == 0)
    result.average_precision = MetricResult::of(0);
  else
    result.average_precision = MetricResult::of(result.ranking.average_precision().value * static_cast<double>(result.matched) /
                                                static_cast<double>(result.labels));
  return result;
}

Curve SiteMatchingResult::curve(double tolerance) const {
  Curve curve = precision_recall_curve(ranking, tolerance);
  for (double& x : curve.x) x *= static_cast<double>(matched) / static_cast<double>(labels);
  return curve;
}

MetricResult SiteMatchingResult::recall_at_fdr(double fdr) const {
  if (labels == 0) return MetricResult::undefined("no labelled positions");
  if (matched == 0) return MetricResult::of(0);
  return MetricResult::of(ranking.recall_at_fdr(fdr).value * static_cast<double>(matched) / static_cast<double>(labels));
}

}  // namespace basewise::metrics
