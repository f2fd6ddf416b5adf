#include "basewise/evaluate/bin_table.h"

#include <limits>

#include "basewise/core/error.h"

namespace basewise::evaluate {
namespace {

void require_room(const BinTable& table, std::size_t more, const BinTableOptions& o) {
  const auto needed = static_cast<std::int64_t>((table.measured.values.size() + more) * 2 * sizeof(float));
  if (needed <= (o.memory << 20)) return;
  throw ArgumentError(
      format("after {} examples the bins of {} tracks take more than {} MiB: take fewer bins (step={}), or give it more (memory={})",
             table.pass.examples, table.measured.columns, o.memory, 2 * o.step, 4 * o.memory));
}

}  // namespace

BinTable read_bins(const Source& source, const BinnedHead& head, const BatchOptions& batches, const BinTableOptions& o) {
  if (o.step < 1) throw ArgumentError(format("step is {}: expected 1 or more", o.step));
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  BinTable table;
  std::int64_t examples = 0;
  const BinnedPass pass = each_binned(source, head, batches, [&](const BinnedExample& example) {
    table.predicted.columns = table.measured.columns = example.tracks;
    table.pass.examples = examples++;
    require_room(table, example.tracks * (example.bins / static_cast<std::size_t>(o.step) + 1), o);
    for (std::size_t b = 0; b < example.bins; b += static_cast<std::size_t>(o.step)) {
      if (!example.fresh[b]) continue;
      for (std::size_t t = 0; t < example.tracks; ++t) {
        const bool known = example.is_known(t, b);
        table.predicted.values.push_back(known ? example.prediction(t, b) : kMissing);
        table.measured.values.push_back(known ? example.measurement(t, b) : kMissing);
      }
      ++table.predicted.rows;
      ++table.measured.rows;
    }
  });
  table.pass = pass;
  return table;
}

}  // namespace basewise::evaluate
