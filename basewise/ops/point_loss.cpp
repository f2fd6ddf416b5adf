#include "basewise/ops/point_loss.h"

#include "basewise/kernels/loss.h"
#include "basewise/ops/detail/kept.h"
#include "basewise/ops/native.h"

namespace basewise::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
using Optional = std::optional<at::Tensor>;

// Which axes of the output are rows and columns of the kernel: columns are neighbours in memory.
struct Axes {
  std::int64_t sample = -1;  // -1: one example
  std::int64_t row = 0;
  std::int64_t column = 0;

  std::int64_t size(const at::Tensor& x, std::int64_t axis) const { return axis < 0 ? 1 : x.size(axis); }
  std::int64_t stride(const at::Tensor& x, std::int64_t axis) const { return axis < 0 ? 0 : x.stride(axis); }
};

bool neighbours(const at::Tensor& x, std::int64_t axis) { return x.size(axis) == 1 || x.stride(axis) == 1; }

std::optional<Axes> axes_of(const at::Tensor& x) {
  if (x.dim() == 2 && neighbours(x, 1)) return Axes{-1, 0, 1};
  if (x.dim() != 3) return std::nullopt;
  if (x.size(1) > 1 && neighbours(x, 1)) return Axes{0, 2, 1};
  if (neighbours(x, 2)) return Axes{0, 1, 2};
  return std::nullopt;
}

template <class T>
kernels::Strided<T> strided(const at::Tensor& t, const T* data, const Axes& a) {
  if (!t.defined()) return {};
  return {data, a.stride(t, a.sample), a.stride(t, a.row), a.stride(t, a.column)};
}

// d loss / dx / divisor in torch's functions, for gradients of gradients.
at::Tensor differentiable_slope(const Variable& x, const at::Tensor& y, const at::Tensor& measured, const at::Tensor& weight,
                                const PointLossOptions& o) {
  const auto blank = [&](const at::Tensor& t, double value) {
    return measured.defined() ? at::where(measured, t, at::full({}, value, t.options())) : t;
  };
  const at::Tensor z = blank(x, 1.0), target = blank(y, 0.0);
  at::Tensor slope;
  switch (o.kind) {
    case kernels::PointLoss::square:
      slope = 2.0 * (z - target);
      break;
    case kernels::PointLoss::poisson:
      slope = 1.0 - target / (z + o.epsilon);
      break;
    case kernels::PointLoss::log_poisson:
      slope = z.exp() - target;
      break;
    case kernels::PointLoss::cross_entropy: {
      const at::Tensor label = target * (1.0 - o.smoothing) + o.smoothing / 2;
      const at::Tensor factor = weight.defined() ? 1.0 + (weight - 1.0) * label : at::ones({}, z.options());
      slope = (1.0 - label) - factor * at::sigmoid(-z);
    }
  }
  return blank(slope, 0.0);
}

class PointLossFunction : public torch::autograd::Function<PointLossFunction> {
 public:
  static Variable forward(AutogradContext* ctx, const Variable& x, const at::Tensor& y, const Optional& given_measured,
                          const Optional& given_weight, const PointLossOptions& o, double divisor, bool records) {
    const at::Tensor measured = given_measured.value_or(at::Tensor()), weight = given_weight.value_or(at::Tensor());
    const Axes a = *axes_of(x);
    kernels::LossCall call;
    call.kind = o.kind;
    call.shape = {a.size(x, a.sample), a.size(x, a.row), a.size(x, a.column)};
    call.x = {x.const_data_ptr<float>(), a.stride(x, a.sample), a.stride(x, a.row)};
    call.y = strided(y, y.const_data_ptr<float>(), a);
    if (measured.defined()) call.measured = strided(measured, static_cast<const std::uint8_t*>(measured.const_data_ptr()), a);
    if (weight.defined()) call.weight = strided(weight, weight.const_data_ptr<float>(), a);
    call.epsilon = static_cast<float>(o.epsilon), call.smoothing = static_cast<float>(o.smoothing);
    call.factor = static_cast<float>(1.0 / divisor);
    at::Tensor gradient;
    if (records) {
      gradient = a.column == 1 && x.dim() == 3 ? empty_length_major(x.size(0), x.size(1), x.size(2), x.options())
                                               : at::empty(x.sizes(), x.options().requires_grad(std::nullopt));
      call.gradient = {gradient.mutable_data_ptr<float>(), a.stride(gradient, a.sample), a.stride(gradient, a.row)};
    }
    const double sum = kernels::point_loss(call, native_run());
    if (records) {
      ctx->save_for_backward({x, y, measured, weight, gradient});
      detail::keep(ctx, std::pair(o, divisor));
    }
    return at::scalar_tensor(sum / divisor, x.options().requires_grad(std::nullopt));
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    variable_list result(7);
    if (!gradients[0].defined()) return result;
    if (at::GradMode::is_enabled()) {
      const auto [o, divisor] = detail::kept<std::pair<PointLossOptions, double>>(ctx);
      result[0] = gradients[0] / divisor * differentiable_slope(saved[0], saved[1], saved[2], saved[3], o);
      return result;
    }
    // Most often the loss itself is minimised: what was made in the forward pass is the gradient.
    result[0] = gradients[0].item<float>() == 1.0f ? saved[4] : saved[4] * gradients[0];
    return result;
  }
};

}  // namespace

bool takes_loss(const at::Tensor& x, const at::Tensor& y) {
  return native(x) && native(y) && x.numel() > 0 && axes_of(x).has_value() && !(at::GradMode::is_enabled() && y.requires_grad());
}

at::Tensor point_loss(const at::Tensor& x, const at::Tensor& y, const at::Tensor& measured, const at::Tensor& weight,
                      const PointLossOptions& options, double divisor) {
  const bool records = at::GradMode::is_enabled() && x.requires_grad();
  const auto optional = [](const at::Tensor& t) { return t.defined() ? Optional(t) : Optional(); };
  return PointLossFunction::apply(x, y, optional(measured), optional(weight), options, divisor, records);
}

}  // namespace basewise::ops
