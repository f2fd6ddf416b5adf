// Places with many reads, such as transcription start sites:
// centres of windows where no list of peaks is at hand.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/seq/interval.h"

namespace basewise::corpus {

struct ClusterOptions {
  double min_count = 5;        ///< reads of one strand from which on a position counts
  std::int64_t distance = 50;  ///< positions that lie at most so many bases apart belong to one cluster
  double min_total = 0;        ///< reads of both strands in a cluster, at least
  std::int64_t spacing = 0;    ///< of clusters whose centres lie closer than this, only the one with more reads is kept; 0: all
};
void describe(Visitor& v, ClusterOptions& o);

/// Bases [start, end) of a chromosome, from the first to the last position that counts.
struct Cluster {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t centre = 0;                    ///< position with most reads of one strand; the first of several
  seq::Strand strand = seq::Strand::forward;  ///< that strand
  double peak = 0;                            ///< reads there
  double total = 0;                           ///< reads of both strands in [start, end)

  friend bool operator==(const Cluster&, const Cluster&) = default;
};

/// Calls the clusters of one chromosome from counts that come piece by piece in rising order:
///   a position counts if max(plus, minus) >= min_count; positions that count and lie at most
///     `distance` apart are one cluster.
/// Values that are missing (NaN) are 0.
class ClusterCaller {
 public:
  explicit ClusterCaller(const ClusterOptions& options) : options_(options) {}

  /// Counts of both strands from base `start` on; as many of each.
  /// Errors: ArgumentError for a piece that starts before the end of the last one;
  /// DataError for a negative count.
  void add(std::int64_t start, std::span<const float> plus, std::span<const float> minus);

  /// All clusters in rising order; the caller is empty then.
  std::vector<Cluster> finish();

 private:
  void close();
  ClusterOptions options_;
  std::int64_t next_ = 0;        // first base that may come
  std::optional<Cluster> open_;  // cluster to which a position may still be added
  std::int64_t last_ = 0;        // its last position that counts
  double pending_ = 0;           // reads behind that position
  std::vector<Cluster> clusters_;
};

/// Of clusters in rising order whose centres lie closer than `spacing` bases the one with more
/// reads in all (then the first), beginning with the largest.
std::vector<Cluster> thin_out(std::vector<Cluster> clusters, std::int64_t spacing);

}  // namespace basewise::corpus
