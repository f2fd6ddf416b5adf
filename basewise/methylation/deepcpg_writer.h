// The data files of DeepCpG (dcpg_data), written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/methylation/annotation.h"
#include "basewise/methylation/known_sequence.h"
#include "basewise/methylation/statistics.h"

namespace basewise::methylation {

/// What stands for a base that is not known.
enum class UnknownBases { n, random };
constexpr auto words_of(UnknownBases) {
  return words<UnknownBases>({{UnknownBases::n, "n", "N (4), which networks see as zeros"},
                              {UnknownBases::random, "random", "a base at random, as in the published data"}});
}

/// What a file holds beside chromosomes, positions and labels.
struct DeepCpgOptions {
  std::int64_t each_side = 25;  ///< neighbours to the left, and as many to the right, of every cell; 0: none
  std::int64_t dna = 1001;      ///< bases around a site, odd; counts where a sequence is given
  UnknownBases unknown_bases = UnknownBases::n;
  std::vector<Statistic> site_statistics = {};
  std::int64_t least_cells = 3;  ///< measured at a site that has statistics
  std::vector<Statistic> window_statistics = {};
  std::vector<std::int64_t> windows = {1001, 2001, 3001, 4001, 5001};
  std::uint64_t seed = 0;  ///< of random bases
};

/// What examples are made from; the table and the sites must stay.
struct DeepCpgSource {
  const CellTable& table;
  const SiteList& sites;
  const KnownSequence* sequence = nullptr;  ///< none: files without DNA
  std::vector<Annotation> annotations = {};
  DeepCpgOptions options = {};
};

/// "18" for "chr18", as these files and their names have it.
std::string without_chr(std::string_view chromosome);

/// Writes sites [first, end), which lie on one chromosome, in the layout of the published program:
///
///     chromo                        text, N; without "chr"
///     pos                           int32, N; the C of the CpG, from 1
///     inputs/dna                    int8, N x bases; A 0, T 1, G 2, C 3, N 4
///     inputs/cpg/CELL/state         int8 (float32 where a cell has fractions), N x 2 each_side
///     inputs/cpg/CELL/dist          int32, N x 2 each_side
///     inputs/annos/NAME             int8, N
///     outputs/cpg/CELL              int8, N; rounded, a tie to 0
///     outputs/cpg_stats/STATISTIC   int8 or float32, N
///     outputs/win_stats/WIDTH/...   likewise
///
/// What is missing is -1. Memory: the largest array.
/// Errors: those of `io::H5Writer`; ArgumentError for sites on two chromosomes.
void write_deepcpg(const std::filesystem::path& path, const DeepCpgSource& source, std::int64_t first, std::int64_t end);

}  // namespace basewise::methylation
