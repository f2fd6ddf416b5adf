// What the verbs for methylation read: calls of cells, and the sequence that tells their strands.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/methylation/cell_table.h"
#include "basewise/methylation/fold.h"

namespace basewise::prepare {

/// What happens to calls of the reverse strand.
enum class CallStrands { fold, as_they_are };
constexpr auto words_of(CallStrands) {
  return words<CallStrands>({{CallStrands::fold, "fold", "they move from the G to the C of their CpG, so that it is one site"},
                             {CallStrands::as_they_are, "as_they_are", "nothing; a site may then be its own neighbour"}});
}

/// Files, and which of their calls count.
struct MethylationInputs {
  std::vector<std::filesystem::path> calls = {};  ///< one for each cell, or data files of DeepCpG (.h5) of all cells
  io::MethylationFileOptions file = {};
  std::filesystem::path genome = {};  ///< FASTA: whole chromosomes, or stretches named chromosome:start-end
  CallStrands strands = CallStrands::fold;
  std::int64_t least_reads = 1;
  std::vector<std::string> chromosomes = {};  ///< empty: all
};
void describe(Visitor& v, MethylationInputs& o);

/// What was met in the file of one cell.
struct CellReport {
  std::string name = {};
  std::filesystem::path file = {};
  std::int64_t calls = 0;    ///< that were read
  std::int64_t skipped = 0;  ///< lines that were passed over
  std::int64_t thin = 0;     ///< calls with fewer reads than asked for
  methylation::FoldCounts folded = {};
};

/// Calls as a table, and how they became one.
struct MethylationData {
  methylation::CellTable table;
  std::unique_ptr<const methylation::KnownSequence> sequence = {};  ///< null without a genome
  std::vector<CellReport> cells = {};
  std::vector<std::string> notes = {};  ///< what the user should know; none is an error
};

/// Reads all files, folds the strands and packs the calls.
/// Errors: those of `methylation::read_calls`, `read_deepcpg_calls`, `fold_strands` and
/// `io::load_genome`; DataError for a genome that has none of the chromosomes; ArgumentError for
/// data files of DeepCpG among others.
MethylationData read_methylation(const MethylationInputs& inputs);

/// The same for files of a second role, such as a bulk sample: on the chromosomes of a table that
/// was read before, in its order, with its sequence. Calls on others are left out.
/// Errors: as above; DataError where none is left.
methylation::CellTable read_beside(const std::filesystem::path& file, const MethylationInputs& inputs, const MethylationData& data);

}  // namespace basewise::prepare
