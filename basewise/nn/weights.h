// Weights by name, to and from safetensors.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "basewise/nn/model.h"

namespace basewise::nn {

/// What of two sets of weights matched by name and shape.
struct LoadReport {
  std::vector<std::string> loaded;
  std::vector<std::string> missing;     ///< in the model, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the model
  std::vector<std::string> mismatched;  ///< "name: file (3, 4), model (3, 5)"
  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }
  std::string to_string() const;
};

/// Errors: StateError for a tensor with a value that is not finite (NaN or infinite), which names
/// the tensor and `origin`: a model that predicts NaN does not say which of its weights is spoilt.
void check_finite(const std::string& name, const at::Tensor& tensor, const std::string& origin);

/// Parameters and buffers by name. With `strict`, anything but a complete match is a StateError
/// with the report, and no tensor is touched. Errors of loading also: those of `check_finite`.
void save_weights(const Model& model, const std::filesystem::path& file);
LoadReport load_weights(Model& model, const std::filesystem::path& file, bool strict = true);

}  // namespace basewise::nn
