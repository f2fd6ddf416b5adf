#include "basewise/prepare/methylation_baselines.h"

#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/metrics/ranking.h"

namespace basewise::prepare {
namespace {

constexpr float kNoScore = std::numeric_limits<float>::quiet_NaN();
constexpr std::size_t kAtOnce = 4096;  // sites whose neighbours are looked up together

/// Mean of the states that are there, each with the weight of its distance.
template <class Weight>
float weighted_mean(std::span<const float> states, std::span<const std::int32_t> distances, const Weight& weight) {
  double sum = 0, weights = 0;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (distances[i] < 0) continue;
    const double w = weight(distances[i]);
    sum += w * double{states[i]};
    weights += w;
  }
  return weights > 0 ? static_cast<float>(sum / weights) : kNoScore;
}

/// The state of the nearest neighbour, of two as near the left one.
float nearest_state(std::span<const float> states, std::span<const std::int32_t> distances) {
  std::int32_t least = std::numeric_limits<std::int32_t>::max();
  float state = kNoScore;
  for (std::size_t i = 0; i < states.size(); ++i) {
    if (distances[i] < 0 || distances[i] >= least) continue;
    least = distances[i];
    state = states[i];
  }
  return state;
}

float neighbour_score(MethylationBaseline baseline, std::span<const float> states, std::span<const std::int32_t> distances) {
  switch (baseline) {
    case MethylationBaseline::nearest:
      return nearest_state(states, distances);
    case MethylationBaseline::mean:
      return weighted_mean(states, distances, [](std::int32_t) { return 1.0; });
    case MethylationBaseline::weighted:
      return weighted_mean(states, distances, [](std::int32_t distance) { return 1.0 / distance; });
    case MethylationBaseline::bulk:
      break;
  }
  throw ArgumentError("the baseline bulk has no neighbours");
}

}  // namespace

std::vector<float> neighbour_scores(MethylationBaseline baseline, const methylation::Neighbours& neighbours, std::size_t cell,
                                    std::span<const std::int64_t> rows) {
  const auto width = static_cast<std::size_t>(neighbours.width());
  std::vector<float> scores, states;
  std::vector<std::int32_t> distances;
  scores.reserve(rows.size());
  for (std::size_t begin = 0; begin < rows.size(); begin += kAtOnce) {
    const auto some = rows.subspan(begin, std::min(kAtOnce, rows.size() - begin));
    states.resize(some.size() * width);
    distances.resize(some.size() * width);
    neighbours.fill_cell(cell, some, states, distances);
    for (std::size_t i = 0; i < some.size(); ++i)
      scores.push_back(
          neighbour_score(baseline, std::span(states).subspan(i * width, width), std::span(distances).subspan(i * width, width)));
  }
  return scores;
}

std::vector<float> bulk_scores(const methylation::CellTable& bulk, const methylation::SiteList& sites, std::span<const std::int64_t> rows) {
  std::vector<float> scores;
  scores.reserve(rows.size());
  for (const std::int64_t row : rows) {
    const methylation::Site site = sites[row];
    scores.push_back(bulk.at(0, site.chrom).share_at(site.position));
  }
  return scores;
}

BaselineResult baseline_auc(std::span<const float> scores, std::span<const float> labels) {
  if (scores.size() != labels.size()) throw ArgumentError(format("{} scores and {} labels", scores.size(), labels.size()));
  std::vector<float> kept;
  std::vector<std::uint8_t> states;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::isnan(scores[i])) continue;
    kept.push_back(scores[i]);
    states.push_back(std::nearbyint(labels[i]) == 1 ? 1 : 0);
  }
  return {static_cast<std::int64_t>(kept.size()), metrics::auroc(kept, states)};
}

}  // namespace basewise::prepare
