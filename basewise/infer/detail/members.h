// The members of an ensemble: sequences that are moved, and their outputs as one.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "basewise/infer/detail/running_mean.h"
#include "basewise/infer/strands.h"
#include "basewise/nn/model.h"
#include "basewise/tensor/bundle.h"

namespace basewise::infer::detail {

/// Inputs with sequences, (N, 4, L) or tokens (N, L), moved to the right by `shift`, N where that
/// leaves nothing; other inputs as they are.
/// Errors: ArgumentError for a shift that leaves nothing of a sequence.
Bundle shifted(const Bundle& inputs, std::int64_t shift, const StrandRules& rules);

/// The mean of what a model gives for the members of an ensemble. Strands become one as
/// `merge_strands` says; over the others outputs are averaged as they are, with
/// `StrandMerge::probability` their probabilities.
class MemberMean {
 public:
  /// `variance`: also that of each output over all members. The model and `forms` must outlive it.
  MemberMean(const nn::Model& model, const StrandStrategy& strands, const OutputForms& forms, bool variance = false);

  /// Outputs of one pass, and of the same over the other strand where the strategy asks for both.
  void add(const Bundle& forward, const Bundle& backward = {});

  Bundle value() const;

 private:
  StrandStrategy strands_;
  const OutputForms& forms_;
  bool variance_;
  StrandRules rules_;
  std::map<std::string, RunningMean> means_ = {};
  std::map<std::string, RunningVariance> variances_ = {};
};

}  // namespace basewise::infer::detail
