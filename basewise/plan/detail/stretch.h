// Runs a stretch of operations over the examples of a batch.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "basewise/plan/detail/packed.h"

namespace basewise::plan::detail {

struct PlanCall;

/// One stretch of a program with its layouts.
class StretchRunner {
 public:
  StretchRunner(const PlanProgram& program, PackedProgram& packed, PlanStretch stretch);
  ~StretchRunner();

  /// Takes the tensors of values that are loaded from `values`, puts there those of exports and of
  /// pooling over all positions. `lengths` are those of all values. `limits.strips` is chosen here.
  void run(std::vector<at::Tensor>& values, const std::vector<Index>& lengths, PlanLimits limits);

  /// Stages, steps and memory of the layouts made so far.
  std::string describe() const;

  const PlanStretch& stretch() const { return stretch_; }

 private:
  struct Memory;
  const PlanLayout& layout(const std::vector<Index>& lengths, const PlanLimits& limits);
  Index tokens_dilation(int value) const;
  void run_examples(const PlanCall& call, Index examples);
  void run_strips(const PlanCall& call, Index examples);

  const PlanProgram& program_;
  PackedProgram& packed_;
  PlanStretch stretch_;
  std::map<std::vector<Index>, PlanLayout> layouts_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace basewise::plan::detail
