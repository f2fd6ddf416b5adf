// Motifs in the text formats of the MEME suite: minimal MEME, meme.txt, dreme.txt (version 4 and
// later).
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/line_reader.h"
#include "basewise/io/read_report.h"
#include "basewise/motifs/motif.h"

namespace basewise::io {

/// Motifs of a file, in order.
struct MotifResult {
  std::vector<motifs::MotifMatrix> motifs;
  ReadReport report;
};

/// Why a motif of a file was skipped: it has a name and no matrix.
inline constexpr std::string_view kNoMatrix = "motif without matrix";

/// Reads the letter-probability matrices of a file of the MEME suite: minimal MEME, or what MEME
/// and DREME write for people (meme.txt, dreme.txt); plain or gzip; several files in a row count as
/// one (each with its own background). Anything may stand before the line "MEME version"; letters
/// may be of either case. A missing background is uniform. Log-odds matrices beside the
/// probabilities, and lines outside of motifs that are not understood, are counted; a motif with
/// log-odds only, or without a matrix, is skipped and counted.
///
/// Errors: DataError "file:line: ..." for a file without a line "MEME version", version 3 or older,
/// an alphabet other than ACGT or ACGU, a background that is no distribution, a motif without a
/// name, rows of another number of values than 4, a number of rows other than w says, values that
/// are no probabilities, a file without motifs.
MotifResult read_meme(const std::filesystem::path& path);
MotifResult read_meme(LineReader lines);

/// Writes probabilities with as many digits as give them back exactly; counts become probabilities
/// with nsites. The background is that of the first motif.
/// Errors: DataError for a motif that is none (`seq::check`); ArgumentError for no motif, a name
/// that is empty or holds white space, or motifs of different backgrounds.
void write_meme(const std::filesystem::path& path, const std::vector<motifs::MotifMatrix>& motifs);
std::string to_meme(const std::vector<motifs::MotifMatrix>& motifs);

}  // namespace basewise::io
