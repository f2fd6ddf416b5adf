// Simulation options turned into what the simulation works with: matrices, tasks that point at them, background.
#pragma once

#include <vector>

#include "basewise/corpus/simulator.h"

namespace basewise::corpus::detail {

struct Task {
  SimulatedTaskOptions options;
  std::vector<std::size_t> motifs;  ///< indices
};

struct Setup {
  SimulationOptions options;
  std::vector<motifs::MotifMatrix> motifs;
  std::vector<Task> tasks;
  std::vector<double> composition;                  ///< A C G T
  std::vector<std::vector<seq::Token>> background;  ///< sources of dinucleotide-shuffled background; empty: `composition`
  std::int64_t position_end = 0;
};

/// A motif of a MEME or JASPAR file by name. Errors: DataError that lists some of the names there are.
motifs::MotifMatrix motif_from_file(const std::filesystem::path& file, const std::string& name);

/// Sequences of a FASTA file cut at their N, as long as `length` or longer. Errors: DataError when there is none.
std::vector<std::vector<seq::Token>> background_from_file(const std::filesystem::path& file, std::int64_t length);

/// Checks everything and fills in the built-in task where none is given. Errors: as `simulate`.
Setup prepare(const SimulationOptions& options);

}  // namespace basewise::corpus::detail
