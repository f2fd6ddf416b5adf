#include "basewise/metrics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/metrics/detail/cells.h"
#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/percentile.h"

namespace basewise::metrics {
namespace {

void check_options(const BootstrapOptions& options) {
  if (options.replicates < 1) throw ArgumentError(format("bootstrap.replicates is {}: expected at least 1", options.replicates));
  if (!(options.confidence > 0 && options.confidence < 1))
    throw ArgumentError(format("bootstrap.confidence is {}: expected a number between 0 and 1", options.confidence));
}

/// Calls one(r, draw) for every replicate, in parallel.
template <class One>
void each_replicate(const BootstrapOptions& options, One one) {
  parallel_for(options.replicates, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) one(r, Stream(static_cast<std::uint64_t>(options.seed), static_cast<std::uint64_t>(r)));
  });
}

/// A single unit is drawn the same each time: replicates without any spread are no interval.
BootstrapResult without_interval(std::int64_t units) {
  BootstrapResult none;
  none.reason = units < 1 ? "no examples" : "a single block or example cannot be drawn again";
  return none;
}

/// How many examples of a block lie in a cell.
struct CellShare {
  std::uint32_t cell;
  std::uint32_t block;
  double examples;
};

std::vector<CellShare> cell_shares(std::span<const std::uint32_t> cells, std::span<const std::uint32_t> blocks) {
  std::vector<std::uint64_t> pairs(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) pairs[i] = (static_cast<std::uint64_t>(cells[i]) << 32) | blocks[i];
  std::sort(pairs.begin(), pairs.end());
  std::vector<CellShare> shares;
  for (std::size_t i = 0; i < pairs.size();) {
    std::size_t end = i;
    while (end < pairs.size() && pairs[end] == pairs[i]) ++end;
    shares.push_back({static_cast<std::uint32_t>(pairs[i] >> 32), static_cast<std::uint32_t>(pairs[i]), static_cast<double>(end - i)});
    i = end;
  }
  return shares;
}

}  // namespace

void describe(Visitor& v, BootstrapOptions& o) {
  v("replicates", o.replicates, "bootstrap replicates; more make the interval steadier", at_least(1));
  v("confidence", o.confidence, "share of replicates inside the interval", between(0.5, 0.9999));
  v("seed", o.seed, "seed of the draws", non_negative());
}

std::vector<BootstrapResult> bootstrap_together(std::int64_t units, const std::vector<BootstrapStatistic>& statistics,
                                                const BootstrapOptions& options) {
  check_options(options);
  std::size_t size = 0;
  for (const BootstrapStatistic& statistic : statistics) size += statistic.size;
  if (units < 2) return std::vector<BootstrapResult>(size, without_interval(units));
  std::vector<double> values(static_cast<std::size_t>(options.replicates) * size);  // (replicates, size)
  each_replicate(options, [&](std::int64_t r, Stream draw) {
    std::vector<std::uint32_t> counts(static_cast<std::size_t>(units));
    detail::count_draws(draw, counts);
    std::span<double> row = std::span(values).subspan(static_cast<std::size_t>(r) * size, size);
    for (const BootstrapStatistic& statistic : statistics) {
      statistic.compute(counts, row.first(statistic.size));
      row = row.subspan(statistic.size);
    }
  });
  std::vector<BootstrapResult> results;
  for (std::size_t v = 0; v < size; ++v) {
    std::vector<double> column(static_cast<std::size_t>(options.replicates));
    for (std::size_t r = 0; r < column.size(); ++r) column[r] = values[r * size + v];
    results.push_back(detail::percentile_interval(std::move(column), options.confidence));
  }
  return results;
}

BootstrapResult bootstrap(std::int64_t units, const std::function<MetricResult(std::span<const std::uint32_t> counts)>& statistic,
                          const BootstrapOptions& options) {
  const auto compute = [&](std::span<const std::uint32_t> counts, std::span<double> values) { values[0] = statistic(counts).value; };
  return bootstrap_together(units, {{.size = 1, .compute = compute}}, options)[0];
}

