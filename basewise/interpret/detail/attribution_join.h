// Finished pieces become the files of a folder of attributions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "basewise/interpret/attribute_run.h"
#include "basewise/interpret/detail/attribution_pieces.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::interpret::detail {

/// How the pieces of a folder become files.
struct JoinOptions {
  std::filesystem::path folder = {};
  bool hypothetical = false;     ///< pieces hold scores of every letter
  bool projected = false;        ///< only scores of the letters that are there are written
  std::string advice = {};       ///< where scores miss their differences; empty: none
  bool float16 = false;
  bool h5 = false;
  bool track = false;
  std::optional<seq::ChromSizes> chromosomes = {};  ///< for the track
};

struct JoinResult {
  std::vector<std::filesystem::path> files;
  std::int64_t length = 0;  ///< bases of each example
  std::optional<double> largest_convergence = {};
  std::int64_t over_threshold = 0;
  std::string check = {};  ///< see `AttributeResult`
  std::vector<std::string> notes;
};

/// Writes sequences, attributions, loci, and what else is asked for; each file appears whole. What
/// people should know is noted: differences above 1e-3, letters N, equal sequences, scores that are
/// all zero, places that a track lacks.
/// Errors: DataError for damaged pieces and for a disk that is full; ArgumentError for a track of
/// examples that come from no genome.
JoinResult join_pieces(const Pieces& pieces, const JoinOptions& options);

}  // namespace basewise::interpret::detail
