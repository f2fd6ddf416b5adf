// A file of motifs, whatever its format.
#pragma once

#include <filesystem>

#include "basewise/io/jaspar.h"

namespace basewise::io {

/// Reads a file of motifs whose format is told by its contents: lines ">name" are JASPAR, HOMER or
/// HOCOMOCO (`read_jaspar`, which `rows` is for), the lines AC, ID or P0 are TRANSFAC
/// (`read_transfac`), everything else must be of the MEME suite (`read_meme`).
/// Errors: as theirs.
MotifResult read_motifs(const std::filesystem::path& path, MotifRows rows = MotifRows::automatic);

}  // namespace basewise::io
