// Communities of a graph by the Leiden algorithm (Traag, Waltman and van Eck,
// Scientific Reports 9, 5233, 2019).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/options.h"

namespace basewise::motifs {

/// A weighted undirected graph as a sparse symmetric matrix A, row by row: an edge between two
/// nodes is in both rows, a loop once. Neighbours of a row ascend.
struct SparseGraph {
  std::vector<std::int64_t> row_begin = {0};  ///< (nodes + 1)
  std::vector<std::int32_t> neighbour;        ///< (entries)
  std::vector<float> weight;                  ///< (entries), not negative

  std::int64_t nodes() const { return static_cast<std::int64_t>(row_begin.size()) - 1; }
};

/// An edge or loop of a list.
struct GraphEdge {
  std::int32_t a = 0;
  std::int32_t b = 0;
  float weight = 1;
};

/// The graph of a list of edges, each given once in either direction; the weights of an edge that
/// is there several times are added.
/// Errors: ArgumentError for a node that is none, or a weight that is negative or not finite.
SparseGraph graph_of(std::int64_t nodes, std::span<const GraphEdge> edges);

/// Errors: ArgumentError naming the entry where rows are not as `SparseGraph` says: out of order,
/// out of range, not symmetric, negative or not finite.
void check(const SparseGraph& graph);

struct LeidenOptions {
  double resolution = 1;         ///< gamma: larger values give more and smaller communities
  std::int64_t runs = 1;         ///< random orders that are tried; the partition of best quality is kept
  std::int64_t iterations = -1;  ///< of each run at most; -1: until nothing changes
  double randomness = 0.01;      ///< theta of the refinement, in units of the mean strength of a node; 0: always the best
  std::uint64_t seed = 0;
};
void describe(Visitor& v, LeidenOptions& o);

/// A partition of the nodes.
struct Communities {
  std::vector<std::int32_t> community;  ///< (nodes): numbered by size, largest first; of equal size, by first node
  std::int32_t count = 0;
  double quality = 0;           ///< modularity at the resolution, see `modularity`
  std::int64_t run = 0;         ///< which run it is from
  std::int64_t iterations = 0;  ///< that this run took
};

/// Modularity sum over communities of (A_in / 2m - resolution (K / 2m)^2), with A_in the entries of
/// A inside, K the strengths (row sums) of its nodes, 2m the sum of A (Newman and Girvan 2004;
/// Reichardt and Bornholdt 2006). 0 for a graph without weight.
/// Errors: ArgumentError unless there is one community >= 0 for each node.
double modularity(const SparseGraph& graph, std::span<const std::int32_t> community, double resolution = 1);

/// Communities of high modularity: moving nodes with a queue, refinement within communities, and
/// aggregation, again and again from the partition that was found. Run r draws from stream r of
/// `seed`; runs go in parallel, and the best (the first of equals) does not depend on the number of
/// threads.
///
/// With `iterations` -1, every community is connected and no node gains by moving to another
/// community or to one of its own. Nodes without edges are communities of their own. The same
/// function as that of leidenalg's ModularityVertexPartition (its RBConfigurationVertexPartition,
/// for other resolutions, is the same times 2m).
/// Errors: those of `check`; ArgumentError for options out of bounds.
Communities leiden(const SparseGraph& graph, const LeidenOptions& options = {});

}  // namespace basewise::motifs
