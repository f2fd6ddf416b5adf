#include "basewise/motifs/leiden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

// Zachary's karate club (1977), members from 1.
SparseGraph karate() {
  constexpr std::array<std::array<int, 2>, 78> kPairs = {
      {{2, 1},   {3, 1},   {3, 2},   {4, 1},   {4, 2},   {4, 3},   {5, 1},   {6, 1},   {7, 1},   {7, 5},   {7, 6},   {8, 1},   {8, 2},
       {8, 3},   {8, 4},   {9, 1},   {9, 3},   {10, 3},  {11, 1},  {11, 5},  {11, 6},  {12, 1},  {13, 1},  {13, 4},  {14, 1},  {14, 2},
       {14, 3},  {14, 4},  {17, 6},  {17, 7},  {18, 1},  {18, 2},  {20, 1},  {20, 2},  {22, 1},  {22, 2},  {26, 24}, {26, 25}, {28, 3},
       {28, 24}, {28, 25}, {29, 3},  {30, 24}, {30, 27}, {31, 2},  {31, 9},  {32, 1},  {32, 25}, {32, 26}, {32, 29}, {33, 3},  {33, 9},
       {33, 15}, {33, 16}, {33, 19}, {33, 21}, {33, 23}, {33, 24}, {33, 30}, {33, 31}, {33, 32}, {34, 9},  {34, 10}, {34, 14}, {34, 15},
       {34, 16}, {34, 19}, {34, 20}, {34, 21}, {34, 23}, {34, 24}, {34, 27}, {34, 28}, {34, 29}, {34, 30}, {34, 31}, {34, 32}, {34, 33}}};
  std::vector<GraphEdge> edges;
  for (const auto& [a, b] : kPairs) edges.push_back({a - 1, b - 1, 1});
  return graph_of(34, edges);
}

/// SplitMix64, as in tests/golden/leiden_golden.py.
class SplitMix {
 public:
  explicit SplitMix(std::uint64_t seed) : state_(seed) {}
  std::int64_t below(std::int64_t n) {
    std::uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<std::int64_t>((z ^ (z >> 31)) % static_cast<std::uint64_t>(n));
  }

 private:
  std::uint64_t state_;
};

/// Edges between random nodes; of 256, `inside` stay within a group (node modulo groups).
SparseGraph random_graph(std::int64_t nodes, std::int64_t edges, std::int64_t groups, std::int64_t inside, std::uint64_t seed) {
  SplitMix draw(seed);
  std::vector<GraphEdge> list;
  for (std::int64_t e = 0; e < edges; ++e) {
    const std::int64_t a = draw.below(nodes);
    std::int64_t b = draw.below(nodes);
    if (draw.below(256) < inside) b = b - b % groups + a % groups;
    const float weight = static_cast<float>(1 + draw.below(8)) / 8;
    if (b < nodes && a != b) list.push_back({static_cast<std::int32_t>(a), static_cast<std::int32_t>(b), weight});
  }
  return graph_of(nodes, list);
}

bool connected(const SparseGraph& graph, const Communities& found) {
  std::vector<bool> seen(found.community.size(), false);
  std::set<std::int32_t> started;
  for (std::int32_t v = 0; v < graph.nodes(); ++v) {
    if (seen[v]) continue;
    if (!started.insert(found.community[v]).second) return false;
    std::vector<std::int32_t> open = {v};
    seen[v] = true;
    while (!open.empty()) {
      const std::int32_t u = open.back();
      open.pop_back();
      for (std::int64_t e = graph.row_begin[u]; e < graph.row_begin[u + 1]; ++e) {
        const std::int32_t w = graph.neighbour[e];
        if (graph.weight[e] == 0 || seen[w] || found.community[w] != found.community[v]) continue;
        seen[w] = true;
        open.push_back(w);
      }
    }
  }
  return true;
}

/// The largest gain of moving one node, to a neighbour's community or to one of its own.
double best_move(const SparseGraph& graph, const Communities& found, double resolution) {
  double best = -1;
  const double before = modularity(graph, found.community, resolution);
  for (std::int32_t v = 0; v < graph.nodes(); ++v) {
    std::set<std::int32_t> others = {found.count};
    for (std::int64_t e = graph.row_begin[v]; e < graph.row_begin[v + 1]; ++e) others.insert(found.community[graph.neighbour[e]]);
    for (const std::int32_t c : others) {
      std::vector<std::int32_t> moved = found.community;
      moved[v] = c;
      best = std::max(best, modularity(graph, moved, resolution) - before);
    }
  }
  return best;
}

