// Scores of pairs of columns.
#pragma once

#include "basewise/motifs/compare.h"

namespace basewise::motifs::detail {

/// A column of a motif; `sites` is 0 where the distance does not count.
struct MotifColumn {
  BaseVector share = {};
  double sites = 0;

  friend auto operator<=>(const MotifColumn&, const MotifColumn&) = default;
};

/// Whether scores count sites.
bool counts_sites(ColumnDistance distance);

/// Whether scores take the logarithm of a share, so that there may be no zero.
bool needs_positive_shares(ColumnDistance distance);

/// The score of one pair, larger is more alike.
///  * ed: -sqrt(sum (q - t)^2); sandelin: 2 - sum (q - t)^2; pearson: correlation, 0 where a column
///    is even; kullback: -sum (q log10(q/t) + t log10(t/q)) / 2
///  * allr: sum (n_t log(q/b) + n_q log(t/b)) / sum (n_q + n_t), n the counts (Wang and
///    Stormo 2003)
///  * blic: 2 sum n log(d) - sum n_q log(d_q) - sum n_t log(d_t) - sum n log(b), n = n_q + n_t and
///    d the source that a Dirichlet prior of one or five components makes of the counts (Habib et
///    al. 2008, equation 2); llr: sum n log(d) - sum n_q log(d_q) - sum n_t log(d_t)
double column_score(ColumnDistance distance, const MotifColumn& query, const MotifColumn& target, const BaseVector& background);

/// `column_score` for ed, inline: exactly these operations in this order.
double euclidean_score(const BaseVector& query, const BaseVector& target);

}  // namespace basewise::motifs::detail
