// A plain model to one that is equivariant by itself:
// filters shared between the strands, or layers wrapped.
#pragma once

#include <string>

#include "basewise/spec/model_spec.h"
#include "basewise/spec/strand_form.h"

namespace basewise::spec {

/// Rewrites a model so that every output obeys f(RC x) = RC f(x), RC by `nn::Model::strand_rule`;
/// the result has the names of the plain one:
///
/// * Each layer becomes what the form of its type says (`forms`;
///   strand_forms.h has those of the known types).
/// * Layers that read all positions and lead to outputs without strands: an rc_pool before them.
///   `pool` weighted before a dense layer of one unit takes its place, as published (Zhou et al.
///   2022, "RCWeight"); before others a sum of pairs follows.
/// * Tracks without strand (mirrored inputs, features) that are concatenated with what has strands
///   go on both sides: [reversed, pairs, as they are].
/// * wrapped: successive layers of `wrap` become one rc_wrap with what stands between them; "early"
///   leaves out the last of the model's convolutions before its heads, "late" the first.
///
/// `nn::build_equivariant_model` builds the result and checks the symmetry of every layer and
/// output.
/// Errors: ArgumentError with file, line and layer for what has no form of two strands.
ModelSpec share_strands(const ModelSpec& model, const SharingOptions& options, const StrandForms& forms);

/// "Rewritten: weights shared between the strands, 0.5 of the filters, pool = sum.": the first line
/// of a file with such a model.
std::string sharing_comment(const SharingOptions& options);

}  // namespace basewise::spec
