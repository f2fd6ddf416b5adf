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

void draw_units(Stream& draw, std::span<std::uint32_t> counts) {
  std::fill(counts.begin(), counts.end(), 0u);
  for (std::size_t i = 0; i < counts.size(); ++i) ++counts[draw.below(counts.size())];
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

BootstrapResult bootstrap(std::int64_t units, const std::function<MetricResult(std::span<const std::uint32_t> counts)>& statistic,
                          const BootstrapOptions& options) {
  check_options(options);
  if (units < 2) return without_interval(units);
  std::vector<double> values(static_cast<std::size_t>(options.replicates));
  each_replicate(options, [&](std::int64_t r, Stream draw) {
    std::vector<std::uint32_t> counts(static_cast<std::size_t>(units));
    draw_units(draw, counts);
    values[static_cast<std::size_t>(r)] = statistic(counts).value;
  });
  return detail::percentile_interval(std::move(values), options.confidence);
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

std::vector<BootstrapResult> bootstrap_ranking(std::span<const float> scores, std::span<const std::uint8_t> labels,
                                               const std::vector<RankingMetric>& metrics, const BootstrapOptions& options,
                                               std::span<const std::int64_t> blocks) {
  check_options(options);
  detail::check_size(scores.size(), blocks.size(), "blocks", true);
  const auto cells = detail::ranking_cells(scores, labels);
  std::vector<std::int64_t> size(cells.count());
  for (const auto c : cells.cells) ++size[c];
  const auto dense = dense_blocks(blocks);
  const std::int64_t units = blocks.empty() ? std::ssize(scores) : dense.count;
  if (units == 1) return std::vector<BootstrapResult>(metrics.size(), without_interval(units));
  const auto shares = cell_shares(blocks.empty() ? std::span<const std::uint32_t>() : cells.cells, dense.block);
  std::vector<std::vector<double>> values(metrics.size(), std::vector<double>(static_cast<std::size_t>(options.replicates)));
  each_replicate(options, [&](std::int64_t r, Stream draw) {
    std::vector<double> drawn(cells.count());
    if (blocks.empty()) {
      detail::draw_cells(draw, size, cells.cells, drawn);
    } else {
      std::vector<std::uint32_t> counts(static_cast<std::size_t>(dense.count));
      draw_units(draw, counts);
      for (const auto& share : shares) drawn[share.cell] += counts[share.block] * share.examples;
    }
    const Ranking ranking = detail::ranking_of_cells(cells, drawn);
    for (std::size_t m = 0; m < metrics.size(); ++m) values[m][static_cast<std::size_t>(r)] = metrics[m](ranking).value;
  });
  std::vector<BootstrapResult> results;
  for (auto& v : values) results.push_back(detail::percentile_interval(std::move(v), options.confidence));
  return results;
}

}  // namespace basewise::metrics
