#include "basewise/motifs/detail/density.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "basewise/core/parallel.h"

namespace basewise::motifs::detail {
namespace {

/// Ranks from 1; ties share their mean.
void rank(const std::vector<float>& values, std::vector<std::int32_t>& order, std::vector<double>& ranks) {
  const auto n = static_cast<std::int64_t>(values.size());
  order.resize(n);
  ranks.resize(n);
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) { return values[a] < values[b]; });
  for (std::int64_t begin = 0, end = 0; begin < n; begin = end) {
    while (end < n && values[order[end]] == values[order[begin]]) ++end;
    for (std::int64_t i = begin; i < end; ++i) ranks[order[i]] = static_cast<double>(begin + end + 1) / 2;
  }
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n, mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : std::numeric_limits<double>::quiet_NaN();
}

/// The matrix with rows and columns exchanged; its rows ascend.
Neighbors transposed(const Neighbors& matrix) {
  Neighbors result;
  const std::int64_t rows = matrix.rows();
  result.row_begin.assign(rows + 1, 0);
  for (const std::int32_t column : matrix.index) ++result.row_begin[column + 1];
  for (std::int64_t i = 0; i < rows; ++i) result.row_begin[i + 1] += result.row_begin[i];
  result.index.resize(matrix.index.size());
  result.similarity.resize(matrix.index.size());
  std::vector<std::int64_t> next(result.row_begin.begin(), result.row_begin.end() - 1);
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t e = matrix.row_begin[row]; e < matrix.row_begin[row + 1]; ++e) {
      const std::int64_t at = next[matrix.index[e]]++;
      result.index[at] = static_cast<std::int32_t>(row);
      result.similarity[at] = matrix.similarity[e];
    }
  return result;
}

/// Calls each(column, value, how many of the two hold the column) over two rows that ascend.
template <class Each>
void merge_rows(const Neighbors& a, const Neighbors& b, std::int64_t row, const Each& each) {
  std::int64_t i = a.row_begin[row], j = b.row_begin[row];
  const std::int64_t end_i = a.row_begin[row + 1], end_j = b.row_begin[row + 1];
  while (i < end_i || j < end_j) {
    const std::int32_t from_a = i < end_i ? a.index[i] : std::numeric_limits<std::int32_t>::max();
    const std::int32_t from_b = j < end_j ? b.index[j] : std::numeric_limits<std::int32_t>::max();
    if (from_a == from_b) {
      each(from_a, a.similarity[i] + b.similarity[j], 2);
      ++i, ++j;
    } else if (from_a < from_b) {
      each(from_a, a.similarity[i++], 1);
    } else {
      each(from_b, b.similarity[j++], 1);
    }
  }
}

/// A + A^T, or the mean over the directions that are there; the diagonal is left free for one more
/// entry of each row where `with_diagonal` (its weight 0).
SparseGraph symmetric(Neighbors matrix, bool average, bool with_diagonal) {
  const Neighbors other = transposed(matrix);
  matrix = transposed(other);  // the same with rows that ascend
  SparseGraph graph;
  const std::int64_t rows = matrix.rows();
  graph.row_begin.assign(rows + 1, 0);
  for (std::int64_t row = 0; row < rows; ++row) {
    std::int64_t entries = 0;
    bool diagonal = false;
    merge_rows(matrix, other, row, [&](std::int32_t column, float, int) { ++entries, diagonal |= column == row; });
    graph.row_begin[row + 1] = graph.row_begin[row] + entries + (with_diagonal && !diagonal);
  }
  graph.neighbour.resize(graph.row_begin.back());
  graph.weight.resize(graph.row_begin.back());
  parallel_for(rows, 1024, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::int64_t at = graph.row_begin[row];
      const auto put = [&](std::int32_t column, float value) {
        graph.neighbour[at] = column;
        graph.weight[at++] = value;
      };
      bool diagonal = !with_diagonal;
      merge_rows(matrix, other, row, [&](std::int32_t column, float value, int held) {
        if (!diagonal && column >= row) {
          if (column > row) put(static_cast<std::int32_t>(row), 0);
          diagonal = true;
        }
        put(column, average ? value / static_cast<float>(held) : value);
      });
      if (!diagonal) put(static_cast<std::int32_t>(row), 0);
    }
  });
  return graph;
}

