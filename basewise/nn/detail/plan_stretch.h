// Runs a stretch of operations over the examples of a batch.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "basewise/kernels/packed_conv.h"
#include "basewise/nn/detail/plan_layout.h"

namespace basewise::nn::detail {

/// Weights of a program in the order of the kernels, by operation; operations that have none are empty.
class PackedProgram {
 public:
  explicit PackedProgram(const PlanProgram& program);
  /// Packs what a layout asks for and nobody has asked for before.
  void prepare(const PlanLayout& layout);
  const kernels::PackedConv& conv(int value, bool minimal) const {
    return (minimal ? minimal_ : convs_)[static_cast<std::size_t>(value)].front();
  }
  /// A matrix product in parts of its units, each of `units()` but for the last.
  const std::vector<kernels::PackedConv>& parts(int value) const { return convs_[static_cast<std::size_t>(value)]; }
  static Index units() { return 128; }
  /// Factors, then shifts of a map; null without.
  const float* factors(int value) const {
    return numbers_[static_cast<std::size_t>(value)].empty() ? nullptr : numbers_[static_cast<std::size_t>(value)].data();
  }

 private:
  const PlanProgram& program_;
  std::vector<std::vector<kernels::PackedConv>> convs_;
  std::vector<std::vector<kernels::PackedConv>> minimal_;
  std::vector<std::vector<float>> numbers_;
};

/// One stretch of a program with its layouts.
class StretchRunner {
 public:
  StretchRunner(const PlanProgram& program, PackedProgram& packed, PlanStretch stretch);
  ~StretchRunner();

  /// Takes the tensors of values that are loaded from `values`, puts there those of exports and of pooling over all positions. `lengths`
  /// are those of all values. `limits.strips` is chosen here.
  void run(std::vector<at::Tensor>& values, const std::vector<Index>& lengths, PlanLimits limits);

  /// Stages, steps and memory of the layouts made so far.
  std::string describe() const;

  const PlanStretch& stretch() const { return stretch_; }

 private:
  struct Call;
  struct Memory;
  class Worker;
  const PlanLayout& layout(const std::vector<Index>& lengths, const PlanLimits& limits);
  bool letters_serve(int value) const;

  const PlanProgram& program_;
  PackedProgram& packed_;
  PlanStretch stretch_;
  std::map<std::vector<Index>, PlanLayout> layouts_;
  std::unique_ptr<Memory> memory_;
};

}  // namespace basewise::nn::detail
