#include "basewise/ops/conv_unit.h"

#include <vector>

#include "basewise/core/error.h"
#include "basewise/kernels/normalise.h"
#include "basewise/ops/detail/conv_unit_gradients.h"
#include "basewise/ops/detail/conv_unit_plan.h"
#include "basewise/ops/detail/kept.h"
#include "basewise/ops/native.h"
#include "basewise/ops/pool.h"

namespace basewise::ops {
namespace {

using detail::batch_statistics;
using detail::coefficients;
using detail::differentiable_backward;
using detail::shape_of;
using detail::share_sums;
using detail::UnitPlan;
using detail::UnitSaved;

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;
// The input of a call, as rows or as tokens.
template <class Call>
void take_input(Call& call, const at::Tensor& x) {
  if (is_tokens(x))
    call.tokens = {x.const_data_ptr<std::uint8_t>(), x.stride(0)};
  else
    call.x = rows_of(x);
}

at::Tensor cropped(const at::Tensor& x, std::int64_t left, std::int64_t length) { return x.slice(2, left, left + length); }

const float* numbers(const at::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }

bool learns(const ConvUnit& unit) {
  const auto wanted = [](const at::Tensor& t) { return t.defined() && t.requires_grad(); };
  return at::GradMode::is_enabled() &&
         (wanted(unit.conv.weight) || wanted(unit.conv.bias) || wanted(unit.norm->weight) || wanted(unit.norm->bias));
}

// In evaluation a normalisation whose own gradients nobody wants becomes part of weights and bias.
ConvUnit folded(const ConvUnit& unit) {
  const at::NoGradGuard no_grad;
  ConvUnit result = unit;
  result.norm.reset();
  fold(affine_of(*unit.norm), result.conv.weight, result.conv.bias);
  return result;
}

class UnitFunction : public torch::autograd::Function<UnitFunction> {
 public:
  // torch takes no undefined tensors, only missing ones.
  using Optional = std::optional<at::Tensor>;
  static Optional optional(const at::Tensor& t) { return t.defined() ? Optional(t) : Optional(); }

  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& weight, const Optional& given_bias,
                          const Optional& given_gamma, const Optional& given_beta, const NormPart* norm, const UnitPlan& plan) {
    const at::Tensor bias = given_bias.value_or(at::Tensor()), gamma = given_gamma.value_or(at::Tensor()),
                     beta = given_beta.value_or(at::Tensor());
    const at::Tensor w = weight.contiguous();
    const kernels::ConvShape shape = shape_of(x, w, plan.settings);
    const std::int64_t length = shape.output_length();
    at::Tensor conv = empty_length_major(shape.batch, shape.filters, length, w.options());
    const at::Tensor skip = plan.skip_crop ? cropped(x, *plan.skip_crop, length) : at::Tensor();
    const kernels::Run run = native_run();
    kernels::ConvForward call;
    call.shape = shape;
    take_input(call, x);
    call.weight = numbers(w);
    const at::Tensor offset = bias.defined() ? bias.contiguous() : at::Tensor();
    call.bias = numbers(offset);
    call.y = mutable_rows_of(conv);
    at::Tensor y = conv, kept, statistics, which;
    const bool pools = plan.pool_width > 1;
    kernels::PooledRows pool{plan.pooled(length), plan.pool_width, plan.pool_left, nullptr};
    if (pools && plan.records) {
      which = at::empty({shape.batch, pool.rows, shape.filters}, at::kByte);
      pool.which = which.mutable_data_ptr<std::uint8_t>();
    }
    if (plan.norm || !kernels::derivative_from_value(plan.activation)) {
      const auto filters = static_cast<std::size_t>(shape.filters);
      std::vector<double> mean(filters), squares(filters);
      if (plan.training) call.statistics = {mean.data(), squares.data()};
      kernels::conv_forward(call, run);
      at::Tensor c;
      if (plan.norm) {
        statistics = plan.training ? batch_statistics(*norm, mean, squares, shape.batch * length)
                                   : at::stack({norm->mean(), (norm->variance() + norm->eps).rsqrt()});
        c = coefficients(statistics, gamma, beta);
      }
      kept = conv;
      // Without anybody who wants gradients the plain output is not needed any more.
      if (pools)
        y = empty_length_major(shape.batch, shape.filters, pool.rows, w.options());
      else
        y = plan.records ? empty_length_major(shape.batch, shape.filters, length, w.options()) : conv;
      kernels::Normalise after;
      after.shape = {shape.batch, length, shape.filters};
      after.x = rows_of(conv);
      if (plan.norm) after.centre = numbers(c), after.scale = after.centre + shape.filters, after.shift = after.scale + shape.filters;
      after.activation = plan.activation;
      after.skip = rows_of(skip);
      after.y = mutable_rows_of(y);
      if (pools)
        kernels::normalise_pooled(after, pool, run);
      else
        kernels::normalise(after, run);
    } else {
      call.activation = plan.activation;
      call.skip = rows_of(skip);
      if (plan.activation != kernels::Activation::identity) {
        kept = y;
        // The value before the skip says where the activation was;
        // without a skip the output says it.
        if (skip.defined() && plan.records) {
          kept = empty_length_major(shape.batch, shape.filters, length, w.options());
          call.value = mutable_rows_of(kept);
        }
      }
      kernels::conv_forward(call, run);
      if (pools) {
        y = empty_length_major(shape.batch, shape.filters, pool.rows, w.options());
        kernels::pool_forward(plan.pool(shape.batch, length, shape.filters), kernels::Pooling::largest, rows_of(conv), mutable_rows_of(y),
                              pool.which, run);
        // Where the largest is zero the activation was off: the rows before the pooling are not
        // needed any more.
        if (kept.defined()) kept = y;
      }
    }
    if (!plan.records) return y;
    ctx->save_for_backward({x, weight, bias, gamma, beta, kept, statistics, which});
    detail::keep(ctx, plan);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1], &bias = saved[2], &gamma = saved[3], &beta = saved[4], &kept = saved[5],
                   &statistics = saved[6], &which = saved[7];
    const auto plan = detail::kept<UnitPlan>(ctx);
    variable_list result(7);
    if (!gradients[0].defined()) return result;
    if (at::GradMode::is_enabled()) {
      const std::vector<at::Tensor> five =
          differentiable_backward(plan, {x, weight, bias, gamma, beta, kept, statistics, which}, gradients[0]);
      std::copy(five.begin(), five.end(), result.begin());
      return result;
    }
    const at::Tensor dy = length_major(gradients[0]), w = weight.contiguous();
    const kernels::Run run = native_run();
    kernels::ConvBackward call;
    call.shape = shape_of(x, w, plan.settings);
    call.gradient.dy = rows_of(dy);
    call.gradient.activation = plan.activation;
    if (which.defined()) {
      const std::int64_t length = call.shape.output_length();
      call.gradient.pool = {which.const_data_ptr<std::uint8_t>(), plan.pooled(length), length, plan.pool_width, plan.pool_left};
    }
    at::Tensor c, factors;
    if (plan.norm) {
      c = coefficients(statistics, gamma, beta);
      factors = norm_gradient(call, plan, kept, c, statistics, gamma, run, result);
    } else if (!kernels::derivative_from_value(plan.activation)) {
      call.gradient.x = rows_of(kept);
    } else if (plan.activation != kernels::Activation::identity) {
      call.gradient.value = rows_of(kept);
    }
    take_input(call, x);
    call.weight = numbers(w);
    if (ctx->needs_input_grad(0)) {
      result[0] = empty_length_major(x.size(0), x.size(1), x.size(2), x.options());
      call.dx = mutable_rows_of(result[0]);
      if (plan.skip_crop) call.skip_gradient = rows_of(dy), call.skip_crop = *plan.skip_crop, call.skip_length = dy.size(2);
    }
    if (ctx->needs_input_grad(1)) {
      result[1] = at::empty(w.sizes(), w.options().requires_grad(std::nullopt));
      call.dweight = result[1].mutable_data_ptr<float>();
    }
    if (bias.defined() && plan.norm && plan.training) {
      result[2] = at::zeros_like(bias);  // the mean of the batch takes any bias away again
    } else if (bias.defined() && ctx->needs_input_grad(2)) {
      result[2] = at::empty(bias.sizes(), w.options().requires_grad(std::nullopt));
      call.dbias = result[2].mutable_data_ptr<float>();
    }
    if (call.dx || call.dweight != nullptr || call.dbias != nullptr) kernels::conv_backward(call, run);
    return result;
  }

