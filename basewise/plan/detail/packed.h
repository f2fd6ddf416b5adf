// Weights of a plan of prediction as its kernels read them.
#pragma once

#include <vector>

#include "basewise/kernels/packed_conv.h"
#include "basewise/plan/detail/layout.h"

namespace basewise::plan::detail {

/// Weights of a program in the order of the kernels, by operation;
/// operations that have none are empty.
class PackedProgram {
 public:
  explicit PackedProgram(const PlanProgram& program);
  /// Packs what a layout asks for and nobody has asked for before.
  void prepare(const PlanLayout& layout);
  const kernels::PackedConv& conv(int value, bool winograd) const {
    return (winograd ? winograd_ : convs_)[static_cast<std::size_t>(value)].front();
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
  std::vector<std::vector<kernels::PackedConv>> winograd_;
  std::vector<std::vector<float>> numbers_;
};

}  // namespace basewise::plan::detail
