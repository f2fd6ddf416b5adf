// Outputs beside targets as they came, measured ones only, a column per output:
// what exact metrics are computed from.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/evaluate/detail/pair_batch.h"
#include "basewise/metrics/site_matching.h"

namespace basewise::evaluate::detail {

/// How values are told apart and drawn together.
struct PairPlaces {
  bool blocks = false;               ///< values are drawn in blocks
  std::int64_t block = 0;            ///< bases of a block where examples have places; 0: one example
  bool coordinates = false;          ///< keep the base of each value, for tolerances
  std::int64_t bases_per_value = 1;  ///< value l of an example covers [start + l b, start + (l + 1) b)

  /// The block of position `l` of an example with number `number`;
  /// by the first base of the value's span.
  std::int64_t block_at(const PairBatch& batch, std::int64_t example, std::int64_t number, std::int64_t l) const;
};

/// The measured values of one output (channel), or of several pooled.
struct Column {
  std::vector<float> scores;
  std::vector<float> targets;
  std::vector<std::int64_t> blocks;     ///< what the bootstrap draws together; empty: every value alone
  std::vector<std::int64_t> positions;  ///< first base of each value; only where tolerances are asked for
  std::vector<std::int64_t> tracks;     ///< chromosome and channel
  std::int64_t missing = 0;
};

class KeptPairs {
 public:
  explicit KeptPairs(PairPlaces places = {}) : places_(places) {}

  /// One example of a batch; `number` is its number in the data set.
  void add(const PairBatch& batch, std::int64_t example, std::int64_t number);
  void merge(KeptPairs&& other);

  std::vector<Column>& columns() { return columns_; }
  const std::vector<Column>& columns() const { return columns_; }
  const metrics::Circles& circles() const { return circles_; }
  bool binary() const;  ///< all targets are 0 or 1

  /// Bytes that one value takes, and all of them.
  std::int64_t bytes_per_value() const;
  std::int64_t bytes() const;

 private:
  void add_channel(const PairBatch& batch, std::int64_t example, std::int64_t number, std::int64_t channel);
  PairPlaces places_;
  std::vector<Column> columns_;
  metrics::Circles circles_;  // by track; only with coordinates
};

/// All columns one after the other; they are empty afterwards.
Column pool(std::vector<Column>& columns);

}  // namespace basewise::evaluate::detail
