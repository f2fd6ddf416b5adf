// One track over all windows of a data set, as the half-precision numbers that are kept.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "basewise/prepare/bin_transform.h"
#include "basewise/prepare/coverage_source.h"
#include "basewise/prepare/model_windows.h"
#include "basewise/prepare/window_bases.h"

namespace basewise::prepare {

/// The bins of a track.
struct TargetCoverage {
  std::vector<std::uint16_t> bins;  ///< (windows, bins), half precision
  std::int64_t missing = 0;         ///< bases of windows that had no value
  std::int64_t lacking = 0;         ///< windows on chromosomes that the track lacks, filled with 0
  std::int64_t clipped = 0;         ///< bins beyond the quantile or half precision
  double sum = 0;                   ///< of all bins
};

/// Reads a track along `windows` (all of one length) by all threads, window after window along the
/// genome, a million bases at a time. Windows on chromosomes that the track lacks are 0.
/// `progress`: called with the number of windows that are done, from any thread.
/// Errors: those of `bin_values`, `CoverageSource::read`;
/// a value of a chromosome is named with its place.
TargetCoverage cover(const CoverageSource& source, std::span<const ModelWindow> windows, const seq::ChromSizes& sizes,
                     const Blacklist& black, const BinTransform& transform, const CoverageRules& rules,
                     const std::function<void(std::int64_t)>& progress = {});

}  // namespace basewise::prepare
