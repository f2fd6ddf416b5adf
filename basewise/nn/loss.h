// Losses between one output of a model and one target of a dataset.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/tensor/bundle.h"

namespace basewise::nn {

struct LossOptions {
  std::string type = "binary_cross_entropy";
  std::string output = "logits";  ///< head of the model
  std::string target = "labels";  ///< tensor of the dataset; "<target>.mask" beside it masks missing values
  double weight = 1.0;            ///< factor in the total loss
  std::string reduction = "mean"; ///< mean over measured values, or sum per example (mean over the batch)
  std::vector<double> class_weights;  ///< binary: weight of the positive class per output (one for all, or one each)
};
void describe(Visitor& v, LossOptions& o);

/// One loss.
class Loss {
 public:
  virtual ~Loss() = default;
  /// Scalar. `output` and `target` broadcast to the same shape; `mask` may be undefined.
  virtual at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask) const = 0;
};

std::unique_ptr<Loss> make_loss(const LossOptions& options);

/// Weighted sum of several losses over named outputs and targets.
class TotalLoss {
 public:
  explicit TotalLoss(std::vector<LossOptions> options);
  at::Tensor operator()(const Bundle& outputs, const Bundle& targets) const;

 private:
  std::vector<LossOptions> options_;
  std::vector<std::unique_ptr<Loss>> losses_;
};

}  // namespace basewise::nn
