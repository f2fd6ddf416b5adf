// A simulation as files.
#pragma once

#include <filesystem>
#include <vector>

#include "basewise/corpus/simulator.h"

namespace basewise::corpus {

/// Writes `sequences.fa`, `sequences.tsv` (name, sequence, one column per task; NA where hidden)
/// and `planted.tsv` (sequence, motif, start, end, strand, letters, decoy; 0-based half-open) into
/// `folder`. Returns their paths.
std::vector<std::filesystem::path> write_simulation(const SimulationResult& result, const std::filesystem::path& folder);

}  // namespace basewise::corpus
