// The mean of a total loss over batches: of each single loss over what was measured.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/nn/loss.h"

namespace basewise::nn {

/// Means do not depend on how examples were put into batches: each single loss is divided by all
/// that it measured (`mean`: values, `sum`: examples), not batch by batch. Several data sets, each
/// with its own losses, count by their examples; so do penalties. Plain members, so that a
/// checkpoint may keep it.
struct LossMean {
  struct Term {
    std::int64_t set = -1;   ///< of several data sets; -1: there is one
    std::int64_t loss = 0;   ///< number of the loss
    double weight = 1;       ///< of the loss in the total
    double examples = 0;     ///< of all batches
    double sum = 0;          ///< of the values that were measured
    double measured = 0;     ///< how many those were
    double per_example = 0;  ///< measured by an example of the first batch
  };

  std::int64_t batches = 0;
  double examples = 0;
  double first = 0;         ///< examples of the first batch
  bool same_size = true;    ///< every batch has as many
  bool same_share = true;   ///< every batch measured as much of each example
  double weighted = 0;      ///< sum over batches: examples times total, penalty included
  double penalties = 0;     ///< sum over batches: examples times penalty
  std::vector<Term> terms = {};

  /// `penalty`: what the total of the batch does not hold.
  void add(const BatchLoss& batch, double penalty = 0);

  /// Not a number where nothing was measured.
  double value() const;

  /// Whether the plain mean over batches is the same number.
  bool even() const { return same_size && same_share; }

 private:
  Term& term_of(std::int64_t set, std::int64_t loss, double weight, double per_example);
};

}  // namespace basewise::nn
