// The reader of model files.
#pragma once

#include <string>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// Reads a model file (format = 1):
///
///   format = 1
///   [inputs.sequence]
///   channels = 4            # (N, 4, L); `features = 3` instead says (N, 3)
///   length = 2048           # optional
///   strands = "complemented"  # or unchanged, mirrored, paired; see Model::strand_rule
///   [[layers]]
///   type = "residual"
///   name = "body"           # default: the type, numbered
///   repeat = 3              # body.0, body.1, body.2
///   [[layers.layers]]
///   type = "conv"
///   dilation = [2, 4, 8]    # one per repetition
///   [[heads]]
///   name = "logits"
///   strands = "paired"      # optional, as for inputs
///   from = "body"           # default: the last layer; of a repetition the last
///
/// Models may be parts of a model, each under a name of its own (spec/join.h):
///
///   [parts.dna]
///   model = "dna.model.toml"  # or a run folder
///
/// Repetitions stay as they are (`expanded` writes them out), layers without a name are given one,
/// inputs come in the order of the file with "sequence" first.
///
/// Errors: ArgumentError "file:line: ..." for TOML that does not parse, unknown keys (with the
/// nearest known one), wrong types, names used twice, more than 10,000 layers with repetitions
/// written out. Types of layers and their options are not looked at.
ModelSpec parse_spec(const std::string& toml, const std::string& origin);

}  // namespace basewise::spec
