// Models joined into one, as parts of it.
#pragma once

#include <string>
#include <vector>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// A model that becomes a part.
struct Part {
  std::string name;
  FilePosition where;
  ModelSpec model;
  bool heads = false;  ///< its heads are heads of the whole, too
};

/// `parts` side by side, and `own` over them: say a DNA model and a methylation model,
/// each trained alone, and a joint head.
///
/// * The layer "stem" of a part "dna" is called "dna.stem", its head "logits" (where heads are
///   kept) "dna_logits": outputs have no dots. So its weights are those of `joined_name`.
/// * Inputs of one name are one input; they must be equal.
/// * In `from` of `own`, "dna" is the last layer of the part before its heads, "dna.stem" any
///   other. With several parts, the first layer (or, without layers, each head) must say what it
///   takes; over one part it follows its last layer.
///
/// Errors: ArgumentError with file and line for unequal inputs (naming both places), a part with
/// the name of an input or of another part, names of `own` that lie inside a part or are taken, a
/// model without head.
ModelSpec join(const std::vector<Part>& parts, const ModelSpec& own);

/// What "body.0.weight" of the model `part` is called where it is the part `name`:
/// "dna.body.0.weight"; "logits.dense.bias" of a head: "dna_logits.dense.bias".
std::string joined_name(const ModelSpec& part, const std::string& name, const std::string& weight);

}  // namespace basewise::spec
