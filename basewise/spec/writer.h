// The writer of model files.
#pragma once

#include <string>

#include "basewise/spec/model_spec.h"

namespace basewise::spec {

/// A model file that `parse_spec` reads as an equal value;
/// `comment` comes first, as one line, unless it is empty.
std::string to_toml(const ModelSpec& model, const std::string& comment = {});

}  // namespace basewise::spec
