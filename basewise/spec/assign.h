// Options of a model's layers by their path, as on a command line: "stem.filters=48".
#pragma once

#include <string>
#include <string_view>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// Sets one option. Before the last dot stands the path of a layer ("stem", "body.conv",
/// "logits.dense"), its position ("layers.0", "layers.2.layers.0", "heads.0.layers.0"), a head
/// ("logits", "heads.0"; only `bias_initial`) or an input ("sequence"; only `length`); behind it
/// the option, or `repeat` of a repetition. What follows = is a TOML value or bare text. Options of
/// the type are looked at when the model is built. `origin` stands in front of the path in errors,
/// as in "--set model.".
///
/// Errors: ArgumentError for a path that is none, with the nearest one and those there are, and for
/// keys that say how the model is put together.
void assign(ModelSpec& model, std::string_view assignment, const std::string& origin);

}  // namespace basewise::spec
