// The steps of a ranking as cells that a bootstrap can recount.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/metrics/ranking.h"

namespace basewise::metrics::detail {

/// Every example of a ranking lies in one cell: cell 3 s are the negatives between step s - 1 and
/// step s, 3 s + 1 the negatives tied with step s, 3 s + 2 its positives; the last cell are the
/// negatives below every positive.
struct RankingCells {
  std::vector<float> step_score;     ///< (steps,)
  std::vector<std::uint32_t> cells;  ///< (N,) cell of each example, in the order of the input
  std::size_t count() const { return 3 * step_score.size() + 1; }
};

RankingCells ranking_cells(std::span<const float> scores, std::span<const std::uint8_t> labels);

/// Numbers of the examples, cell by cell.
std::vector<std::uint32_t> examples_by_cell(const RankingCells& cells);

/// The ranking in which cell c holds size[c] examples. Steps that lost their positives vanish.
Ranking ranking_of_cells(const RankingCells& cells, std::span<const double> size);

/// How often each of n = counts.size() things is drawn in n draws with replacement: the draws of
/// `draw.below(n)`, faster. What `draw` gives afterwards is not told.
void count_draws(Stream& draw, std::span<std::uint32_t> counts);

/// Whether examples are drawn one by one: cheaper than one binomial for each of many cells.
bool draws_examples(std::size_t cells, std::size_t examples);

/// How often each cell is hit when n = sum of sizes examples are drawn with replacement: one
/// multinomial draw by conditional binomials. `cells` may be empty; where given, and cells are
/// many, examples are drawn one by one, which then is faster.
void draw_cells(Stream& draw, std::span<const std::int64_t> size, std::span<const std::uint32_t> cells, std::span<double> drawn);

}  // namespace basewise::metrics::detail
