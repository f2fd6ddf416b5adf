// The rules by which differences from a reference pass through layers:
// multipliers in place of derivatives.
#pragma once

#include <map>
#include <string>

#include "basewise/nn/layer.h"
#include "basewise/nn/pass.h"
#include "basewise/tensor/torch.h"

namespace basewise::interpret::detail {

/// Gradient of sum(y dy) with respect to a leaf that belongs to the caller alone;
/// zeros where y does not depend on it.
at::Tensor gradient_to(const at::Tensor& leaf, const at::Tensor& y, const at::Tensor& dy);

/// What a layer read and gave in the held pass, and once it is asked for the derivative of each
/// number there.
struct Held {
  at::Tensor x;
  at::Tensor y;
  at::Tensor slope;
};

/// Stands in for layers that are not linear in two passes over the same model. The first holds what
/// they read, of one side of each pair, without gradients. The second computes the other side as
/// the model does, but lets multipliers come back: gradients of it are multipliers of the pairs.
///
/// Layers see whole copies of a batch, one after the other (a strategy of both strands doubles it):
/// row p of a copy is paired with row `rows[p]` of the same copy of the held batch.
class DifferenceRules : public nn::StandIn {
 public:
  /// `held_is_sequence`: the held side is that of the sequences, else that of the references.
  explicit DifferenceRules(bool held_is_sequence) : held_is_sequence_(held_is_sequence) {}

  /// From now on passes are paired with what was held.
  /// rows: (P) int64, of `held_rows` rows.
  void pair(at::Tensor rows, std::int64_t held_rows);

  at::Tensor apply(nn::Layer& layer, const std::string& path, const at::Tensor& x) override;

 private:
  at::Tensor hold(nn::Layer& layer, const std::string& path, const at::Tensor& x);

  bool held_is_sequence_;
  at::Tensor rows_;
  std::int64_t held_rows_ = 0;
  std::map<std::string, Held> held_;
};

}  // namespace basewise::interpret::detail
