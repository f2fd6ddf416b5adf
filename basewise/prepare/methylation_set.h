// Methylation calls of cells to a training set: the data files of DeepCpG,
// or a folded profile for each cell.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "basewise/methylation/deepcpg_writer.h"
#include "basewise/prepare/methylation_inputs.h"

namespace basewise::prepare {

/// What is written.
enum class MethylationSetFormat { hdf5, profiles };
constexpr auto words_of(MethylationSetFormat) {
  return words<MethylationSetFormat>(
      {{MethylationSetFormat::hdf5, "hdf5", "the data files of DeepCpG: labels, neighbours, DNA, annotations and statistics of sites"},
       {MethylationSetFormat::profiles, "profiles", "CELL.tsv.gz of chromosome, position from 1 and value, one site for each CpG"}});
}

struct MethylationSetOptions {
  MethylationInputs inputs = {};
  std::filesystem::path out = {};  ///< folder
  MethylationSetFormat format = MethylationSetFormat::hdf5;
  std::int64_t least_cells = 1;
  std::int64_t sample = 0;  ///< 0: all
  std::int64_t sample_per_chromosome = 0;
  std::int64_t neighbours = 50;  ///< both sides together
  std::int64_t dna = 1001;
  methylation::UnknownBases unknown_bases = methylation::UnknownBases::n;
  std::vector<std::filesystem::path> annotations = {};  ///< BED
  std::vector<methylation::Statistic> site_statistics = {};
  std::int64_t least_cells_of_statistics = 3;
  std::vector<methylation::Statistic> window_statistics = {};
  std::vector<std::int64_t> windows = {1001, 2001, 3001, 4001, 5001};
  std::int64_t per_file = 32'768;
  std::uint64_t seed = 0;
};
void describe(Visitor& v, MethylationSetOptions& o);

/// What a call did.
struct MethylationSetResult {
  std::vector<CellReport> cells = {};
  std::vector<std::string> annotations = {};
  std::int64_t sites = 0;
  std::int64_t chromosomes = 0;
  std::int64_t files_written = 0;  ///< by this call; the others were there
  bool complete = false;           ///< nothing was left to do
  std::vector<std::filesystem::path> files = {};
  std::vector<std::string> notes = {};  ///< what the user should know; none is an error
  double seconds = 0;
};

/// Makes the set in the folder `options.out`:
///
///     c18_000000-032768.h5    sites of one chromosome (deepcpg_writer.h), as dcpg_data names them
///     CELL.tsv.gz             with format profiles, in place of these
///     methylation.json        the options and inputs that all this belongs to
///
/// Each file is a step that is done or not: a call that finds a folder with the same
/// `methylation.json` writes the files that lack, and nothing where all are there. Memory: 5 to 12
/// bytes for a call while files are read, 5 to 8 then, and the largest array of a file for each
/// thread (33 MB of DNA for 32,768 sites of 1,001 bases).
///
/// Errors: ArgumentError for options that do not fit together; StateError for a folder of another
/// data set; those of `read_methylation`.
MethylationSetResult prepare_methylation(const MethylationSetOptions& options);

}  // namespace basewise::prepare
