// One head measured within groups of places: bins or sites of promoters, of genes, of any BED file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "basewise/evaluate/evaluate.h"
#include "basewise/evaluate/measure.h"

namespace basewise::evaluate {

/// Whether a place is in group `group`: a base of a chromosome, by name. Empty: every place is in
/// every group, and examples need none.
using InGroup = std::function<bool(std::size_t group, const std::string& chromosome, std::int64_t position)>;

/// What is measured in each group.
struct GroupedOptions {
  HeadPlan head = {};
  MeasureSettings settings = {};  ///< `memory` is for all groups together
  bool exponential = false;       ///< as BinnedHead
  std::vector<std::string> groups = {};  ///< their names
  InGroup contains = {};
};

/// The head in each group, in one pass over the set; the name of a group stands where that of the
/// output stands. A bin is in a group when its middle base is, a site when the middle of its window
/// is. Every bin of a genome counts once.
/// Errors: ArgumentError for a set without places; those of the measure.
std::vector<results::HeadEvaluation> evaluate_groups(const Source& source, const GroupedOptions& options, const BatchOptions& batches);

}  // namespace basewise::evaluate