DenseBlocks dense_blocks(std::span<const std::int64_t> blocks) {
  DenseBlocks dense;
  dense.block.reserve(blocks.size());
  std::unordered_map<std::int64_t, std::uint32_t> number;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    // Blocks mostly come in runs: the last answer is usually the next one.
    if (i > 0 && blocks[i] == blocks[i - 1])
      dense.block.push_back(dense.block.back());
    else
      dense.block.push_back(number.try_emplace(blocks[i], static_cast<std::uint32_t>(number.size())).first->second);
  }
  dense.count = static_cast<std::int64_t>(number.size());
  return dense;
}

namespace {

/// Metrics of the ranking of what was drawn.
void fill_values(const detail::RankingCells& cells, std::span<const double> drawn, const std::vector<RankingMetric>& metrics,
                 std::span<double> values) {
  const Ranking ranking = detail::ranking_of_cells(cells, drawn);
  for (std::size_t m = 0; m < metrics.size(); ++m) values[m] = metrics[m](ranking).value;
}

BootstrapStatistic statistic_of_blocks(detail::RankingCells cells, const DenseBlocks& dense, const std::vector<RankingMetric>& metrics) {
  auto shares = cell_shares(cells.cells, dense.block);
  return {.size = metrics.size(),
          .compute = [cells = std::move(cells), shares = std::move(shares), &metrics](std::span<const std::uint32_t> counts,
                                                                                      std::span<double> values) {
            std::vector<double> drawn(cells.count());
            for (const auto& share : shares) drawn[share.cell] += counts[share.block] * share.examples;
            fill_values(cells, drawn, metrics, values);
          }};
}

BootstrapStatistic statistic_of_examples(detail::RankingCells cells, const std::vector<RankingMetric>& metrics) {
  auto order = detail::examples_by_cell(cells);
  return {.size = metrics.size(),
          .compute = [cells = std::move(cells), order = std::move(order), &metrics](std::span<const std::uint32_t> counts,
                                                                                    std::span<double> values) {
            std::vector<double> drawn(cells.count());
            for (const std::uint32_t i : order) drawn[cells.cells[i]] += counts[i];
            fill_values(cells, drawn, metrics, values);
          }};
}

std::optional<BootstrapStatistic> statistic_of(detail::RankingCells& cells, const std::vector<RankingMetric>& metrics,
                                               const DenseBlocks& dense) {
  if (!dense.block.empty()) return statistic_of_blocks(std::move(cells), dense, metrics);
  if (!detail::draws_examples(cells.count(), cells.cells.size())) return std::nullopt;
  return statistic_of_examples(std::move(cells), metrics);
}

}  // namespace

std::optional<BootstrapStatistic> ranking_statistic(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                                    const std::vector<RankingMetric>& metrics, std::span<const std::int64_t> blocks) {
  detail::check_size(scores.size(), blocks.size(), "blocks", true);
  auto cells = detail::ranking_cells(scores, labels);
  return statistic_of(cells, metrics, dense_blocks(blocks));
}

std::vector<BootstrapResult> bootstrap_ranking(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                               const std::vector<RankingMetric>& metrics, const BootstrapOptions& options,
                                               std::span<const std::int64_t> blocks) {
  check_options(options);
  detail::check_size(scores.size(), blocks.size(), "blocks", true);
  const DenseBlocks dense = dense_blocks(blocks);
  const std::int64_t units = blocks.empty() ? std::ssize(scores) : dense.count;
  if (units == 1) return std::vector<BootstrapResult>(metrics.size(), without_interval(units));
  auto cells = detail::ranking_cells(scores, labels);
  if (const auto statistic = statistic_of(cells, metrics, dense)) return bootstrap_together(units, {*statistic}, options);
  std::vector<std::int64_t> size(cells.count());
  for (const auto c : cells.cells) ++size[c];
  std::vector<std::vector<double>> values(metrics.size(), std::vector<double>(static_cast<std::size_t>(options.replicates)));
  each_replicate(options, [&](std::int64_t r, Stream draw) {
    std::vector<double> drawn(cells.count()), row(metrics.size());
    detail::draw_cells(draw, size, {}, drawn);
    fill_values(cells, drawn, metrics, row);
    for (std::size_t m = 0; m < metrics.size(); ++m) values[m][static_cast<std::size_t>(r)] = row[m];
  });
  std::vector<BootstrapResult> results;
  for (auto& v : values) results.push_back(detail::percentile_interval(std::move(v), options.confidence));
  return results;
}

}  // namespace basewise::metrics
