// Parts of a model that do not learn.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/tensor/torch.h"

namespace basewise::train {

/// Whether a pattern names a tensor or a layer: by its whole name, by a part that it lies in
/// ("stem" names "stem.conv.weight", not "stem2.weight"), or with * for any characters ("*.bias").
bool names_part(std::string_view pattern, std::string_view name);

/// While this lives, what the patterns name gets no gradient. `hold` puts the layers among it into
/// evaluation mode: running means of norms stay as they are, and nothing is dropped out. Layers are
/// held that a pattern names, and those whose own tensors are all named.
class Frozen {
 public:
  /// Errors: ArgumentError for a pattern that names nothing in the model, and where nothing is left
  /// to train.
  Frozen(torch::nn::Module& model, const std::vector<std::string>& patterns);
  ~Frozen();
  Frozen(const Frozen&) = delete;
  Frozen& operator=(const Frozen&) = delete;

  /// To be called after the model was put into training mode.
  void hold() const;

  /// Names of the parameters that do not learn.
  const std::vector<std::string>& parameters() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> tensors_;
  std::vector<std::shared_ptr<torch::nn::Module>> layers_;
};

}  // namespace basewise::train
