// What a pair of stranded tracks holds, for the draft of a profile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "basewise/corpus/clusters.h"
#include "basewise/corpus/stranded_counts.h"
#include "basewise/draft/detail/places.h"

namespace basewise::draft::detail {

/// Counts of both strands, opened as a recipe opens them.
struct CountFacts {
  corpus::StrandedTrackOptions options = {};
  double plus = 0;   ///< reads in all
  double minus = 0;  ///< negative ones counted as positive
  double unit = 1;   ///< the smallest value that is not 0
};

/// Errors: DataError for a file without reads or with values of both signs.
CountFacts look_at_counts(const std::vector<std::filesystem::path>& files, const seq::ChromSizes& sizes);

/// Places with many reads, and from which count on they were called: the smallest of some with
/// which there are at most 8,000 of them.
struct CalledPlaces {
  corpus::ClusterOptions options = {};
  std::vector<Weight> weights = {};
  std::vector<double> reads = {};  ///< in the window around each
  std::int64_t size() const { return static_cast<std::int64_t>(reads.size()); }
};
CalledPlaces call_places(const CountFacts& facts, const seq::ChromSizes& sizes, std::int64_t window);

/// Reads in the window around each site that has a whole one.
std::vector<double> reads_at(const CountFacts& facts, const SiteFacts& sites, const seq::ChromSizes& sizes, std::int64_t window);

}  // namespace basewise::draft::detail
