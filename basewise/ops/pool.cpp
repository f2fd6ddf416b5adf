#include "basewise/ops/pool.h"

#include "basewise/ops/detail/kept.h"
#include "basewise/ops/native.h"

namespace basewise::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// A pooling as its backward pass needs it.
struct PoolCall {
  kernels::PoolShape shape;
  kernels::Pooling kind = kernels::Pooling::largest;
  bool records = false;  // somebody may ask for gradients
};

class PoolFunction : public torch::autograd::Function<PoolFunction> {
 public:
  static Variable forward(AutogradContext* ctx, const Variable& x, const PoolCall& call) {
    const kernels::PoolShape& shape = call.shape;
    const std::int64_t out = shape.output_length();
    at::Tensor y = empty_length_major(shape.batch, shape.channels, out, x.options()), which;
    if (call.records && call.kind == kernels::Pooling::largest) which = at::empty({shape.batch, out, shape.channels}, at::kByte);
    kernels::pool_forward(shape, call.kind, rows_of(x), mutable_rows_of(y),
                          which.defined() ? which.mutable_data_ptr<std::uint8_t>() : nullptr, native_run());
    if (!call.records) return y;
    ctx->save_for_backward({which});
    detail::keep(ctx, call);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const at::Tensor which = ctx->get_saved_variables()[0];
    if (!gradients[0].defined()) return variable_list(2);
    const auto [shape, kind, records] = detail::kept<PoolCall>(ctx);
    if (at::GradMode::is_enabled()) return {differentiable_pool_backward(shape, kind, which, gradients[0]), {}};
    const at::Tensor dy = length_major(gradients[0]);
    at::Tensor dx = empty_length_major(shape.batch, shape.channels, shape.length, dy.options());
    kernels::pool_backward(shape, kind, rows_of(dy), which.defined() ? which.const_data_ptr<std::uint8_t>() : nullptr, mutable_rows_of(dx),
                           native_run());
    return {dx, {}};
  }
};

// The same places in memory for x and y, whatever their order: a dense tensor, as it lies.
at::Tensor masked(const at::Tensor& x, double rate, std::int64_t key) {
  at::Tensor y = at::empty_like(x);
  kernels::dropout(x.const_data_ptr<float>(), y.mutable_data_ptr<float>(), x.numel(), rate, static_cast<std::uint64_t>(key), native_run());
  return y;
}

at::Tensor dense(const at::Tensor& x) { return x.is_non_overlapping_and_dense() ? x : x.contiguous(); }

struct DropoutCall {
  double rate = 0;
  std::int64_t key = 0;
  std::vector<std::int64_t> strides;  // of x: the mask belongs to places in memory
};

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
 public:
  static Variable forward(AutogradContext* ctx, const Variable& x, double rate, std::int64_t key) {
    detail::keep(ctx, DropoutCall{rate, key, x.strides().vec()});
    return masked(x, rate, key);
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    if (!gradients[0].defined()) return variable_list(3);
    const auto call = detail::kept<DropoutCall>(ctx);
    // The gradient is brought into the order that x had.
    at::Tensor dy = gradients[0];
    if (dy.strides() != at::IntArrayRef(call.strides)) dy = at::empty_strided(dy.sizes(), call.strides, dy.options()).copy_(dy);
    // Linear in dy: its own gradient is itself.
    return {DropoutFunction::apply(dy, call.rate, call.key), {}, {}};
  }
};

}  // namespace

// The gradient as a gather and a sum that torch can differentiate once more.
at::Tensor differentiable_pool_backward(const kernels::PoolShape& shape, kernels::Pooling kind, const at::Tensor& which,
                                        const at::Tensor& dy) {
  const std::int64_t out = shape.output_length();
  const at::Tensor starts = (at::arange(out) * shape.stride - shape.pad_left).clamp_min(0).view({1, 1, out});
  const at::Tensor dx = at::zeros({shape.batch, shape.channels, shape.length}, dy.options());
  if (kind == kernels::Pooling::largest) return dx.scatter_add(2, which.transpose(1, 2).to(at::kLong) + starts, dy);
  const at::Tensor ends = (at::arange(out) * shape.stride - shape.pad_left + shape.width).clamp_max(shape.length).view({1, 1, out});
  at::Tensor sum = dx;
  for (std::int64_t j = 0; j < shape.width; ++j) {
    const at::Tensor places = starts + j, inside = (places < ends).to(dy.scalar_type());
    sum = sum.scatter_add(2, places.clamp_max(shape.length - 1).expand_as(dy), dy * inside / (ends - starts));
  }
  return sum;
}

at::Tensor pool(const at::Tensor& input, kernels::Pooling kind, std::int64_t width, std::int64_t stride, std::int64_t pad_left,
                std::int64_t pad_right) {
  const at::Tensor x = length_major(input);
  const bool records = at::GradMode::is_enabled() && x.requires_grad();
  return PoolFunction::apply(x, PoolCall{{x.size(0), x.size(2), x.size(1), width, stride, pad_left, pad_right}, kind, records});
}

at::Tensor dropout(const at::Tensor& x, double rate) {
  // All 64 bits, in two draws that no range limits.
  const at::Tensor drawn = at::randint(std::int64_t{1} << 32, {2}, at::kLong);
  const auto* parts = drawn.const_data_ptr<std::int64_t>();
  const auto key = static_cast<std::int64_t>(static_cast<std::uint64_t>(parts[0]) << 32 | static_cast<std::uint64_t>(parts[1]));
  return DropoutFunction::apply(dense(x), rate, key);
}

}  // namespace basewise::ops
