// Motifs as count matrices in the JASPAR formats.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/io/meme.h"

namespace basewise::io {

/// Reads ">ID name" followed by the four rows "A [ 1 2 3 ]" to "T [ ... ]" (any order), or by four
/// bare rows of numbers in the order A, C, G, T; plain or gzip.
/// Errors: DataError "file:line: ..." for anything before the first header, an empty identifier, a
/// missing, repeated or unknown row, rows of different lengths, values that are no counts, a column
/// of zeros, a file without motifs.
MotifResult read_jaspar(const std::filesystem::path& path);
MotifResult read_jaspar(LineReader lines);

/// Writes counts; probabilities are multiplied by `nsites`.
/// Errors: DataError for a motif that is none; ArgumentError for no motif, an unusable name, or
/// probabilities without `nsites`.
void write_jaspar(const std::filesystem::path& path, const std::vector<motifs::MotifMatrix>& motifs);
std::string to_jaspar(const std::vector<motifs::MotifMatrix>& motifs);

/// Reads either format, told by the first character: '>' is JASPAR, everything else must be MEME.
MotifResult read_motifs(const std::filesystem::path& path);

}  // namespace basewise::io