/// Only the entries for which `keep(row, entry)`.
template <class Keep>
void filter(Neighbors& matrix, const Keep& keep) {
  std::int64_t to = 0;
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    const std::int64_t begin = matrix.row_begin[row];
    matrix.row_begin[row] = to;
    for (std::int64_t e = begin; e < matrix.row_begin[row + 1]; ++e) {
      if (!keep(row, e)) continue;
      matrix.index[to] = matrix.index[e];
      matrix.similarity[to++] = matrix.similarity[e];
    }
  }
  matrix.row_begin.back() = to;
  matrix.index.resize(to);
  matrix.similarity.resize(to);
}

}  // namespace

double rank_correlation(std::span<const float> x, std::span<const float> y) {
  std::vector<float> kept_x, kept_y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == 0) continue;
    kept_x.push_back(x[i]);
    kept_y.push_back(y[i]);
  }
  if (kept_x.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  std::vector<std::int32_t> order;
  std::vector<double> ranks_x, ranks_y;
  rank(kept_x, order, ranks_x);
  rank(kept_y, order, ranks_y);
  return correlation(ranks_x, ranks_y);
}

std::vector<std::int64_t> agreeing_rows(const Neighbors& neighbors, std::span<const float> coarse, double least) {
  const std::int64_t rows = neighbors.rows();
  std::vector<char> agrees(rows);
  parallel_for(rows, 256, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t first = neighbors.row_begin[row], count = neighbors.row_begin[row + 1] - first;
      const std::span fine(neighbors.similarity.data() + first, static_cast<std::size_t>(count));
      agrees[row] = rank_correlation(fine, coarse.subspan(first, count)) > least;  // false for NaN
    }
  });
  std::vector<std::int64_t> result;
  for (std::int64_t row = 0; row < rows; ++row)
    if (agrees[row]) result.push_back(row);
  return result;
}

Neighbors among(const Neighbors& neighbors, std::span<const std::int64_t> kept) {
  std::vector<std::int32_t> renumbered(neighbors.rows(), -1);
  for (std::size_t i = 0; i < kept.size(); ++i) renumbered[kept[i]] = static_cast<std::int32_t>(i);
  Neighbors result;
  for (const std::int64_t row : kept) {
    for (std::int64_t e = neighbors.row_begin[row]; e < neighbors.row_begin[row + 1]; ++e) {
      if (renumbered[neighbors.index[e]] < 0) continue;
      result.index.push_back(renumbered[neighbors.index[e]]);
      result.similarity.push_back(neighbors.similarity[e]);
    }
    result.row_begin.push_back(static_cast<std::int64_t>(result.index.size()));
  }
  return result;
}

double distance_of(double similarity) {
  if (similarity > 1 - 1e-6) return 0;  // equal but for rounding
  return std::log(2 / std::max(similarity, 1e-7) - 1);
}

double search_beta(double perplexity, std::span<const float> distances, bool self) {
  constexpr double kTolerance = 1e-5, kInfinity = std::numeric_limits<double>::infinity();
  double low = -kInfinity, high = kInfinity, beta = 1;
  for (int step = 0; step < 100; ++step) {
    double sum = self ? 1 : 0, weighted = 0;
    for (const double distance : distances) {
      const double weight = std::exp(-distance * beta);
      sum += weight;
      weighted += distance * weight;
    }
    if (sum == 0) sum = 1e-8;
    const double excess = std::log(sum) + beta * weighted / sum - std::log(perplexity);
    if (std::abs(excess) <= kTolerance) break;
    if (excess > 0) {
      low = beta;
      beta = high == kInfinity ? beta * 2 : (beta + high) / 2;
    } else {
      high = beta;
      beta = low == -kInfinity ? beta / 2 : (beta + low) / 2;
    }
  }
  return beta;
}

