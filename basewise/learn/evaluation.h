// What predictions of a table are worth, by the metrics of every other evaluation.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/learn/columns.h"
#include "basewise/metrics/bootstrap.h"
#include "basewise/results/evaluation.h"

namespace basewise::learn {

/// Names of the numbers of a prediction: (channels), the label, or "label=class" for each class
/// where there are more than two.
std::vector<std::string> channel_names(std::span<const Output> outputs);

/// How predictions are measured.
struct Measuring {
  std::vector<std::string> metrics = {};                    ///< by name (metrics/registry.h); empty: those of `default_metrics`
  std::optional<metrics::BootstrapOptions> bootstrap = {};  ///< no intervals without
  std::span<const std::int64_t> blocks = {};                ///< (rows) numbers of groups that the bootstrap draws together; may be empty
};

/// auroc, average_precision, log_loss and brier for classes;
/// pearson, spearman, r2 and mse for numbers.
std::vector<std::string> default_metrics(std::span<const Output> outputs);

/// Measures predictions (rows, channels) at the rows where both they and the targets are numbers;
/// of more than two classes, each against the others. One entry for each channel, their mean, and
/// all pooled; the names are those of `channel_names`.
/// Errors: ArgumentError for metrics that there are not or that do not fit.
results::HeadEvaluation measure(const Targets& targets, std::span<const double> predictions, const Measuring& measuring);

}  // namespace basewise::learn
