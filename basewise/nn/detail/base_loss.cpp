#include "basewise/nn/detail/base_loss.h"

#include <algorithm>

#include "basewise/core/error.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn::detail {

at::Tensor bool_mask(const at::Tensor& mask, const at::Tensor& like) {
  if (!mask.defined()) return {};
  at::Tensor fitted = mask;
  if (fitted.dim() == like.dim() + 1 && fitted.size(-1) == 1) fitted = fitted.squeeze(-1);
  const auto leading = [&] { return like.sizes().slice(0, static_cast<std::size_t>(like.dim() - 1)); };
  if (fitted.dim() < like.dim() && like.size(-1) == 1 && fitted.sizes() == leading()) fitted = fitted.unsqueeze(-1);
  bool fits = fitted.dim() <= like.dim();
  for (std::int64_t i = 0; fits && i < fitted.dim(); ++i) fits = fitted.size(i) == like.size(i) || fitted.size(i) == 1;
  if (!fits)
    throw ShapeError(format("the mask has shape {}, expected {} or its leading axes", shape_text(mask.sizes()), shape_text(like.sizes())));
  while (fitted.dim() < like.dim()) fitted = fitted.unsqueeze(-1);
  return fitted.ne(0).expand_as(like);
}

at::Tensor fitted_target(const at::Tensor& output, const at::Tensor& target) {
  at::Tensor y = target;
  if (y.dim() == output.dim() - 1 && output.size(-1) == 1) y = y.unsqueeze(-1);
  if (y.sizes() != output.sizes())
    throw ShapeError(
        format("the output has shape {}, the target {}; they must be equal", shape_text(output.sizes()), shape_text(target.sizes())));
  return y.to(output.scalar_type());
}

at::Tensor blank(const at::Tensor& values, const at::Tensor& mask) {
  return mask.defined() ? at::where(mask, values, at::zeros({}, values.options())) : values;
}

at::Tensor along_examples(const at::Tensor& weight, const at::Tensor& values) {
  if (weight.dim() != 1 || values.dim() < 1 || weight.size(0) != values.size(0))
    throw ShapeError(format("the weights of the examples have shape {}, expected ({})", shape_text(weight.sizes()), values.size(0)));
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(values.dim()), 1);
  sizes[0] = weight.size(0);
  return weight.to(values.scalar_type()).view(sizes);
}

at::Tensor weighed_mask(const at::Tensor& mask, const at::Tensor& weight, const at::Tensor& like) {
  if (!weight.defined()) return mask;
  const at::Tensor counts = along_examples(weight, like).ne(0).expand_as(like);
  return mask.defined() ? mask.logical_and(counts) : counts;
}

}  // namespace basewise::nn::detail
