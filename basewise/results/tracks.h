// The contents of tracks.json, as values that are written and read back: predictions and targets
// along chosen loci, with genes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "basewise/core/choice.h"

namespace basewise::results {

inline constexpr std::string_view kTracksSchema = "basewise.tracks/1";

/// A gene of the annotation; 0-based, half-open.
struct Gene {
  std::string name = {};
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::string strand = {};
};

struct Locus {
  std::string choice = {};  ///< why this one: "densest", "upper quartile", "median", "sparsest"
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::int64_t bases_per_value = 1;
  double target_sum = 0;                            ///< over all channels: sites, or signal
  std::vector<std::vector<float>> predicted = {};   ///< (channels, values); NaN is not measured
  std::vector<std::vector<float>> observed = {};    ///< of the same shape
  std::vector<Gene> genes = {};
  std::int64_t example = 0;            ///< the first one, where there is no chromosome
  std::string chromosome = {};         ///< empty: the data set has no positions
  std::int64_t chromosome_length = 0;
};

/// What predictions along a locus are.
enum class TrackValue { value, probability, expected_reads };
constexpr auto words_of(TrackValue) {
  return words<TrackValue>({{TrackValue::value, "value"},
                            {TrackValue::probability, "probability"},
                            {TrackValue::expected_reads, "expected reads"}});
}

struct TracksDocument {
  bool binary = false;                      ///< observed are sites, 0 or 1
  TrackValue predicted = TrackValue::value;
  std::vector<std::string> channels = {};
  std::string annotation = {};              ///< file of the genes
  std::vector<Locus> loci = {};
};

/// Schema kTracksSchema; values have three digits.
nlohmann::ordered_json to_json(const TracksDocument& tracks);

/// What `to_json` wrote, of this release or an older one.
/// Errors: DataError for another schema, for members that are not what was written,
/// and for places that no chromosome has.
TracksDocument tracks_from_json(const nlohmann::ordered_json& json);

}  // namespace basewise::results