 private:
  // Gradients of scale and shift, and (3, filters) gain, slope and offset:
  // d conv = gain g + slope (conv - mean) + offset.
  static at::Tensor norm_gradient(kernels::ConvBackward& call, const UnitPlan& plan, const at::Tensor& conv, const at::Tensor& c,
                                  const at::Tensor& statistics, const Variable& gamma, const kernels::Run& run, variable_list& result) {
    const std::int64_t filters = call.shape.filters, rows = call.shape.output_length();
    kernels::OutputGradient& g = call.gradient;
    g.x = rows_of(conv);
    g.centre = numbers(c), g.scale = g.centre + filters, g.shift = g.scale + filters;
    std::vector<double> sum(static_cast<std::size_t>(filters)), product(sum.size());
    if (plan.training || gamma.defined()) kernels::gradient_sums({call.shape.batch, rows, filters}, g, sum.data(), product.data(), run);
    const auto count = static_cast<double>(call.shape.batch * rows);
    at::Tensor factors = at::zeros({3, filters});
    auto* to = factors.mutable_data_ptr<float>();
    const float* inverse = numbers(statistics) + filters;
    std::vector<double> batch_sum = sum, batch_product = product;
    if (plan.paired) share_sums(batch_sum), share_sums(batch_product);
    if (gamma.defined()) result[3] = at::empty({filters}), result[4] = at::empty({filters});
    for (std::int64_t f = 0; f < filters; ++f) {
      const auto i = static_cast<std::size_t>(f);
      const double s = double{inverse[f]}, gain = double{g.scale[f]};
      to[f] = static_cast<float>(gain);
      if (plan.training) {
        to[filters + f] = static_cast<float>(-gain * s * s * batch_product[i] / count);
        to[2 * filters + f] = static_cast<float>(-gain * batch_sum[i] / count);
      }
      if (!gamma.defined()) continue;
      result[3].mutable_data_ptr<float>()[f] = static_cast<float>(s * product[i]);
      result[4].mutable_data_ptr<float>()[f] = static_cast<float>(sum[i]);
    }
    g.gain = to, g.slope = to + filters, g.offset = to + 2 * filters;
    return factors;
  }
};

