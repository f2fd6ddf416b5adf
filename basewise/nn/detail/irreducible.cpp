#include "basewise/nn/detail/irreducible.h"

#include <cmath>

#include "basewise/core/error.h"

namespace basewise::nn::detail {

at::Tensor to_ab(const at::Tensor& x, std::int64_t axis) {
  const std::int64_t pairs = x.size(axis) / 2;
  const at::Tensor first = x.slice(axis, 0, pairs), second = x.slice(axis, pairs).flip({axis});
  return at::cat({first + second, first - second}, axis) * std::sqrt(0.5);
}

at::Tensor to_pairs(const at::Tensor& x, std::int64_t axis) {
  const std::int64_t pairs = x.size(axis) / 2;
  const at::Tensor a = x.slice(axis, 0, pairs), b = x.slice(axis, pairs);
  return at::cat({a + b, (a - b).flip({axis})}, axis) * std::sqrt(0.5);
}

void need_ab(const Activation& input) {
  const Symmetry& s = input.symmetry;
  if (s.is(Symmetry::Moves::split)) return;
  const std::string text = s.to_string(input.shape.channels);
  const std::string found = text.empty()
                                ? (s.lost.empty() ? std::string("not known to move in any way") : format("that was lost at {}", s.lost))
                                : "it is " + text;
  throw ShapeError(
      format("got {}, expected the irreducible form, a channels that stay and b channels that change sign under reverse complement; {}: "
             "ab_conv and ab_basis make that form, ab_batch_norm and ab_activation keep it",
             input.shape.to_string(), found));
}

}  // namespace basewise::nn::detail
