// Weights of a program as edits read them, and where the changed rows of a shape lie in memory.
#pragma once

#include <memory>
#include <vector>

#include "basewise/kernels/packed_conv.h"
#include "basewise/plan/detail/edit_windows.h"

namespace basewise::plan::detail {

/// Convolutions without bias and function, so that they apply to differences; matrix products
/// behind a flattening as convolutions over all of its positions.
class EditWeights {
 public:
  EditWeights(const EditSplit& split, const std::vector<Index>& lengths);

  const kernels::PackedConv& sums(int value) const { return *sums_[static_cast<std::size_t>(value)]; }
  /// Factors, then shifts, then centres of a map; null without.
  const float* factors(int value) const {
    return factors_[static_cast<std::size_t>(value)].empty() ? nullptr : factors_[static_cast<std::size_t>(value)].data();
  }
  /// As many as the widest value has channels.
  const float* zeros() const { return zeros_.data(); }
  const float* minus_ones() const { return minus_ones_.data(); }

 private:
  std::vector<std::unique_ptr<kernels::PackedConv>> sums_;
  std::vector<std::vector<float>> factors_;
  std::vector<float> zeros_, minus_ones_;
};

/// Of edits with one shape: the changed rows of a value lie as (rows, edits, channels), so that
/// positions of all edits together are one stretch of memory.
struct EditMemory {
  std::vector<Index> offset;  ///< by value, numbers for each edit
  Index size = 0;             ///< numbers for each edit
};
EditMemory place_edits(const EditSplit& split, const EditWindows& windows);

}  // namespace basewise::plan::detail
