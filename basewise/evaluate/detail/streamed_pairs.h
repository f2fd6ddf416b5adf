// Outputs beside targets as sums, fine bins and sums of blocks per output: memory that does not
// grow with the number of examples.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/evaluate/detail/kept_pairs.h"
#include "basewise/metrics/streaming.h"

namespace basewise::evaluate::detail {

/// What a stream keeps besides sums.
struct StreamOptions {
  PairPlaces places = {};
  bool intervals = false;    ///< sums of blocks of all outputs pooled,
  bool each = false;         ///< and of each
  bool labels = false;       ///< targets are 0 or 1
  std::int64_t memory = 0;   ///< bytes for bins of all outputs
};

class StreamedPairs {
 public:
  /// Values without blocks that are drawn together here:
  /// sums of single ones would cost too much time.
  static constexpr std::int64_t kAlone = 64;

  /// Takes over what was kept, whose values say where the bins lie.
  StreamedPairs(metrics::StreamedMetrics set, StreamOptions options, KeptPairs&& kept);

  /// One example of a batch.
  /// Errors: ArgumentError for targets that are no labels where those before were,
  /// as `StreamedMetrics::sums`.
  void add(const PairBatch& batch, std::int64_t example, std::int64_t number);
  void add(KeptPairs&& kept);
  void merge(StreamedPairs&& other);

  struct Output {
    metrics::PairSums sums = {};
    metrics::PairBins bins = {};
    metrics::BlockSums blocks = {};
    std::int64_t missing = 0;
  };
  const std::vector<Output>& outputs() const { return outputs_; }

  /// All outputs as one.
  Output pooled() const;

  const metrics::StreamedMetrics& metric_set() const { return set_; }
  const StreamOptions& options() const { return options_; }
  std::int64_t bytes() const;

 private:
  /// Values [begin, end) of an example that are drawn together.
  struct Run {
    std::int64_t begin, end, block;
  };
  std::vector<Run> runs_of(const PairBatch& batch, std::int64_t example, std::int64_t number) const;
  metrics::PairSums add(Output& output, std::span<const float> scores, std::span<const float> targets, std::int64_t block);
  void add(Output& output, Column&& column);
  std::int64_t cells() const;

  metrics::StreamedMetrics set_;
  StreamOptions options_;
  std::vector<Output> outputs_;
  metrics::BlockSums blocks_;  // of all outputs pooled
};

}  // namespace basewise::evaluate::detail
