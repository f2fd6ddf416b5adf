#include "basewise/metrics/detail/cells.h"

#include <algorithm>
#include <random>

#include "basewise/metrics/detail/radix_sort.h"
#include "basewise/metrics/detail/ranked.h"

namespace basewise::metrics::detail {

RankingCells ranking_cells(std::span<const float> scores, std::span<const std::uint8_t> labels) {
  const auto sorted = sort_pairs(scores, labels);
  RankingCells result;
  result.cells.resize(scores.size());
  std::size_t n = 0;
  std::uint32_t step = 0;
  const auto& negatives = sorted.negatives;
  for (std::size_t p = 0; p < sorted.positives.size(); ++step) {
    const std::uint32_t key = key_of(sorted.positives[p]);
    for (; n < negatives.size() && key_of(negatives[n]) < key; ++n) result.cells[index_of(negatives[n])] = 3 * step;
    for (; n < negatives.size() && key_of(negatives[n]) == key; ++n) result.cells[index_of(negatives[n])] = 3 * step + 1;
    for (; p < sorted.positives.size() && key_of(sorted.positives[p]) == key; ++p)
      result.cells[index_of(sorted.positives[p])] = 3 * step + 2;
    result.step_score.push_back(score_of_key(key));
  }
  for (; n < negatives.size(); ++n) result.cells[index_of(negatives[n])] = 3 * step;
  return result;
}

Ranking ranking_of_cells(const RankingCells& cells, std::span<const double> size) {
  std::vector<RankingStep> steps;
  steps.reserve(cells.step_score.size());
  double between = 0;
  for (std::size_t s = 0; s < cells.step_score.size(); ++s) {
    between += size[3 * s];
    if (size[3 * s + 2] > 0) {
      steps.push_back({cells.step_score[s], between, size[3 * s + 1], size[3 * s + 2]});
      between = 0;
    } else {
      between += size[3 * s + 1];
    }
  }
  return Ranking(std::move(steps), between + size.back());
}

void draw_cells(Stream& draw, std::span<const std::int64_t> size, std::span<const std::uint32_t> cells, std::span<double> drawn) {
  constexpr std::int64_t kExamplesPerBinomial = 16;  // what one binomial costs, in draws of single examples
  std::int64_t n = 0;
  for (const auto s : size) n += s;
  std::fill(drawn.begin(), drawn.end(), 0.0);
  if (!cells.empty() && static_cast<std::int64_t>(size.size()) * kExamplesPerBinomial > n) {
    for (std::int64_t i = 0; i < n; ++i) ++drawn[cells[draw.below(static_cast<std::uint64_t>(n))]];
    return;
  }
  std::int64_t left = n;
  for (std::size_t c = 0, last = size.size(); c < last && left > 0; n -= size[c], ++c) {
    if (size[c] == 0) continue;
    const auto k = size[c] == n ? left
                                : std::binomial_distribution<std::int64_t>(
                                      left, static_cast<double>(size[c]) / static_cast<double>(n))(draw);
    drawn[c] = static_cast<double>(k);
    left -= k;
  }
}

}  // namespace basewise::metrics::detail
