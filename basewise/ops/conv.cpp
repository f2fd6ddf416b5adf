#include "basewise/ops/conv.h"

#include <algorithm>
#include <optional>

#include "basewise/ops/conv_unit.h"
#include "basewise/ops/native.h"

namespace basewise::ops {

at::Tensor conv1d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, const ConvSettings& s) {
  const ConvPart part{weight, bias, s};
  if (takes(x, part)) return apply({.conv = part, .norm = {}, .activation = {}, .skip_crop = {}, .pool = {}}, x);
  ++counts().torch;
  std::optional<at::Tensor> offset;
  if (bias.defined()) offset = bias;
  if (s.pad_left == s.pad_right) return at::conv1d(x, weight, offset, s.stride, s.pad_left, s.dilation, s.groups);
  // torch pads both ends alike; only what one end has more is copied.
  const std::int64_t both = std::min(s.pad_left, s.pad_right);
  const at::Tensor padded = at::constant_pad_nd(x, {s.pad_left - both, s.pad_right - both});
  return at::conv1d(padded, weight, offset, s.stride, both, s.dilation, s.groups);
}

}  // namespace basewise::ops
