// Figures of scores against labels. With several runs, lines are of all outputs pooled.
#pragma once

#include <optional>

#include "basewise/report/detail/blocks.h"
#include "basewise/report/detail/runs.h"

namespace basewise::report::detail {

// Nothing where no run has what they show.
std::optional<Figure> roc(const Runs& runs);
std::optional<Figure> precision_recall(const Runs& runs);
std::optional<Figure> calibration(const Runs& runs);

/// How many positives and negatives are given which probability.
std::optional<Figure> prediction_counts(const Runs& runs);

}  // namespace basewise::report::detail