SparseGraph adapted_graph(Neighbors neighbors, double perplexity, DensityKernel kernel) {
  for (std::int64_t row = 0; row < neighbors.rows(); ++row)
    for (std::int64_t e = neighbors.row_begin[row]; e < neighbors.row_begin[row + 1]; ++e)
      neighbors.similarity[e] = neighbors.index[e] == row ? 0.0f : static_cast<float>(distance_of(neighbors.similarity[e]));
  filter(neighbors, [&](std::int64_t, std::int64_t e) { return neighbors.similarity[e] > 0; });
  SparseGraph graph = symmetric(std::move(neighbors), true, true);

  const std::int64_t rows = graph.nodes();
  std::vector<double> rate(rows), sum(rows);  // k_i(d) = exp(-rate d) / sum
  const auto kernel_of = [&](std::int64_t row, double distance) { return std::exp(-distance * rate[row]) / sum[row]; };
  parallel_for(rows, 64, [&](std::int64_t begin, std::int64_t end) {
    std::vector<float> distances;
    for (std::int64_t row = begin; row < end; ++row) {
      distances.clear();
      for (std::int64_t e = graph.row_begin[row]; e < graph.row_begin[row + 1]; ++e)
        if (graph.neighbour[e] != row) distances.push_back(graph.weight[e]);
      const double beta = search_beta(perplexity, distances, true);
      rate[row] = kernel == DensityKernel::divided ? 1 / beta : beta;
      sum[row] = 1;
      for (const double distance : distances) sum[row] += std::exp(-distance * rate[row]);
    }
  });
  parallel_for(rows, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row)
      for (std::int64_t e = graph.row_begin[row]; e < graph.row_begin[row + 1]; ++e) {
        const std::int64_t other = graph.neighbour[e];
        const double distance = graph.weight[e];
        graph.weight[e] =
            static_cast<float>(other == row ? 1 / sum[row] : std::sqrt(kernel_of(row, distance) * kernel_of(other, distance)));
      }
  });
  return graph;
}

SparseGraph conditional_graph(const Neighbors& neighbors, double perplexity) {
  const std::int64_t rows = neighbors.rows();
  const std::int64_t most = std::min<std::int64_t>(rows - 1, static_cast<std::int64_t>(3 * perplexity + 1));
  Neighbors conditional;
  conditional.row_begin.resize(rows + 1);
  for (std::int64_t row = 0; row < rows; ++row) {
    const std::int64_t held = neighbors.row_begin[row + 1] - neighbors.row_begin[row] - 1;
    conditional.row_begin[row + 1] = conditional.row_begin[row] + std::clamp<std::int64_t>(held, 0, most);
  }
  conditional.index.resize(conditional.row_begin.back());
  conditional.similarity.resize(conditional.row_begin.back());
  parallel_for(rows, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t at = conditional.row_begin[row], from = neighbors.row_begin[row] + 1;
      const std::span values(conditional.similarity.data() + at, static_cast<std::size_t>(conditional.row_begin[row + 1] - at));
      for (std::size_t i = 0; i < values.size(); ++i) {
        conditional.index[at + i] = neighbors.index[from + i];
        values[i] = static_cast<float>(distance_of(neighbors.similarity[from + i]));
      }
      const double beta = search_beta(perplexity, values, false);
      double sum = 0;
      for (float& value : values) sum += value = static_cast<float>(std::exp(-value * beta));
      for (float& value : values) value = static_cast<float>(value / std::max(sum, 1e-8));
    }
  });
  SparseGraph graph = symmetric(std::move(conditional), false, false);
  const double sum = std::accumulate(graph.weight.begin(), graph.weight.end(), 0.0);
  if (sum > 0)
    for (float& weight : graph.weight) weight = static_cast<float>(weight / sum);
  return graph;
}

}  // namespace basewise::motifs::detail
