// Bins by tracks of a whole set in memory, for what needs them all at once.
#pragma once

#include <cstdint>

#include "basewise/evaluate/binned_pass.h"
#include "basewise/metrics/value_table.h"

namespace basewise::evaluate {

struct BinTableOptions {
  std::int64_t step = 1;       ///< every so many bins of an example, from its first one on
  std::int64_t memory = 1024;  ///< MiB that both tables may take
};

/// (bins, tracks); NaN where a bin was not measured, in both tables.
struct BinTable {
  metrics::ValueTable predicted = {}, measured = {};
  BinnedPass pass = {};
};

/// All bins of a set in the order of its examples, each bin of a genome once.
/// Errors: ArgumentError, which says what would fit, for more than `memory`; those of
/// `each_binned`.
BinTable read_bins(const Source& source, const BinnedHead& head, const BatchOptions& batches, const BinTableOptions& options);

}  // namespace basewise::evaluate
