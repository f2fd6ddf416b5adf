// Repetitions of a model written out.
#pragma once

#include <cstdint>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// `repeat` of a layer that is left out: a file says repeat = 0.
inline constexpr std::int64_t kLeftOut = -1;

/// The model as it is built: a layer "body" with `repeat` = 3 becomes body.0, body.1 and body.2.
/// Its options, and those of what is inside of it and is not repeated by itself, may list one value
/// per repetition, or say a rule for them (spec/series.h); the first takes what the repetition
/// takes, each later one follows the one before it.
///
/// A layer that is left out is not there, and what reads it reads what it would have read.
///
/// Errors: ArgumentError with file and line for lists that do not fit a repetition, for a layer of
/// several sources that is left out, for more than 10,000 layers with repetitions written out, and
/// for parts that are still to be joined.
ModelSpec expanded(const ModelSpec& model);

/// Errors: ArgumentError with file and line of the layer with which a model, repetitions written
/// out, has more than 10,000 layers.
void check_layer_count(const ModelSpec& model);

}  // namespace basewise::spec
