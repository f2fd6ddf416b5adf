// Motifs as count matrices in the TRANSFAC format.
#pragma once

#include <filesystem>

#include "basewise/io/meme.h"

namespace basewise::io {

/// Reads records that end in "//": the lines AC, ID, NA and DE name the motif, "P0 A C G T" says
/// the order of the letters (either case), and a line that begins with a number holds the counts of
/// a position. The name is the accession, or else the ID; the description is the next of ID, NA and
/// DE that there is. Other lines are passed over; a record without positions is skipped and
/// counted.
///
/// Errors: DataError "file:line: ..." for a matrix without name, a line of letters that are not A,
/// C, G and T, positions before it, values that are no counts, a file without motifs.
MotifResult read_transfac(const std::filesystem::path& path);
MotifResult read_transfac(LineReader lines);

}  // namespace basewise::io
