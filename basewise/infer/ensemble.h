// Several predictions of each sequence as one: strands, small shifts, passes with dropout.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/infer/score.h"

namespace basewise::infer {

/// The table [ensemble] of a recipe (docs/prediction.md).
struct EnsembleOptions {
  std::vector<std::int64_t> shifts = {};  ///< bases by which the sequence is moved, to the right if positive; empty: as it is
  std::int64_t mc = 0;                    ///< passes with dropout at each; 0: one without
};
void describe(Visitor& v, EnsembleOptions& o);

/// Predictions of each sequence: strands x shifts x passes.
std::int64_t members(const EnsembleOptions& options, const StrandStrategy& strands);

/// The largest shift to either side.
std::int64_t farthest_shift(const EnsembleOptions& options);

/// What the variance of an output is called.
std::string variance_name(const std::string& output);

/// `score_fn` over an ensemble: each strand of each sequence, turned as `strands` says, is moved by
/// each shift, read `mc` times, and the outputs are turned back and averaged.
///
/// * A shift moves the sequence as it is read on its strand; what it leaves empty is N (zeros), and
///   outputs are not moved back. So outputs should be bins that are much longer than the shifts.
/// * Strands become one as in `score_fn`; over shifts and passes outputs are averaged as they are,
///   with `StrandMerge::probability` their probabilities.
/// * A pass draws dropout by `seed`, the number of the pass and the bases that it reads: the same
///   for any batch, and for a sequence that is the other strand of another one. Other layers
///   compute as in evaluation.
/// * `variance` adds the variance of each output over all members (divided by their number), of
///   what the model gives, as "<output>.variance".
///
/// So the ensemble of the reverse complement of a sequence is that of the sequence, turned, to
/// rounding, where `strands` are both: for any shifts, and with dropout too.
///
/// Errors: as `score_fn`; ArgumentError for shifts where the model has other inputs along positions
/// than sequences, for passes where it has no dropout, and for `variance` of a single prediction.
ScoreFn ensemble_fn(nn::ModelPtr model, const StrandStrategy& strands, OutputForms forms, const EnsembleOptions& options,
                    std::uint64_t seed, bool variance = false);

/// The same for a model that the caller keeps alive.
ScoreFn ensemble_fn(nn::Model& model, const StrandStrategy& strands, OutputForms forms, const EnsembleOptions& options, std::uint64_t seed,
                    bool variance = false);

}  // namespace basewise::infer
