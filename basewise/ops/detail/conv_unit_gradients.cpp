#include "basewise/ops/detail/conv_unit_gradients.h"

#include "basewise/ops/pool.h"

namespace basewise::ops::detail {
namespace {

// dy function'(z) in torch's own functions.
at::Tensor differentiable_activation_backward(kernels::Activation activation, const at::Tensor& dy, const at::Tensor& z) {
  using kernels::Activation;
  const auto above = [&](const at::Tensor& below) { return dy * at::where(z > 0, at::ones({}, z.options()), below); };
  switch (activation) {
    case Activation::identity:
      return dy;
    case Activation::relu:
      return dy * (z > 0).to(dy.scalar_type());
    case Activation::exponential:
      return dy * z.exp();
    case Activation::gelu:
      return at::gelu_backward(dy, z, "none");
    case Activation::gelu_tanh:
      return at::gelu_backward(dy, z, "tanh");
    case Activation::silu:
      return dy * (z.sigmoid() * (1 + z * (-z).sigmoid()));
    case Activation::sigmoid:
      return dy * z.sigmoid() * (-z).sigmoid();
    case Activation::tanh:
      return dy * (1 - z.tanh().square());
    case Activation::softplus:
      return dy * z.sigmoid();
    case Activation::elu:
      return above(z.clamp_max(0).exp());
    case Activation::leaky_relu:
      return above(at::full({}, 0.01, z.options()));
  }
  return dy;
}

}  // namespace

std::vector<at::Tensor> differentiable_backward(const UnitPlan& plan, const UnitSaved& saved, const at::Tensor& given_dy) {
  const at::Tensor &input = saved.x, &weight = saved.weight, &bias = saved.bias, &gamma = saved.gamma, &beta = saved.beta;
  const at::Tensor &statistics = saved.statistics, &which = saved.which;
  const ConvSettings& s = plan.settings;
  at::Tensor dy = given_dy;
  if (plan.pool_width > 1) {
    const kernels::PoolShape windows = plan.pool(input.size(0), shape_of(input, weight, s).output_length(), weight.size(0));
    dy = differentiable_pool_backward(windows, kernels::Pooling::largest, which, dy);
  }
  const std::vector<std::int64_t> stride{s.stride}, padding{0}, dilation{s.dilation};
  const at::Tensor x = is_tokens(input) ? one_hot_of(input, weight.scalar_type()) : input;
  const at::Tensor padded = at::constant_pad_nd(x, {s.pad_left, s.pad_right});
  const auto columns = [](const at::Tensor& t) { return t.view({1, -1, 1}); };
  const auto shared = [&](const at::Tensor& means) { return plan.paired ? (means + means.flip({0})) / 2 : means; };
  // The mean of a batch takes any bias away again.
  const bool biased = bias.defined() && !(plan.norm && plan.training);
  const std::optional<at::Tensor> offset = biased ? std::optional<at::Tensor>(bias) : std::nullopt;
  const at::Tensor conv = at::conv1d(padded, weight, offset, stride, padding, dilation, s.groups);
  at::Tensor centred, inverse, z = conv;
  if (plan.norm) {
    const at::Tensor mean = plan.training ? shared(conv.mean({0, 2})) : statistics[0];
    centred = conv - columns(mean);
    inverse = plan.training ? (shared(centred.square().mean({0, 2})) + plan.eps).rsqrt() : statistics[1];
    z = centred * columns(inverse);
    if (gamma.defined()) z = z * columns(gamma) + columns(beta);
  }
  at::Tensor g = differentiable_activation_backward(plan.activation, dy, z);
  at::Tensor dgamma, dbeta;
  if (plan.norm) {
    const at::Tensor normal = centred * columns(inverse);
    if (gamma.defined()) dgamma = (g * normal).sum({0, 2}), dbeta = g.sum({0, 2});
    at::Tensor through = g;
    if (plan.training) through = g - columns(shared(g.mean({0, 2}))) - normal * columns(shared((g * normal).mean({0, 2})));
    g = through * columns(gamma.defined() ? gamma * inverse : inverse);
  }
  const std::vector<std::int64_t> bias_size{weight.size(0)};
  auto [dx, dw, db] = at::convolution_backward(g, padded, weight, at::OptionalIntArrayRef(bias_size), stride, padding, dilation, false,
                                               std::vector<std::int64_t>{0}, s.groups, {true, true, biased});
  dx = dx.slice(2, s.pad_left, s.pad_left + x.size(2));
  if (plan.skip_crop) dx = dx + at::constant_pad_nd(dy, {*plan.skip_crop, x.size(2) - *plan.skip_crop - dy.size(2)});
  return {is_tokens(input) ? at::Tensor() : dx, dw, biased ? db : bias.defined() ? at::zeros_like(bias) : at::Tensor(), dgamma, dbeta};
}

}  // namespace basewise::ops::detail