/// Louvain's first phase from single nodes: nodes in order, each to the best neighbouring
/// community, until none moves.
double greedy_quality(const SparseGraph& graph, double resolution) {
  Communities found;
  for (std::int32_t v = 0; v < graph.nodes(); ++v) found.community.push_back(v);
  double quality = modularity(graph, found.community, resolution);
  for (bool moved = true; moved;) {
    moved = false;
    for (std::int32_t v = 0; v < graph.nodes(); ++v)
      for (std::int64_t e = graph.row_begin[v]; e < graph.row_begin[v + 1]; ++e) {
        const std::int32_t own = found.community[v], other = found.community[graph.neighbour[e]];
        if (other == own) continue;
        found.community[v] = other;
        const double now = modularity(graph, found.community, resolution);
        if (now > quality + 1e-12) {
          quality = now;
          moved = true;
        } else {
          found.community[v] = own;
        }
      }
  }
  return quality;
}

TEST(Leiden, FindsTheBestPartitionOfTheKarateClub) {
  const SparseGraph graph = karate();
  const Communities found = leiden(graph, {.runs = 10, .seed = 3});
  EXPECT_NEAR(found.quality, 0.41978961, 5e-9);  // the optimum (Brandes et al. 2008)
  EXPECT_EQ(found.count, 4);
  EXPECT_EQ(found.quality, modularity(graph, found.community));
}

TEST(Leiden, RecoversPlantedGroups) {
  const SparseGraph graph = random_graph(600, 9000, 6, 220, 77);
  const Communities found = leiden(graph, {.runs = 3});
  ASSERT_EQ(found.count, 6);
  for (std::int32_t v = 0; v < 600; ++v) EXPECT_EQ(found.community[v], found.community[v % 6]) << v;
}

TEST(Leiden, KeepsWhatItPromises) {
  int cases = 0;
  for (const double resolution : {0.5, 1.0, 2.5})
    for (std::uint64_t seed = 1; seed <= 6; ++seed)
      for (const double randomness : {0.0, 0.01, 1.0}) {
        const SparseGraph graph = random_graph(90 + static_cast<std::int64_t>(seed), 260, 4, 40 * static_cast<std::int64_t>(seed), seed);
        const Communities found = leiden(graph, {.resolution = resolution, .randomness = randomness, .seed = seed});
        EXPECT_TRUE(connected(graph, found)) << resolution << " " << seed << " " << randomness;
        EXPECT_LT(best_move(graph, found, resolution), 1e-9) << resolution << " " << seed << " " << randomness;
        const Communities best = leiden(graph, {.resolution = resolution, .runs = 5, .randomness = randomness, .seed = seed});
        EXPECT_GE(best.quality, greedy_quality(graph, resolution) - 1e-12) << resolution << " " << seed << " " << randomness;
        EXPECT_GE(best.quality, found.quality);
        ++cases;
      }
  EXPECT_EQ(cases, 54);
}

// tests/golden/leiden.json, made by tests/golden/leiden_golden.py with leidenalg (versions inside).
TEST(Leiden, IsAsGoodAsLeidenalg) {
  const auto golden = read_json("tests/golden/leiden.json");
  for (const auto& g : golden["cases"]) {
    const SparseGraph graph = random_graph(g["nodes"], g["edges"], g["groups"], g["inside"], g["seed"].get<std::uint64_t>());
    const double resolution = g["resolution"];
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) sum += leiden(graph, {.resolution = resolution, .seed = seed}).quality;
    const double best = leiden(graph, {.resolution = resolution, .runs = golden["runs"]}).quality;
    EXPECT_GE(best, g["best"].get<double>() - 0.001) << g.dump();
    EXPECT_GE(sum / 20, g["mean"].get<double>() - 0.001) << g.dump();
  }
}

TEST(Leiden, IsTheSameForAnyNumberOfThreadsAndAnyScale) {
  SparseGraph graph = random_graph(400, 3000, 5, 100, 9);
  const LeidenOptions options = {.runs = 7, .seed = 4};
  set_threads(1);
  const Communities one = leiden(graph, options);
  set_threads(4);
  const Communities four = leiden(graph, options);
  set_threads(0);
  EXPECT_EQ(one.community, four.community);
  EXPECT_EQ(one.run, four.run);
  EXPECT_EQ(one.quality, four.quality);
  for (float& w : graph.weight) w *= 1024;
  EXPECT_EQ(leiden(graph, options).community, one.community);
}

