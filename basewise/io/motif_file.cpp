#include "basewise/io/motif_file.h"

#include <algorithm>
#include <array>

#include "basewise/io/detail/fields.h"
#include "basewise/io/transfac.h"

namespace basewise::io {
namespace {

// Lines with which records of TRANSFAC begin.
constexpr std::array<std::string_view, 8> kTransfac = {"AC", "ID", "NA", "DE", "VV", "XX", "P0", "PO"};

}  // namespace

MotifResult read_motifs(const std::filesystem::path& path, MotifRows rows) {
  std::string_view line;
  LineReader lines(path);
  while (lines.next(line)) {
    line = detail::trimmed(line);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '>') return read_jaspar(path, rows);
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    const bool transfac = std::find(kTransfac.begin(), kTransfac.end(), word) != kTransfac.end();
    return transfac ? read_transfac(path) : read_meme(path);
  }
  throw DataError(format("{}: no motif; the file is empty", path.string()));
}

}  // namespace basewise::io
