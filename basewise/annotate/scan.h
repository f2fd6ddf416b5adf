// The verb `motifs scan`: motifs and sequences in, a table of sites out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/motifs/sites.h"

namespace basewise::annotate {

/// What sites are written as.
enum class ScanFormat { automatic, tsv, bed };
constexpr auto words_of(ScanFormat) {
  return words<ScanFormat>({{ScanFormat::automatic, "auto", "by the name of the file"},
                            {ScanFormat::tsv, "tsv", "as FIMO, positions from 1"},
                            {ScanFormat::bed, "bed", "positions from 0"}});
}

struct ScanOptions {
  std::string motifs = {};                     ///< file of motifs, or the name of a collection
  std::filesystem::path genome = {};           ///< FASTA
  std::filesystem::path bed = {};              ///< parts of the genome to scan; empty: all of it
  std::filesystem::path fasta = {};            ///< sequences
  std::filesystem::path out = {};              ///< table of sites; compressed where the name ends in .gz
  ScanFormat format = ScanFormat::automatic;
  double p_value = 1e-4;                       ///< largest one of a site
  double q_value = 1;                          ///< largest one of a site, see `scan`
  std::string background = "uniform";          ///< uniform, motifs, sequence, four numbers, or a file of the MEME suite
  double pseudocount = 0.1;                    ///< counts added to each row of a motif, spread as the background
  double bin = motifs::kScoreBin;              ///< bits, see motifs/score_distribution.h
  motifs::ScanStrands strands = motifs::ScanStrands::both;
  std::vector<std::string> motif = {};         ///< names of the motifs to take; empty: all
  std::vector<std::string> circular = {};      ///< circular sequences of the genome; {"all"}: every one
  std::filesystem::path counts = {};           ///< table of sites per sequence and motif; empty: none
  std::filesystem::path summary = {};          ///< table of what was found of each motif; empty: none
};
void describe(Visitor& v, ScanOptions& o);

/// What was found of one motif.
struct MotifSummary {
  std::string name;
  std::string description;
  std::int64_t width = 0;
  std::int64_t windows = 0;   ///< tested, both strands counted
  double threshold = 0;       ///< lowest score of a site in bits; NaN where no window can be one
  double expected = 0;        ///< sites in as many random windows
  std::int64_t sites = 0;     ///< with p <= `p_value`
  std::int64_t written = 0;   ///< of these with q <= `q_value`
};

struct ScanResult {
  std::vector<MotifSummary> motifs;
  std::int64_t sequences = 0;
  std::int64_t bases = 0;
  std::int64_t n = 0;          ///< bases that are N or became N
  std::int64_t ambiguous = 0;  ///< of these, letters other than A C G T N
  std::int64_t sites = 0;
  std::int64_t written = 0;
  motifs::BaseVector background = motifs::kUniform;  ///< as used
  std::vector<std::filesystem::path> files;
  std::vector<std::string> notes;  ///< what the user should know; none is an error
  double seconds = 0;
};

/// Finds all sites with P(score of a random window >= that of the site) <= `p_value` and writes
/// them in the order of the sequences, then start, motif, forward strand first.
///
/// q-values are those of Benjamini and Hochberg (1995), for each motif alone, over all its windows
/// without N on the strands that are scanned: q of a site is the smallest m p' / k over all sites
/// at most as good, with m windows and k sites that have a p of at most p'. The share of windows
/// that are no sites is taken as 1 (FIMO estimates it, so its q-values can be smaller).
///
/// Sequences are read one after the other, sites wait in a temporary file for their q-values:
/// memory holds one sequence, never all sites.
/// Errors: ArgumentError for options that do not fit together; DataError for files.
ScanResult scan(const ScanOptions& options);

}  // namespace basewise::annotate
