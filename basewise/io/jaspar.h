// Motifs as matrices under ">name": the JASPAR formats, HOMER, HOCOMOCO.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/io/meme.h"

namespace basewise::io {

/// What a row of numbers without a letter is, under a line ">name".
enum class MotifRows { automatic, letters, positions };
constexpr auto words_of(MotifRows) {
  return words<MotifRows>({{MotifRows::automatic, "auto", "by the number of rows and columns; four rows of four are refused"},
                           {MotifRows::letters, "letters", "four rows: A, C, G and T (JASPAR)"},
                           {MotifRows::positions, "positions", "a row for each position: A C G T (HOMER, HOCOMOCO)"}});
}

/// Reads matrices under lines ">ID name"; plain or gzip. A matrix is one of
/// * the rows "A [ 1 2 3 ]" to "T [ ... ]" in any order, letters of either case (JASPAR);
/// * four rows of numbers in the order A, C, G, T (JASPAR, older files);
/// * rows of four numbers A C G T, one for each position (HOCOMOCO, and HOMER, whose header has a
///   threshold as its third field between tabs). If all of them sum to 1 they are probabilities,
///   else counts.
/// Four rows of four numbers say neither: `rows` does.
/// A header without rows is skipped and counted.
///
/// Errors: DataError "file:line: ..." for anything before the first header, an empty identifier, a
/// missing, repeated or unknown row, rows of different lengths, four bare rows of four numbers,
/// values below 0 (log-odds), a position of zeros, a file without motifs.
MotifResult read_jaspar(const std::filesystem::path& path, MotifRows rows = MotifRows::automatic);
MotifResult read_jaspar(LineReader lines, MotifRows rows = MotifRows::automatic);

/// Writes counts; probabilities are multiplied by `nsites`.
/// Errors: DataError for a motif that is none; ArgumentError for no motif, an unusable name, or
/// probabilities without `nsites`.
void write_jaspar(const std::filesystem::path& path, const std::vector<motifs::MotifMatrix>& motifs);
std::string to_jaspar(const std::vector<motifs::MotifMatrix>& motifs);

}  // namespace basewise::io
