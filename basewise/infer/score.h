// The one composition point of everything that applies a model:
// a function from named inputs to named outputs.
#pragma once

#include <functional>

#include "basewise/infer/strands.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::infer {

/// A batch of inputs to a batch of outputs: no gradients, no dropout, no dependence of a row on
/// other rows of the batch.
using ScoreFn = std::function<Bundle(const Bundle& inputs)>;

/// A model as ScoreFn: eval mode and no gradients during each call, device of the model, both given
/// back afterwards, also when it throws. Outputs are on the device of the first input. On a CPU an
/// `plan::InferencePlan` computes, which follows changes of the weights. One call at a time.
///
/// With both strands, sequences and their reverse complements go through the model in one batch (in
/// two where it is large) and what comes out is turned back by `nn::Model::strand_rule` and merged:
/// what is merged is what the model returns, logits say, and `forms` tells which outputs have
/// probabilities.
/// Errors: ArgumentError for both strands where an output loses more positions at one end than at
/// the other, or has no rule, and for `StrandMerge::probability` where no output has probabilities.
ScoreFn score_fn(nn::ModelPtr model, StrandStrategy strands = {}, OutputForms forms = {});

/// The same for a model that the caller keeps alive.
ScoreFn score_fn(nn::Model& model, StrandStrategy strands = {}, OutputForms forms = {});

}  // namespace basewise::infer
