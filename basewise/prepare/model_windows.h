// Windows that a model reads and predicts, cut from contigs, and which of their bins cannot be
// mapped.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/prepare/contig_split.h"

namespace basewise::prepare {

/// The stretch of a contig whose bins are labels (without the crop at both ends of the sequence),
/// and its set by number.
struct ModelWindow {
  Contig place = {};
  std::size_t set = 0;
  bool operator==(const ModelWindow&) const = default;
};

struct ModelWindowOptions {
  std::int64_t length = 131'072;        ///< bases that have labels
  std::int64_t stride_train = 131'072;  ///< from window to window; also of folds
  std::int64_t stride_test = 131'072;   ///< of the sets valid and test
  std::int64_t snap = 1;                ///< the first window of a contig starts at a multiple of this
  double sample = 1;                    ///< share of the windows of each set that is kept, at random
  std::uint64_t seed = 44;
  Faults faults = Faults::mended;
};

/// Windows of all sets, one set after the other, each in random order: that of Python's
/// `random.shuffle` (and `random.sample`), so that a seed gives the published order. A window that
/// ends where its contig ends is kept, and lost with repeated faults.
/// Errors: ArgumentError for lengths below 1 and strides that are no multiple of the snap.
std::vector<ModelWindow> model_windows(const ContigSets& sets, const ModelWindowOptions& options);

/// Windows of no contigs but of a list that is split by chance, as the data sets of 2017 were: all
/// windows with `stride_train` in random order; the first floor(n * test) test, the next
/// floor(n * validation) valid, the others train. Neighbours may fall into two sets.
std::vector<ModelWindow> windows_split_by_chance(const std::vector<Contig>& contigs, const ModelWindowOptions& options,
                                                 const FractionOptions& fractions);

/// Which bins of a window (of `width` bases each) cannot be mapped: one byte for each, 1 for those
/// that cannot. Of a stretch of `unmappable` (sorted, disjoint), the first and the last bin that it
/// reaches into count only if it lies behind their start, or ends behind it, by a tenth of a bin:
/// the first where at least width / 10 bases are left from its start to the end of that bin, the
/// last where at least so many lie before its end.
std::vector<std::uint8_t> unmappable_bins(std::int64_t start, std::int64_t end, std::int64_t width,
                                          std::span<const seq::Interval> unmappable);

}  // namespace basewise::prepare
