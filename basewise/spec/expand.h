// Repetitions of a model written out.
#pragma once

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// The model as it is built: a layer "body" with `repeat` = 3 becomes body.0, body.1 and body.2.
/// Its options, and those of what is inside of it and is not repeated by itself, may list one value
/// per repetition; the first takes what the repetition takes, each later one follows the one before
/// it.
///
/// Errors: ArgumentError with file and line for lists that do not fit a repetition, for more than
/// 10,000 layers with repetitions written out, and for parts that are still to be joined.
ModelSpec expanded(const ModelSpec& model);

/// Errors: ArgumentError with file and line of the layer with which a model, repetitions written
/// out, has more than 10,000 layers.
void check_layer_count(const ModelSpec& model);

}  // namespace basewise::spec
