#include "basewise/ops/dense.h"

#include "basewise/kernels/dense.h"
#include "basewise/ops/native.h"

namespace basewise::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
using Optional = std::optional<at::Tensor>;

kernels::DenseShape shape_of(const at::Tensor& x, const at::Tensor& weight) { return {x.size(0), x.size(2), x.size(1), weight.size(0)}; }

class DenseFunction : public torch::autograd::Function<DenseFunction> {
 public:
  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& weight, const Optional& bias, bool records) {
    const at::Tensor w = weight.contiguous(), b = bias ? bias->contiguous() : at::Tensor();
    at::Tensor y = at::empty({x.size(0), w.size(0)}, x.options().requires_grad(std::nullopt));
    kernels::dense_forward({shape_of(x, w), rows_of(x), w.const_data_ptr<float>(), b.defined() ? b.const_data_ptr<float>() : nullptr,
                            y.mutable_data_ptr<float>()},
                           native_run());
    if (records) ctx->save_for_backward({x, weight});
    ctx->saved_data["biased"] = bias.has_value();
    return y;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1], &given = gradients[0];
    // A missing tensor has no place among the inputs that torch knows.
    const bool wants_bias = ctx->saved_data["biased"].toBool() && ctx->needs_input_grad(2);
    variable_list result(4);
    if (!given.defined()) return result;
    if (at::GradMode::is_enabled()) {
      result[0] = given.matmul(weight).view(x.sizes());
      result[1] = given.t().matmul(x.flatten(1));
      if (wants_bias) result[2] = given.sum(0);
      return result;
    }
    const at::Tensor dy = given.contiguous(), w = weight.contiguous();
    kernels::DenseBackward call;
    call.shape = shape_of(x, w);
    call.dy = dy.const_data_ptr<float>();
    call.x = rows_of(x);
    call.weight = w.const_data_ptr<float>();
    if (ctx->needs_input_grad(0)) {
      result[0] = empty_length_major(x.size(0), x.size(1), x.size(2), x.options());
      call.dx = mutable_rows_of(result[0]);
    }
    if (ctx->needs_input_grad(1)) {
      result[1] = at::empty(w.sizes(), w.options().requires_grad(std::nullopt));
      call.dweight = result[1].mutable_data_ptr<float>();
    }
    if (wants_bias) {
      result[2] = at::empty({w.size(0)}, w.options().requires_grad(std::nullopt));
      call.dbias = result[2].mutable_data_ptr<float>();
    }
    kernels::dense_backward(call, native_run());
    return result;
  }
};

}  // namespace

bool takes_dense(const at::Tensor& x, const at::Tensor& weight) {
  constexpr std::int64_t kFewExamples = 12;   // one tile of rows
  constexpr std::int64_t kFewPositions = 16;  // shorter rows of weights are not worth bringing into another order
  return native(x) && native(weight) && x.dim() == 3 && x.size(0) >= kFewExamples && x.size(1) > 1 && x.size(2) >= kFewPositions &&
         x.stride(1) == 1 && x.stride(2) == x.size(1) && x.stride(0) >= x.size(1) * x.size(2);
}

at::Tensor dense(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  bool records = false;
  if (at::GradMode::is_enabled())
    for (const at::Tensor* t : {&x, &weight, &bias}) records = records || (t->defined() && t->requires_grad());
  return DenseFunction::apply(x, weight, bias.defined() ? Optional(bias) : Optional(), records);
}

}  // namespace basewise::ops
