// The document model.json of a run folder: what a model is, for pages that are made without
// libtorch.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "basewise/nn/model.h"

namespace basewise::run::detail {

/// model.json: what `basewise inspect --json` prints, the schema "basewise.model/1", and as
/// "first_layer" the name of the weights (filters, 4, width) of a convolution that reads the
/// one-hot sequence, if there is one.
nlohmann::ordered_json model_document(const nn::Model& model);

}  // namespace basewise::run::detail
