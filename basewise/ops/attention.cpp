#include "basewise/ops/attention.h"

#include "basewise/core/error.h"
#include "basewise/kernels/attention.h"
#include "basewise/ops/detail/kept.h"
#include "basewise/ops/native.h"

namespace basewise::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
using Optional = std::optional<at::Tensor>;

// Beyond this reach the scores of a tile of queries leave the caches of one core.
constexpr std::int64_t kFarthest = 16'384;

const float* floats_of(const at::Tensor& x) { return x.defined() ? x.const_data_ptr<float>() : nullptr; }

// As the kernels read them: order 0 to 6 is that of AttentionTensors.
kernels::AttentionInput input_of(const variable_list& all) {
  return {floats_of(all[0]),
          floats_of(all[1]),
          floats_of(all[2]),
          floats_of(all[3]),
          floats_of(all[4]),
          floats_of(all[5]),
          all[6].defined() ? all[6].const_data_ptr<std::int64_t>() : nullptr};
}

kernels::AttentionShape shape_of(const at::Tensor& query, const at::Tensor& key, const AttentionReach& r) {
  return {query.size(0), query.size(1), query.size(2), key.size(2), query.size(3), r.before, r.left, r.right};
}

class AttentionFunction : public torch::autograd::Function<AttentionFunction> {
 public:
  static Variable forward(AutogradContext* ctx, const Variable& query, const Variable& key, const Variable& value,
                          const Optional& content_bias, const Optional& position_bias, const Optional& position, const Optional& absent,
                          const AttentionReach& reach, bool records) {
    variable_list all{query.contiguous(), key.contiguous(), value.contiguous()};
    for (const Optional* given : {&content_bias, &position_bias, &position, &absent})
      all.push_back(*given ? (*given)->contiguous() : at::Tensor());
    at::Tensor out = at::empty_like(all[0]), log_sum;
    if (records) log_sum = at::empty(out.sizes().slice(0, 3), out.options().requires_grad(std::nullopt));
    kernels::attention_forward({shape_of(query, key, reach), input_of(all), out.mutable_data_ptr<float>(),
                                records ? log_sum.mutable_data_ptr<float>() : nullptr},
                               native_run());
    if (!records) return out;
    all.push_back(out);
    all.push_back(log_sum);
    ctx->save_for_backward(all);
    detail::keep(ctx, reach);
    return out;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    if (at::GradMode::is_enabled())
      throw ArgumentError("gradients of the gradients of attention are torch's alone: choose torch's kernels for them");
    const variable_list all = ctx->get_saved_variables();
    variable_list result(9);
    if (!gradients[0].defined()) return result;
    const at::Tensor dout = gradients[0].contiguous();
    const bool positions = all[5].defined();
    variable_list d(6);
    for (std::size_t i = 0; i < (positions ? 6U : 3U); ++i) d[i] = at::empty_like(all[i]);
    const auto to = [](const at::Tensor& x) { return x.defined() ? x.mutable_data_ptr<float>() : nullptr; };
    kernels::attention_backward({shape_of(all[0], all[1], detail::kept<AttentionReach>(ctx)), input_of(all), floats_of(all[7]),
                                 floats_of(all[8]), floats_of(dout), to(d[0]), to(d[1]), to(d[2]), to(d[5]), to(d[3]), to(d[4])},
                                native_run());
    for (std::size_t i = 0; i < d.size(); ++i)
      if (d[i].defined() && ctx->needs_input_grad(i)) result[i] = d[i];
    return result;
  }
};

}  // namespace

bool takes_attention(const AttentionTensors& t, const AttentionReach& reach) {
  return native(t.query) && t.query.numel() > 0 && t.value.size(3) == t.query.size(3) && reach.left + reach.right < kFarthest;
}

at::Tensor attention(const AttentionTensors& t, const AttentionReach& reach) {
  const auto optional = [](const at::Tensor& x) { return x.defined() ? Optional(x) : Optional(); };
  bool records = false;
  if (at::GradMode::is_enabled())
    for (const at::Tensor* x : {&t.query, &t.key, &t.value, &t.content_bias, &t.position_bias, &t.position})
      records = records || (x->defined() && x->requires_grad());
  return AttentionFunction::apply(t.query, t.key, t.value, optional(t.content_bias), optional(t.position_bias), optional(t.position),
                                  optional(t.absent), reach, records);
}

}  // namespace basewise::ops
