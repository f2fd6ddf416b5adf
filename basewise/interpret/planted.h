// What was planted into sequences that somebody made: the truth that measures are held against.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "basewise/motifs/motif.h"

namespace basewise::interpret {

/// A motif in a sequence.
struct PlantedMotif {
  std::int64_t start = 0;  ///< first base, 0-based
  std::int64_t end = 0;    ///< behind the last one
  std::string name = {};
  bool reverse = false;  ///< the reverse complement of the matrix was sampled from
};

/// The motifs planted into each sequence of a table, as matrices. A value.
class PlantedTruth {
 public:
  /// `table`: columns `sequence` and `planted` ("29-40:Gabpa-;67-78:STAT1+"), plain or gzip.
  /// `matrices`: a file of motifs; a planted name is the first motif of it with that name or, else,
  /// identifier.
  /// Errors: DataError naming file and line for a column that is not there, a motif without a
  /// matrix or of another width, and one that leaves its sequence.
  static PlantedTruth read(const std::filesystem::path& table, const std::filesystem::path& matrices);

  /// Bits of each base of the matrix that `letters` were sampled from, 2 + sum p log2(p + 1e-10);
  /// 0.25 of each letter outside of motifs.
  /// Errors: DataError for a sequence that the table does not have.
  std::vector<double> information(const std::string& letters) const;

  /// 1 where the information is above `bits`.
  std::vector<std::uint8_t> labels(const std::string& letters, double bits = 0.01) const;

  /// Matrices of the motifs that were planted, each once, in the order of their names.
  std::vector<motifs::MotifMatrix> matrices() const;

 private:
  std::string source_;
  std::unordered_map<std::string, std::vector<PlantedMotif>> planted_;  ///< by the letters of a sequence
  std::unordered_map<std::string, motifs::MotifMatrix> motifs_;         ///< probabilities by name
};

}  // namespace basewise::interpret
