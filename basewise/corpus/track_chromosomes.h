// The chromosomes of a track beside those of the genome, and its values looked through.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/bigwig.h"
#include "basewise/seq/chrom_sizes.h"

namespace basewise::corpus {

/// What a file says of how long chromosomes are: their lengths, or no more than where its last
/// value lies.
enum class TrackLengths { stated, reached };

struct MatchedChromosomes {
  std::vector<std::optional<std::size_t>> numbers = {};  ///< by chromosome of the genome: that of the file
  std::string translated = {};                           ///< what there is to say of the names (`seq::NameMatch`)

  /// Chromosomes of the genome that the file does not name.
  std::int64_t lacking() const;
};

/// `file` names the track in messages.
/// Errors: DataError for a chromosome of another length than in the genome, or that goes beyond it
/// where lengths are only reached.
MatchedChromosomes match_chromosomes(const io::TrackChromosomes& chromosomes, const std::string& file, TrackLengths lengths,
                                     const seq::ChromSizes& sizes);

/// Errors: DataError where a file names chromosomes and none of them is the genome's.
void require_common(const MatchedChromosomes& matched, const io::TrackChromosomes& chromosomes, const std::string& file,
                    const seq::ChromSizes& sizes);

/// Values from `start` on of the chromosome `chrom`.
/// Errors: DataError for the first that is infinite.
void refuse_infinite(std::span<const float> values, std::int64_t start, const std::string& chrom, const std::filesystem::path& file);

}  // namespace basewise::corpus
