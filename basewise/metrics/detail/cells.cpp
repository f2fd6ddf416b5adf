#include "basewise/metrics/detail/cells.h"

#include <algorithm>
#include <array>
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

std::vector<std::uint32_t> examples_by_cell(const RankingCells& cells) {
  std::vector<std::uint32_t> next(cells.count() + 1, 0);
  for (const std::uint32_t cell : cells.cells) ++next[cell + 1];
  for (std::size_t c = 1; c < next.size(); ++c) next[c] += next[c - 1];
  std::vector<std::uint32_t> order(cells.cells.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[next[cells.cells[i]]++] = static_cast<std::uint32_t>(i);
  return order;
}

// Words come in large pieces, and are taken as `below` takes them (Lemire 2019).
void count_draws(Stream& draw, std::span<std::uint32_t> counts) {
  std::fill(counts.begin(), counts.end(), 0u);
  const std::uint64_t n = counts.size();
  if (n == 0) return;
  const std::uint64_t threshold = (0 - n) % n;
  std::array<std::uint32_t, 1024> words;
  std::size_t used = words.size();
  for (std::uint64_t i = 0; i < n;) {
    if (used == words.size()) {
      draw.fill(words);
      used = 0;
    }
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(static_cast<std::uint64_t>(words[used]) << 32 | words[used + 1]) * n;
    used += 2;
    if (static_cast<std::uint64_t>(product) < threshold) continue;
    ++counts[static_cast<std::size_t>(product >> 64)];
    ++i;
  }
}

bool draws_examples(std::size_t cells, std::size_t examples) {
  constexpr std::size_t kExamplesPerBinomial = 16;  // what one binomial costs, in draws of single examples
  return examples > 0 && cells * kExamplesPerBinomial > examples;
}

void draw_cells(Stream& draw, std::span<const std::int64_t> size, std::span<const std::uint32_t> cells, std::span<double> drawn) {
  std::int64_t n = 0;
  for (const auto s : size) n += s;
  std::fill(drawn.begin(), drawn.end(), 0.0);
  if (!cells.empty() && draws_examples(size.size(), static_cast<std::size_t>(n))) {
    std::vector<std::uint32_t> counts(static_cast<std::size_t>(n));
    count_draws(draw, counts);
    for (std::size_t i = 0; i < counts.size(); ++i) drawn[cells[i]] += counts[i];
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
