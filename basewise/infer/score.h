// The one composition point of everything that applies a model: a function from named inputs to named outputs.
#pragma once

#include <functional>

#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::infer {

/// A batch of inputs to a batch of outputs: no gradients, no dropout, no dependence of a row on other rows of the batch.
using ScoreFn = std::function<Bundle(const Bundle& inputs)>;

/// How the strands of a prediction are used.
enum class Strands {
  forward,  ///< the sequence as given
  average,  ///< mean of the outputs for the sequence and (mirrored back) for its reverse complement
};

/// A model as ScoreFn: eval mode and no gradients during each call, device of the model, both given back afterwards.
ScoreFn score_fn(nn::ModelPtr model, Strands strands = Strands::forward);

}  // namespace basewise::infer
