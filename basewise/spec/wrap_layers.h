// Layers of a model put into wrappers that run them on both strands.
#pragma once

#include <string>
#include <vector>

#include "basewise/spec/model_spec.h"
#include "basewise/spec/strand_form.h"

namespace basewise::spec {

/// Whether what follows `layers[i]` makes it a hidden layer:
/// an activation or a normalisation of it.
bool goes_on(const std::vector<LayerSpec>& layers, std::size_t i, const StrandForms& forms);

/// Puts the chosen layers of the model's trunk ("all", "early", "late" or names) into layers of
/// type rc_wrap and lets `from` say so.
/// Errors: ArgumentError for a name that is no convolution of the trunk, and for layers inside a
/// wrap that others read.
ModelSpec wrap_layers(ModelSpec model, const std::vector<std::string>& chosen, const StrandForms& forms);

}  // namespace basewise::spec