void check_norm(const at::Tensor& x, const ConvUnit& unit) {
  const kernels::ConvShape shape = shape_of(x, unit.conv.weight, unit.conv.settings);
  if (!unit.norm || !unit.norm->training) return;
  if (shape.batch * shape.output_length() < 2)
    throw ShapeError(
        format("batch_norm in training got a single value per channel (shape ({}, {}, {})); it needs at least 2 to have a variance",
               shape.batch, shape.filters, shape.output_length()));
  unit.norm->batches.add_(1);
}

}  // namespace

bool takes(const at::Tensor& x, const ConvPart& conv) {
  if (is_tokens(x)) {
    if (!native(conv.weight) || !x.device().is_cpu() || x.stride(1) != 1 || x.size(0) == 0) return false;
    const kernels::ConvShape shape = shape_of(x, conv.weight, conv.settings);
    return kernels::takes_tokens(shape, kernels::default_isa()) && shape.output_length() > 0;
  }
  if (!native(x) || !native(conv.weight) || x.dim() != 3 || x.size(0) == 0) return false;
  if (has_thin_groups(conv, x.size(1))) return false;
  return shape_of(x, conv.weight, conv.settings).output_length() > 0;
}

bool has_thin_groups(const ConvPart& conv, std::int64_t channels) {
  constexpr std::int64_t kFew = 8;
  const std::int64_t groups = conv.settings.groups;
  return groups > 1 && (channels / groups < kFew || conv.weight.size(0) / groups < kFew);
}

bool join(ConvUnit& unit, const NormPart& norm) {
  if (unit.norm || unit.activation || unit.pool || (norm.weight.defined() && !native(norm.weight))) return false;
  unit.norm = norm;
  return true;
}

bool join(ConvUnit& unit, const ActivationPart& activation) {
  if (unit.activation || unit.pool) return false;
  unit.activation = activation;
  return true;
}

bool join(ConvUnit& unit, const PoolPart& pool) {
  const bool tiles = pool.kind == kernels::Pooling::largest && !pool.global && pool.width == pool.stride && pool.width > 1;
  if (unit.pool || !tiles) return false;
  unit.pool = pool;
  return true;
}

Affine affine_of(const NormPart& norm) {
  Affine a{(norm.variance() + norm.eps).rsqrt(), {}};
  if (norm.weight.defined()) a.scale = a.scale * norm.weight;
  a.shift = -norm.mean() * a.scale;
  if (norm.bias.defined()) a.shift = a.shift + norm.bias;
  return a;
}

void fold(const Affine& after, at::Tensor& weight, at::Tensor& bias) {
  std::vector<std::int64_t> column(static_cast<std::size_t>(weight.dim()), 1);
  column[0] = -1;
  weight = weight * after.scale.view(column);
  bias = bias.defined() ? bias * after.scale + after.shift : after.shift;
}

at::Tensor apply(const ConvUnit& unit, const at::Tensor& input) {
  // Profilers see this name; torch's own functions announce themselves.
  RECORD_FUNCTION("basewise::convolution", c10::ArrayRef<const c10::IValue>());
  if (unit.norm && !unit.norm->training && !learns(unit)) return apply(folded(unit), input);
  const at::Tensor x = is_tokens(input) ? input : length_major(input);
  UnitPlan plan{unit.conv.settings,
                unit.activation ? unit.activation->kind : kernels::Activation::identity,
                unit.norm.has_value(),
                unit.norm && unit.norm->training,
                unit.norm && unit.norm->paired,
                unit.norm ? unit.norm->eps : 0.0,
                unit.skip_crop};
  if (unit.pool) plan.pool_width = unit.pool->width, plan.pool_left = unit.pool->pad_left, plan.pool_right = unit.pool->pad_right;
  check_norm(x, unit);
  if (at::GradMode::is_enabled())
    for (const at::Tensor* t : {&x, &unit.conv.weight, &unit.conv.bias})
      plan.records = plan.records || (t->defined() && t->requires_grad());
  if (at::GradMode::is_enabled() && unit.norm && unit.norm->weight.defined())
    plan.records = plan.records || unit.norm->weight.requires_grad();
  ++counts().basewise;
  const NormPart none;
  const NormPart& norm = unit.norm ? *unit.norm : none;
  using F = UnitFunction;
  return F::apply(x, unit.conv.weight, F::optional(unit.conv.bias), F::optional(norm.weight), F::optional(norm.bias), &norm, plan);
}

}  // namespace basewise::ops
