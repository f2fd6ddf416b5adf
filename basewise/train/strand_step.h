// What a training step makes of a batch, by the strategy for its strands.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "basewise/data/dataset.h"
#include "basewise/infer/strands.h"
#include "basewise/nn/loss.h"
#include "basewise/nn/model.h"

namespace basewise::train {

class StrandStep {
 public:
  /// Errors: ArgumentError where the strategy does not fit model, losses or data.
  StrandStep(const nn::Model& model, const nn::TotalLoss& loss, data::DatasetPtr dataset, const infer::StrandOptions& options);

  /// The batch that the loss sees: as loaded, or (augmented) followed by its reverse complement.
  /// Tensors are shared where nothing changes.
  Bundle batch(const Bundle& loaded) const;

  /// The heads of the model for a batch that `batch` gave; without `heads` all of them.
  Bundle outputs(nn::Model& model, const Bundle& batch, const std::optional<std::vector<std::string>>& heads) const;

 private:
  data::DatasetPtr dataset_;
  bool augmented_;
  bool conjoined_;
  infer::StrandMerge merge_;
  infer::OutputForms forms_;
};

/// Whether training and prediction by these options fit. Errors: ArgumentError.
void check_strands(const infer::StrandOptions& options, const nn::Model& model, const nn::TotalLoss& loss, const data::Dataset& dataset);

}  // namespace basewise::train
