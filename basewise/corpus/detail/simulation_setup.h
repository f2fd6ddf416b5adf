// Simulation options turned into what the simulation works with:
// matrices, tasks that point at them, background.
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

/// Checks everything and fills in the built-in task where none is given. Errors: as `simulate`.
Setup prepare(const SimulationOptions& options);

}  // namespace basewise::corpus::detail
