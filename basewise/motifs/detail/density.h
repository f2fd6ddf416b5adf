// From similarities to graphs: seqlets whose two similarities disagree go, distances are scaled by
// the density around each seqlet.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/coarse_neighbors.h"
#include "basewise/motifs/discovery.h"
#include "basewise/motifs/leiden.h"

namespace basewise::motifs::detail {

/// Rank correlation (Spearman; ties share their mean rank) of x and y over the positions where x is
/// not 0. NaN with fewer than two of them, or where all x or all y are equal.
double rank_correlation(std::span<const float> x, std::span<const float> y);

/// Rows whose fine similarities (in `neighbors`) correlate with the coarse ones (at the same
/// places) beyond `least`; ascending.
std::vector<std::int64_t> agreeing_rows(const Neighbors& neighbors, std::span<const float> coarse, double least);

/// Neighbours among the rows that are kept, numbered anew.
Neighbors among(const Neighbors& neighbors, std::span<const std::int64_t> kept);

/// log(2 / s - 1), from 0 for a similarity s of 1 to 16.8 for one of 0 or less.
double distance_of(double similarity);

/// The rate beta at which weights exp(-beta d) of `distances` have the entropy log(perplexity), by
/// at most 100 halvings; with `self`, a further weight of 1 (distance 0) stands for the point
/// itself.
double search_beta(double perplexity, std::span<const float> distances, bool self);

/// The graph that is clustered: distances averaged over both directions (pairs at distance 0 are
/// left out), w_ij = sqrt(k_i(d_ij) k_j(d_ij)) with k_i the kernel of seqlet i over its neighbours
/// and itself, and 1 / sum at the diagonal (Shrikumar et al. 2018).
SparseGraph adapted_graph(Neighbors neighbors, double perplexity, DensityKernel kernel);

/// The graph within a pattern: the conditional probabilities of t-SNE (van der Maaten and Hinton
/// 2008) among the nearest 3 x perplexity + 1 neighbours of each row, the first of which is the row
/// itself and left out; P + P^T, divided by its sum.
SparseGraph conditional_graph(const Neighbors& neighbors, double perplexity);

}  // namespace basewise::motifs::detail
