// The parts of `EvaluationFigures`, from values and from places.
#pragma once

#include <string>
#include <vector>

#include "basewise/evaluate/detail/pair_store.h"
#include "basewise/results/figures.h"

namespace basewise::evaluate::detail {

/// Curves and reliability of labels, the density of numbers. Of cells of bins there is no density:
/// they are wider than its squares.
results::OutputFigures figures_of(const std::string& name, std::int64_t values, const PairStore::View& pairs, bool binary,
                                  metrics::ScoreScale scale);

/// Indices of the outputs that get figures of their own; see kFigureOutputs.
/// From best to worst where some are left out.
std::vector<std::size_t> outputs_to_show(const std::vector<results::OutputEvaluation>& outputs);

}  // namespace basewise::evaluate::detail
