// Where a measure takes from what was planted.
#pragma once

#include <filesystem>

#include "basewise/core/options.h"
#include "basewise/interpret/planted.h"
#include "basewise/run/open_run.h"

namespace basewise::interpret::detail {

struct TruthOptions {
  std::filesystem::path truth = {};  ///< empty: the table of the run's own data
  std::filesystem::path matrices = "data:jaspar2016_vertebrates/pfm_vertebrates.txt";
};
void describe(Visitor& v, TruthOptions& o);

/// Errors: ArgumentError where the run's data are no single table and `truth` is empty;
/// those of `PlantedTruth::read`.
PlantedTruth truth_of(const run::OpenRun& run, const TruthOptions& options);

}  // namespace basewise::interpret::detail
