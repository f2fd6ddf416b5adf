#include "basewise/motifs/leiden.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/leiden_run.h"

namespace basewise::motifs {
namespace {

bool is_weight(float w) { return std::isfinite(w) && w >= 0; }

detail::LeidenLevel base_level(const SparseGraph& graph) {
  detail::LeidenLevel level;
  const auto n = static_cast<std::size_t>(graph.nodes());
  level.loop.assign(n, 0.0);
  level.strength.assign(n, 0.0);
  level.neighbour.reserve(graph.neighbour.size());
  level.weight.reserve(graph.weight.size());
  for (std::size_t v = 0; v < n; ++v) {
    for (std::int64_t e = graph.row_begin[v]; e < graph.row_begin[v + 1]; ++e) {
      const auto i = static_cast<std::size_t>(e);
      const double w = graph.weight[i];
      level.strength[v] += w;
      if (static_cast<std::size_t>(graph.neighbour[i]) == v) {
        level.loop[v] = w;
      } else if (w > 0) {
        level.neighbour.push_back(graph.neighbour[i]);
        level.weight.push_back(w);
      }
    }
    level.row_begin.push_back(static_cast<std::int64_t>(level.neighbour.size()));
  }
  return level;
}

/// Numbers communities by size, largest first, then by first node.
void order_by_size(Communities& found) {
  std::vector<std::int32_t> first(found.community.size(), -1);
  std::vector<std::int64_t> size(found.community.size(), 0);
  for (std::size_t v = 0; v < found.community.size(); ++v) {
    const auto c = static_cast<std::size_t>(found.community[v]);
    if (size[c]++ == 0) first[c] = static_cast<std::int32_t>(v);
  }
  std::vector<std::int32_t> order;
  for (std::size_t c = 0; c < size.size(); ++c)
    if (size[c] > 0) order.push_back(static_cast<std::int32_t>(c));
  std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    const auto i = static_cast<std::size_t>(a), j = static_cast<std::size_t>(b);
    return size[i] != size[j] ? size[i] > size[j] : first[i] < first[j];
  });
  std::vector<std::int32_t> number(size.size(), 0);
  for (std::size_t r = 0; r < order.size(); ++r) number[order[r]] = static_cast<std::int32_t>(r);
  for (std::int32_t& c : found.community) c = number[c];
  found.count = static_cast<std::int32_t>(order.size());
}

void check(const LeidenOptions& o) {
  if (!(o.resolution > 0) || !std::isfinite(o.resolution))
    throw ArgumentError(format("resolution is {}; it must be a positive number", o.resolution));
  if (o.runs < 1) throw ArgumentError(format("runs is {}; it must be at least 1", o.runs));
  if (o.iterations < -1 || o.iterations == 0) throw ArgumentError(format("iterations is {}; it must be at least 1, or -1", o.iterations));
  if (!(o.randomness >= 0) || !std::isfinite(o.randomness))
    throw ArgumentError(format("randomness is {}; it must be 0 or a positive number", o.randomness));
}

}  // namespace

void describe(Visitor& v, LeidenOptions& o) {
  v("resolution", o.resolution, "larger values give more and smaller communities", positive());
  v("runs", o.runs, "random orders that are tried; the best partition is kept", at_least(1));
  v("iterations", o.iterations, "of each run at most; -1: until nothing changes", at_least(-1));
  v("randomness", o.randomness, "of the refinement; 0: always the best merge", at_least(0));
  v("seed", o.seed, "of the random orders");
}

