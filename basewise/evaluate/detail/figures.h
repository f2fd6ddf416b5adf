// The parts of `EvaluationFigures`, from gathered columns.
#pragma once

#include <string>
#include <vector>

#include "basewise/evaluate/detail/gather.h"
#include "basewise/evaluate/figures.h"

namespace basewise::evaluate::detail {

OutputFigures figures_of(const std::string& name, const Column& column, bool binary, metrics::ScoreScale scale);

/// Indices of the outputs that get figures of their own; see kFigureOutputs. From best to worst where some are left out.
std::vector<std::size_t> outputs_to_show(const std::vector<OutputEvaluation>& outputs);

/// Bases of a locus: as many neighbouring examples as fill them.
inline constexpr std::int64_t kLocusBases = 8192;

/// At most four loci without missing values, by the sum of their targets: the largest, at three quarters of the ranks, in the middle, the
/// smallest; the first one of the data set among equals. Neighbouring examples are joined to kLocusBases. `probability`: predictions are
/// made probabilities. `channels`: those whose values are kept. The columns must be whole, that is of one data set in its order.
std::vector<LocusTracks> choose_loci(const Gathered& data, const std::vector<std::size_t>& channels, bool probability);

}  // namespace basewise::evaluate::detail