TEST(Leiden, CommunitiesAreNumberedBySize) {
  const Communities found = leiden(random_graph(300, 2000, 3, 230, 5), {.resolution = 1.5});
  std::vector<std::int64_t> size(found.count, 0);
  for (const std::int32_t c : found.community) ++size[c];
  EXPECT_TRUE(std::is_sorted(size.rbegin(), size.rend()));
  EXPECT_GT(size.back(), 0);
}

TEST(Leiden, NodesWithoutEdgesStayAlone) {
  const Communities none = leiden(graph_of(0, {}));
  EXPECT_EQ(none.count, 0);
  EXPECT_EQ(none.quality, 0);
  const Communities alone = leiden(graph_of(3, {}));
  EXPECT_EQ(alone.community, (std::vector<std::int32_t>{0, 1, 2}));
  const std::vector<GraphEdge> edges = {{3, 1, 2}, {1, 3, 1}, {2, 2, 5}, {0, 4, 0}};
  const Communities some = leiden(graph_of(5, edges));
  EXPECT_EQ(some.community, (std::vector<std::int32_t>{1, 0, 2, 0, 3}));
  EXPECT_NEAR(some.quality, 1 - (36 + 25) / 121.0, 1e-12);
}

// Loops and the definition: sum over pairs in one community of A_ij - k_i k_j / 2m, over 2m.
TEST(Leiden, ModularityIsThatOfTheMatrix) {
  const std::vector<GraphEdge> edges = {{0, 1, 0.5f}, {1, 2, 2}, {2, 0, 0.25f}, {2, 3, 1}, {3, 3, 1.5f}, {0, 1, 0.25f}};
  const SparseGraph graph = graph_of(4, edges);
  const std::vector<std::int32_t> community = {4, 4, 0, 0};
  const double a[4][4] = {{0, 0.75, 0.25, 0}, {0.75, 0, 2, 0}, {0.25, 2, 0, 1}, {0, 0, 1, 1.5}};
  double total = 0, expected = 0, k[4] = {};
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) total += a[i][j], k[i] += a[i][j];
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j)
      if (community[i] == community[j]) expected += (a[i][j] - 0.7 * k[i] * k[j] / total) / total;
  EXPECT_NEAR(modularity(graph, community, 0.7), expected, 1e-12);
}

TEST(Leiden, ErrorsNameTheEntry) {
  const auto edge = [](GraphEdge e) { return error_text<ArgumentError>([&] { return graph_of(3, std::vector{e}); }); };
  EXPECT_EQ(edge({0, 3, 1}), "edge 0-3 leaves a graph of 3 nodes");
  EXPECT_EQ(edge({0, 1, -2}), "edge 0-1 has weight -2; it must be finite and not negative");
  EXPECT_EQ(edge({0, 1, std::numeric_limits<float>::quiet_NaN()}), "edge 0-1 has weight nan; it must be finite and not negative");
  SparseGraph graph = graph_of(3, std::vector<GraphEdge>{{0, 1, 1}, {1, 2, 2}});
  graph.weight[0] = 3;
  EXPECT_EQ(error_text<ArgumentError>([&] { leiden(graph); }),
            "edge 0-1 is not the same in the other direction; the matrix must be symmetric");
  graph.weight[0] = 1;
  std::swap(graph.neighbour[1], graph.neighbour[2]);
  EXPECT_EQ(error_text<ArgumentError>([&] { leiden(graph); }), "neighbour 0 of node 1 is out of range or out of order (graph of 3 nodes)");
  graph.row_begin.back() = 2;
  EXPECT_EQ(error_text<ArgumentError>([&] { leiden(graph); }),
            "the rows of a graph of 3 nodes do not cover its 4 neighbours and 4 weights");
  EXPECT_EQ(error_text<ArgumentError>([] { leiden({}, {.resolution = 0}); }), "resolution is 0; it must be a positive number");
  EXPECT_EQ(error_text<ArgumentError>([] { leiden({}, {.runs = 0}); }), "runs is 0; it must be at least 1");
  EXPECT_EQ(error_text<ArgumentError>([] { return modularity(graph_of(2, {}), std::vector<std::int32_t>{0}); }),
            "1 communities are given for 2 nodes");
}

}  // namespace
}  // namespace basewise::motifs