SparseGraph graph_of(std::int64_t nodes, std::span<const GraphEdge> edges) {
  if (nodes < 0 || nodes > std::numeric_limits<std::int32_t>::max()) throw ArgumentError(format("a graph cannot have {} nodes", nodes));
  std::vector<std::int64_t> begin(static_cast<std::size_t>(nodes) + 1, 0);
  for (const GraphEdge& e : edges) {
    if (e.a < 0 || e.b < 0 || e.a >= nodes || e.b >= nodes)
      throw ArgumentError(format("edge {}-{} leaves a graph of {} nodes", e.a, e.b, nodes));
    if (!is_weight(e.weight))
      throw ArgumentError(format("edge {}-{} has weight {}; it must be finite and not negative", e.a, e.b, e.weight));
    ++begin[e.a + 1];
    if (e.a != e.b) ++begin[e.b + 1];
  }
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<std::pair<std::int32_t, float>> entries(static_cast<std::size_t>(begin.back()));
  std::vector<std::int64_t> next(begin.begin(), begin.end() - 1);
  for (const GraphEdge& e : edges) {
    entries[next[e.a]++] = {e.b, e.weight};
    if (e.a != e.b) entries[next[e.b]++] = {e.a, e.weight};
  }
  SparseGraph graph;
  for (std::size_t v = 0; v < static_cast<std::size_t>(nodes); ++v) {
    const auto row = std::span(entries).subspan(static_cast<std::size_t>(begin[v]), static_cast<std::size_t>(begin[v + 1] - begin[v]));
    // Stable: an edge that is there several times sums in the order of the list in both rows.
    std::stable_sort(row.begin(), row.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto row_begin = static_cast<std::size_t>(graph.row_begin.back());
    for (const auto& [to, weight] : row) {
      if (graph.neighbour.size() > row_begin && graph.neighbour.back() == to) {
        graph.weight.back() += weight;
      } else {
        graph.neighbour.push_back(to);
        graph.weight.push_back(weight);
      }
    }
    graph.row_begin.push_back(static_cast<std::int64_t>(graph.neighbour.size()));
  }
  return graph;
}

void check(const SparseGraph& graph) {
  const std::int64_t n = graph.nodes();
  const auto entries = static_cast<std::int64_t>(graph.neighbour.size());
  if (n < 0 || n > std::numeric_limits<std::int32_t>::max() || graph.weight.size() != graph.neighbour.size() || graph.row_begin[0] != 0 ||
      graph.row_begin.back() != entries || !std::is_sorted(graph.row_begin.begin(), graph.row_begin.end()))
    throw ArgumentError(format("the rows of a graph of {} nodes do not cover its {} neighbours and {} weights", n, entries,
                               graph.weight.size()));
  for (std::int64_t v = 0; v < n; ++v) {
    const auto begin = static_cast<std::size_t>(graph.row_begin[v]);
    const auto end = static_cast<std::size_t>(graph.row_begin[v + 1]);
    for (std::size_t e = begin; e < end; ++e) {
      const std::int32_t u = graph.neighbour[e];
      if (u < 0 || u >= n || (e > begin && u <= graph.neighbour[e - 1]))
        throw ArgumentError(format("neighbour {} of node {} is out of range or out of order (graph of {} nodes)", u, v, n));
      if (!is_weight(graph.weight[e]))
        throw ArgumentError(format("edge {}-{} has weight {}; it must be finite and not negative", v, u, graph.weight[e]));
    }
  }
  for (std::int64_t v = 0; v < n; ++v) {
    for (std::int64_t e = graph.row_begin[v]; e < graph.row_begin[v + 1]; ++e) {
      const auto u = static_cast<std::size_t>(graph.neighbour[e]);
      const auto first = graph.neighbour.begin() + graph.row_begin[u], last = graph.neighbour.begin() + graph.row_begin[u + 1];
      const auto back = std::lower_bound(first, last, static_cast<std::int32_t>(v));
      if (back == last || *back != v || graph.weight[back - graph.neighbour.begin()] != graph.weight[e])
        throw ArgumentError(format("edge {}-{} is not the same in the other direction; the matrix must be symmetric", v, u));
    }
  }
}

double modularity(const SparseGraph& graph, std::span<const std::int32_t> community, double resolution) {
  if (static_cast<std::int64_t>(community.size()) != graph.nodes())
    throw ArgumentError(format("{} communities are given for {} nodes", community.size(), graph.nodes()));
  std::int32_t most = -1;
  for (std::size_t v = 0; v < community.size(); ++v) {
    if (community[v] < 0) throw ArgumentError(format("node {} has community {}; it must be at least 0", v, community[v]));
    most = std::max(most, community[v]);
  }
  std::vector<double> inside(static_cast<std::size_t>(most) + 1, 0.0), strength(inside);
  double total = 0;
  for (std::size_t v = 0; v < community.size(); ++v) {
    const auto c = static_cast<std::size_t>(community[v]);
    for (std::int64_t e = graph.row_begin[v]; e < graph.row_begin[v + 1]; ++e) {
      const double w = graph.weight[e];
      total += w;
      strength[c] += w;
      if (community[graph.neighbour[e]] == community[v]) inside[c] += w;
    }
  }
  if (total == 0) return 0;
  double quality = 0;
  for (std::size_t c = 0; c < inside.size(); ++c) quality += inside[c] / total - resolution * (strength[c] / total) * (strength[c] / total);
  return quality;
}

Communities leiden(const SparseGraph& graph, const LeidenOptions& options) {
  check(options);
  check(graph);
  const detail::LeidenLevel base = base_level(graph);
  const double total = std::accumulate(base.strength.begin(), base.strength.end(), 0.0);
  const detail::LeidenSettings settings = {.null_rate = total > 0 ? options.resolution / total : 0,
                                           .temperature = total > 0 ? options.randomness * total / base.nodes() : 0,
                                           .iterations = options.iterations};
  std::vector<Communities> runs(static_cast<std::size_t>(options.runs));
  parallel_for(options.runs, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      detail::LeidenOutcome outcome = detail::run_leiden(base, settings, Stream(options.seed, static_cast<std::uint64_t>(r)));
      Communities& run = runs[r];
      run.community = std::move(outcome.community);
      order_by_size(run);  // first: the order of sums is then that of the numbers
      run.quality = modularity(graph, run.community, options.resolution);
      run.run = r;
      run.iterations = outcome.iterations;
    }
  });
  const auto best = std::max_element(runs.begin(), runs.end(),
                                     [](const Communities& a, const Communities& b) { return a.quality < b.quality; });
  return std::move(*best);
}

}  // namespace basewise::motifs
