// The motifs of a scan, and the background that they are judged against.
#pragma once

#include <string>
#include <vector>

#include "basewise/annotate/detail/scan_input.h"
#include "basewise/annotate/scan.h"
#include "basewise/motifs/motif.h"

namespace basewise::annotate::detail {

/// The motifs of `options.motifs`, of these the ones that `options.motif` names (by identifier or
/// by further name), in the order of the file.
/// Errors: those of the reader; ArgumentError for a name that no motif has, with the nearest one.
std::vector<motifs::MotifMatrix> scan_motifs(const ScanOptions& options, std::vector<std::string>& notes);

/// `options.background` as numbers, with the means of both strands where both are scanned:
///  * uniform; motifs: what the file of motifs says;
///  * sequence: shares of the letters that are scanned, which are read once more for it;
///  * "0.3 0.2 0.2 0.3" (blanks or commas), for A C G T;
///  * a background file of the MEME suite: lines "A 0.3"; words of more letters are not used.
/// Errors: ArgumentError for numbers that are no distribution, motifs of different backgrounds;
/// DataError "file:line: ..." for a file that is none, and for sequences without letters.
motifs::BaseVector scan_background(const ScanOptions& options, const std::vector<motifs::MotifMatrix>& motifs, const ScanInput& input,
                                   std::vector<std::string>& notes);

}  // namespace basewise::annotate::detail
