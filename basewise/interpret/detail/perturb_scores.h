// Outputs of a run as one number per example and name.
#pragma once

#include <string>
#include <vector>

#include "basewise/infer/score.h"
#include "basewise/interpret/target.h"
#include "basewise/tensor/bundle.h"

namespace basewise::interpret::detail {

/// Named numbers of each example: targets, or every channel of every output, its mean over
/// positions.
class PerturbScores {
 public:
  /// Errors: those of `parse_target`.
  PerturbScores(const run::OpenRun& run, const infer::StrandStrategy& strands, const std::vector<std::string>& targets);

  /// (N, K) double on the CPU.
  at::Tensor operator()(const Bundle& inputs);

  /// (K); known after the first call where there are no targets.
  const std::vector<std::string>& names() const { return names_; }

 private:
  void name_channels(const Bundle& outputs);

  const run::OpenRun& run_;
  infer::ScoreFn score_;
  std::vector<Target> targets_ = {};
  std::vector<std::string> names_ = {};
};

}  // namespace basewise::interpret::detail
