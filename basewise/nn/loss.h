// Losses between one output of a model and one target of a dataset.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/tensor/bundle.h"
#include "basewise/tensor/schema.h"

namespace basewise::nn {

namespace detail {
class Loss;
}

/// Formulas: nn/detail/losses.h.
enum class LossType {
  binary_cross_entropy,
  cross_entropy,
  mse,
  poisson,
  multinomial,
  poisson_multinomial,
  poisson_kl,
  mse_udot,
  negative_binomial,
  gamma,
};
constexpr auto words_of(LossType) {
  return words<LossType>({{LossType::binary_cross_entropy, "binary_cross_entropy", "of logits, each by itself"},
                          {LossType::cross_entropy, "cross_entropy", "of logits of classes"},
                          {LossType::mse, "mse", "squared difference"},
                          {LossType::poisson, "poisson", "of counts"},
                          {LossType::multinomial, "multinomial", "of counts along positions"},
                          {LossType::poisson_multinomial, "poisson_multinomial", "of rates: their sum, and their shares along positions"},
                          {LossType::poisson_kl, "poisson_kl", "of rates, and of their shares among the channels"},
                          {LossType::mse_udot, "mse_udot", "squared difference, and the product of what differs from the mean channel"},
                          {LossType::negative_binomial, "negative_binomial", "of counts with more spread than Poisson"},
                          {LossType::gamma, "gamma", "of positive values"}});
}

enum class Reduction { mean, sum };
constexpr auto words_of(Reduction) {
  return words<Reduction>({{Reduction::mean, "mean", "mean over measured values"},
                           {Reduction::sum, "sum", "sum over an example's values, mean over examples"}});
}

enum class Distribution { strand, all };
constexpr auto words_of(Distribution) {
  return words<Distribution>({{Distribution::strand, "strand", "positions of each strand (channel)"},
                              {Distribution::all, "all", "positions of all strands together"}});
}

struct LossOptions {
  LossType type = LossType::binary_cross_entropy;
  std::string output = "logits";  ///< head of the model
  std::string target = "labels";  ///< tensor of the dataset; "<target>.mask" beside it masks missing values
  double weight = 1.0;            ///< factor in the total loss
  Reduction reduction = Reduction::mean;
  /// Binary: weight of the positive class per output (one for all, or one each);
  /// cross-entropy: one per class.
  std::vector<double> class_weights;
  double label_smoothing = 0.0;  ///< binary and cross-entropy: share of the label that is spread evenly over the classes
  bool log_input = true;         ///< poisson: the output is the logarithm of the rate
  double epsilon = 1e-8;         ///< losses of rates: added to the rate inside the logarithm
  bool factorials = false;       ///< poisson, multinomial, negative_binomial: keep the terms that do not depend on the output
  bool stirling = false;         ///< with factorials, but multinomial: log y! by Stirling's formula, 0 up to 1
  Distribution distribution = Distribution::strand;  ///< of multinomial
  double target_clip = 0;                            ///< losses of rates and values: largest value, the smallest is 0; 0: as they are
  bool target_sqrt = false;                          ///< the same: square roots of output and target are compared
  double total_weight = 1;                           ///< poisson_multinomial: of the sum beside the shares
  double position_range = 1;                         ///< poisson_multinomial: weight of the middle by that of the ends
  double position_exponent = 4;                      ///< poisson_multinomial: how sharply it falls
  double specificity_weight = 1;                     ///< poisson_kl, mse_udot: of what differs between channels
  std::string dispersion = {};                       ///< negative_binomial: head whose softplus is the dispersion; empty: a number
  double overdispersion = 1;                         ///< negative_binomial: that number; variance = mean + number * mean^2
};
void describe(Visitor& v, LossOptions& o);

/// The heads of the model that a loss reads: its output, and what gives the dispersion.
std::vector<std::string> heads_of(const LossOptions& options);

/// What the losses of one batch are.
struct BatchLoss {
  struct Term {
    std::int64_t loss = 0;  ///< its number
    double weight = 1;      ///< in the total
    at::Tensor value = {};  ///< scalar, not weighted, without gradient
    double measured = 0;    ///< what it was divided by: measured values (`mean`) or examples (`sum`); 0: nothing was measured
  };
  at::Tensor total = {};  ///< scalar: sum of weight * value, with gradient
  std::int64_t examples = 0;
  std::int64_t set = -1;  ///< of several data sets; -1: there is one
  std::vector<Term> terms = {};
};

/// A target that its loss has no meaning for.
struct TargetFault {
  std::string loss = {};      ///< "binary_cross_entropy(logits)"
  std::string target = {};
  std::int64_t example = 0;   ///< in the batch
  std::int64_t channel = 0;   ///< along the axis after the examples
  std::int64_t place = -1;    ///< along the last axis where there are more than two; -1: none
  double value = 0;
  std::string expected = {};  ///< "a number from 0 to 1"
};

/// Weighted sum of several losses over named outputs and targets. Masks are those of
/// `LossOptions::target`, and examples have no weights, unless a schema says more (`following`).
class TotalLoss {
 public:
  /// Errors: ArgumentError when there is none, or for options that do not fit.
  explicit TotalLoss(std::vector<LossOptions> options);

  /// The same losses for data of this schema. Masks and weights of examples are found by their
  /// roles; with several data sets, a batch has the losses of the targets of its own set.
  /// Errors: ArgumentError for a target that none of several sets has.
  TotalLoss following(const Schema& schema) const;

  /// Sum of weight * loss.
  /// Errors: ArgumentError for outputs or targets that are not there (the loss is named).
  at::Tensor operator()(const Bundle& outputs, const Bundle& targets) const;

  /// The same with what each loss measured, for means over several batches (nn/loss_mean.h).
  BatchLoss batch(const Bundle& outputs, const Bundle& targets) const;

  /// The first measured target of a batch that its loss has no meaning for: no finite number;
  /// outside of 0 to 1 (binary_cross_entropy); negative (all others but mse and mse_udot).
  std::optional<TargetFault> fault(const Bundle& targets) const;

  /// The single losses, not weighted, named "type(output)", for logs.
  std::vector<std::pair<std::string, at::Tensor>> parts(const Bundle& outputs, const Bundle& targets) const;

  /// With several data sets, the heads that the losses of this batch read; nothing where there is
  /// one set, whose losses may be of any.
  std::optional<std::vector<std::string>> outputs(const Bundle& targets) const;

  const std::vector<LossOptions>& options() const { return options_; }

 private:
  // What belongs to a loss by name; a name may be one that batches lack.
  struct Names {
    std::string mask;
    std::string weight;
    std::vector<std::int64_t> sets;  // empty: all
    bool shares = false;             // the target of a cross_entropy: a share of each class, not the number of one
  };

  std::int64_t set_of(const Bundle& targets) const;
  std::vector<std::size_t> wanted(const Bundle& targets) const;
  at::Tensor one(std::size_t i, const Bundle& outputs, const Bundle& targets) const;

  std::vector<LossOptions> options_;
  std::vector<std::shared_ptr<const detail::Loss>> losses_;
  std::vector<Names> names_;
  std::string set_;  // the tensor that says which set a batch is of; empty: there is one
};

}  // namespace basewise::nn
