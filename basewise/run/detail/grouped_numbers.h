// What measures over groups of bins share: how the tracks are measured, and how what was found
// becomes numbers and fields of a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/evaluate/grouped.h"
#include "basewise/run/detail/binned_set.h"

namespace basewise::run::detail {

/// These metrics of every track in each group. `memory`: MiB, of all groups together.
evaluate::GroupedOptions grouped_options(const BinnedSet& binned, const std::vector<std::string>& metrics, std::int64_t memory);

/// `add_tracks` for each metric of `found`; `names`: theirs, in its order.
void add_metrics(MeasureNumbers& numbers, const std::string& prefix, const std::vector<std::string>& names, const TrackFacts& tracks,
                 const results::HeadEvaluation& found);

/// A field for each metric of a track at the end of a row.
void append_fields(std::vector<std::string>& row, const results::OutputEvaluation& track);

}  // namespace basewise::run::detail
