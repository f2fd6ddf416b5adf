// The gradient of a convolution to its data: the same sum with the taps from the last to the first.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "basewise/kernels/conv_backward.h"
#include "basewise/kernels/detail/bfloat16.h"
#include "basewise/kernels/detail/buffer.h"
#include "basewise/kernels/detail/correlation.h"
#include "basewise/kernels/detail/winograd.h"

namespace basewise::kernels::detail {

/// Computes dx of a call from rows of the gradient of the sums.
class DataGradient {
 public:
  /// `winograd`, `bfloat16`: the kind of the sums; a plain one otherwise.
  DataGradient(const ConvBackward& call, const Micro& micro, const Executor& executor, bool winograd, bool bfloat16);

  bool few() const;

  /// Rows [begin, end) of dx of one example, by several threads if need be;
  /// `gradient` holds all rows that they read, `ahead` what the caller reads next.
  void compute(const RowSource& gradient, Index sample, Index begin, Index end, const Ahead& ahead, Buffer& scratch) const;

 private:
  void make_sums(bool winograd, bool bfloat16);
  void stretches_of(const Correlation& sum, const float* origin, Index step, Index q, const Correlation::Target& target,
                    Buffer& scratch) const;
  void copy_skip(Index sample, Index begin, Index end) const;

  const ConvBackward& call_;
  const ConvShape& s_;
  Index out_length_;
  const Micro& micro_;
  const Executor& executor_;
  Index in_;
  Index out_;
  std::vector<std::unique_ptr<Correlation>> sums_;
  std::optional<WinogradSum> winograd_;
  std::optional<Bfloat16Sum> bfloat16_;
};

}  // namespace basewise::kernels::detail
