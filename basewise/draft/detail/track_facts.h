// What tracks hold: how much was measured, how large the values are, how fine they stand.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/draft/detail/places.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::draft::detail {

struct TrackFacts {
  std::int64_t measured = 0;                ///< bases with a value
  std::int64_t of = 0;                      ///< bases of the chromosomes on which there is any
  std::vector<std::int64_t> by_chrom = {};  ///< bases with a value, by the number of the chromosome
  double sum = 0;
  double least = 0;  ///< smallest value
  double most = 0;
  double least_positive = 0;  ///< 0: no value is above 0
  std::int64_t step = 1;      ///< the usual length of a stretch of one value

  double mean() const { return measured > 0 ? sum / static_cast<double>(measured) : 0; }
  /// Bases without a value that stand for zeros: there are many, and no base has the value 0.
  bool leaves_out_zeros() const { return least > 0 && static_cast<double>(measured) < 0.95 * static_cast<double>(of); }
  /// The mean where what has no value counts as 0.
  double mean_with_zeros() const { return of > 0 ? sum / static_cast<double>(of) : 0; }
};

/// Reads a track once, chromosome by chromosome in bounded memory.
/// Errors: DataError for a track without any value, and those of `corpus::TrackFile`.
TrackFacts look_at_track(const std::filesystem::path& file, const seq::ChromSizes& sizes);

}  // namespace basewise::draft::detail
