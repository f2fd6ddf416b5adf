#include "basewise/nn/detail/conv_unit.h"

#include <cmath>
#include <vector>

#include "basewise/core/error.h"
#include "basewise/kernels/normalise.h"
#include "basewise/nn/detail/native.h"
#include "basewise/nn/detail/native_layers.h"

namespace basewise::nn::detail {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Variable;
using torch::autograd::variable_list;

// Everything about a unit that is no tensor, and what its backward pass needs to know besides the saved tensors.
struct Plan {
  ConvSettings settings;
  kernels::Activation activation = kernels::Activation::identity;
  bool norm = false;
  bool training = false;
  bool paired = false;
  double eps = 0;
  std::optional<std::int64_t> skip_crop;
  std::int64_t pool_width = 1;  // 1: no pooling
  std::int64_t pool_left = 0;
  std::int64_t pool_right = 0;
  bool records = false;  // somebody may ask for gradients

  std::int64_t pooled(std::int64_t length) const { return (length + pool_left + pool_right - pool_width) / pool_width + 1; }

  std::vector<std::int64_t> numbers() const {
    const ConvSettings& s = settings;
    return {s.stride,
            s.dilation,
            s.groups,
            s.pad_left,
            s.pad_right,
            static_cast<std::int64_t>(activation),
            norm,
            training,
            skip_crop.has_value(),
            skip_crop.value_or(0),
            pool_width,
            pool_left,
            pool_right,
            paired};
  }
  static Plan from(const std::vector<std::int64_t>& n, double eps) {
    Plan p;
    p.settings = {n[0], n[1], n[2], n[3], n[4]};
    p.activation = static_cast<kernels::Activation>(n[5]);
    p.norm = n[6] != 0, p.training = n[7] != 0, p.eps = eps;
    if (n[8] != 0) p.skip_crop = n[9];
    p.pool_width = n[10], p.pool_left = n[11], p.pool_right = n[12];
    p.paired = n[13] != 0;
    return p;
  }
};

kernels::ConvShape shape_of(const at::Tensor& x, const at::Tensor& weight, const ConvSettings& s) {
  const bool letters = is_letters(x);
  return {x.size(0),
          letters ? x.size(1) : x.size(2),
          letters ? 4 : x.size(1),
          weight.size(0),
          weight.size(2),
          s.stride,
          s.dilation,
          s.groups,
          s.pad_left,
          s.pad_right};
}

// The input of a call, as rows or as letters.
template <class Call>
void take_input(Call& call, const at::Tensor& x) {
  if (is_letters(x))
    call.letters = {x.const_data_ptr<std::uint8_t>(), x.stride(0)};
  else
    call.x = rows_of(x);
}

at::Tensor cropped(const at::Tensor& x, std::int64_t left, std::int64_t length) { return x.slice(2, left, left + length); }

const float* numbers(const at::Tensor& t) { return t.defined() ? t.const_data_ptr<float>() : nullptr; }

// Statistics of two channels as one: each gets the common mean and half of the squared distances from it.
void share_statistics(std::vector<double>& mean, std::vector<double>& squares, std::int64_t count) {
  for (std::size_t c = 0, d = mean.size() - 1; c < d; ++c, --d) {
    const double half = (mean[c] - mean[d]) / 2;
    mean[c] = mean[d] = (mean[c] + mean[d]) / 2;
    squares[c] = squares[d] = (squares[c] + squares[d]) / 2 + static_cast<double>(count) * half * half;
  }
}

// The mean over two channels in both of them.
void share_sums(std::vector<double>& sums) {
  for (std::size_t c = 0, d = sums.size() - 1; c < d; ++c, --d) sums[c] = sums[d] = (sums[c] + sums[d]) / 2;
}

// Mean and 1 / standard deviation of a batch, as (2, filters); running estimates move along.
at::Tensor batch_statistics(const NormPart& norm, std::vector<double>& mean, std::vector<double>& squares, std::int64_t count) {
  const auto filters = static_cast<std::int64_t>(mean.size());
  if (norm.paired) share_statistics(mean, squares, count);
  const double observed = static_cast<double>(norm.paired ? 2 * count : count);  // values behind each variance
  at::Tensor result = at::empty({2, filters});
  auto* to = result.mutable_data_ptr<float>();
  auto* running_mean = norm.running_mean.mutable_data_ptr<float>();
  auto* running_variance = norm.running_variance.mutable_data_ptr<float>();
  for (std::int64_t f = 0; f < filters; ++f) {
    const auto i = static_cast<std::size_t>(f);
    const double variance = squares[i] / static_cast<double>(count), unbiased = variance * observed / (observed - 1);
    to[f] = static_cast<float>(mean[i]);
    to[filters + f] = static_cast<float>(1.0 / std::sqrt(variance + norm.eps));
    if (f >= norm.running_mean.size(0)) continue;
    running_mean[f] = static_cast<float>((1.0 - norm.momentum) * double{running_mean[f]} + norm.momentum * mean[i]);
    running_variance[f] = static_cast<float>((1.0 - norm.momentum) * double{running_variance[f]} + norm.momentum * unbiased);
  }
  return result;
}

// (3, filters): centre, scale and shift of the normalisation.
at::Tensor coefficients(const at::Tensor& statistics, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor scale = weight.defined() ? statistics[1] * weight : statistics[1];
  return at::stack({statistics[0], scale, bias.defined() ? bias.detach() : at::zeros_like(scale)}).contiguous();
}

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

// The same unit in torch's own functions, for gradients of gradients.
variable_list differentiable_backward(const Plan& plan, const Variable& input, const Variable& weight, const Variable& bias,
                                      const Variable& gamma, const Variable& beta, const at::Tensor& statistics, const at::Tensor& which,
                                      const Variable& given_dy) {
  const ConvSettings& s = plan.settings;
  at::Tensor dy = given_dy;
  if (plan.pool_width > 1) {
    const std::vector<std::int64_t> sizes{input.size(0),   weight.size(0),  shape_of(input, weight, s).output_length(),
                                          plan.pool_width, plan.pool_width, plan.pool_left,
                                          plan.pool_right};
    dy = differentiable_pool_backward(sizes, kernels::Pooling::largest, which, dy);
  }
  const std::vector<std::int64_t> stride{s.stride}, padding{0}, dilation{s.dilation};
  const at::Tensor x = is_letters(input) ? one_hot_of(input, weight.scalar_type()) : input;
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
  return {is_letters(input) ? at::Tensor() : dx, dw, biased ? db : bias.defined() ? at::zeros_like(bias) : at::Tensor(), dgamma, dbeta};
}

// In evaluation nobody's gradients pass through the normalisation: it becomes part of weights and bias.
ConvUnit folded(const ConvUnit& unit) {
  const NormPart& norm = *unit.norm;
  const at::NoGradGuard no_grad;
  at::Tensor scale = (norm.variance() + norm.eps).rsqrt();
  if (norm.weight.defined()) scale = scale * norm.weight;
  const at::Tensor mean = norm.mean();
  at::Tensor shift = (unit.conv.bias.defined() ? unit.conv.bias - mean : -mean) * scale;
  if (norm.bias.defined()) shift = shift + norm.bias;
  ConvUnit result = unit;
  result.norm.reset();
  result.conv.weight = unit.conv.weight * scale.view({-1, 1, 1});
  result.conv.bias = shift;
  return result;
}

class UnitFunction : public torch::autograd::Function<UnitFunction> {
 public:
  // torch takes no undefined tensors, only missing ones.
  using Optional = std::optional<at::Tensor>;
  static Optional optional(const at::Tensor& t) { return t.defined() ? Optional(t) : Optional(); }

  static Variable forward(AutogradContext* ctx, const Variable& x, const Variable& weight, const Optional& given_bias,
                          const Optional& given_gamma, const Optional& given_beta, const NormPart* norm, const Plan& plan) {
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
        // The value before the skip says where the activation was; without a skip the output says it.
        if (skip.defined() && plan.records) {
          kept = empty_length_major(shape.batch, shape.filters, length, w.options());
          call.value = mutable_rows_of(kept);
        }
      }
      kernels::conv_forward(call, run);
      if (pools) {
        y = empty_length_major(shape.batch, shape.filters, pool.rows, w.options());
        const kernels::PoolShape windows{shape.batch,     length,         shape.filters,  plan.pool_width,
                                         plan.pool_width, plan.pool_left, plan.pool_right};
        kernels::pool_forward(windows, kernels::Pooling::largest, rows_of(conv), mutable_rows_of(y), pool.which, run);
        // Where the largest is zero the activation was off: the rows before the pooling are not needed any more.
        if (kept.defined()) kept = y;
      }
    }
    if (!plan.records) return y;
    ctx->save_for_backward({x, weight, bias, gamma, beta, kept, statistics, which});
    ctx->saved_data["plan"] = plan.numbers();
    ctx->saved_data["eps"] = plan.eps;
    return y;
  }

  static variable_list backward(AutogradContext* ctx, const variable_list& gradients) {
    const variable_list saved = ctx->get_saved_variables();
    const Variable &x = saved[0], &weight = saved[1], &bias = saved[2], &gamma = saved[3], &beta = saved[4], &kept = saved[5],
                   &statistics = saved[6], &which = saved[7];
    const Plan plan = Plan::from(ctx->saved_data["plan"].toIntVector(), ctx->saved_data["eps"].toDouble());
    variable_list result(7);
    if (!gradients[0].defined()) return result;
    if (at::GradMode::is_enabled()) {
      const variable_list five = differentiable_backward(plan, x, weight, bias, gamma, beta, statistics, which, gradients[0]);
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
  // Gradients of scale and shift, and (3, filters) gain, slope and offset: d conv = gain g + slope (conv - mean) + offset.
  static at::Tensor norm_gradient(kernels::ConvBackward& call, const Plan& plan, const at::Tensor& conv, const at::Tensor& c,
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
  constexpr std::int64_t kFewChannels = 8;  // per group; below it a register is mostly empty
  if (is_letters(x)) {
    if (!native(conv.weight) || !x.device().is_cpu() || x.stride(1) != 1 || x.size(0) == 0) return false;
    const kernels::ConvShape shape = shape_of(x, conv.weight, conv.settings);
    return kernels::takes_letters(shape, kernels::default_isa()) && shape.output_length() > 0;
  }
  if (!native(x) || !native(conv.weight) || x.dim() != 3 || x.size(0) == 0) return false;
  if (conv.settings.groups > 1 &&
      (x.size(1) / conv.settings.groups < kFewChannels || conv.weight.size(0) / conv.settings.groups < kFewChannels))
    return false;
  return shape_of(x, conv.weight, conv.settings).output_length() > 0;
}

bool joins(const PoolPart& pool) {
  return pool.kind == kernels::Pooling::largest && !pool.global && pool.width == pool.stride && pool.width > 1;
}

at::Tensor apply(const ConvUnit& unit, const at::Tensor& input) {
  // Profilers see this name; torch's own functions announce themselves.
  RECORD_FUNCTION("basewise::convolution", c10::ArrayRef<const c10::IValue>());
  if (unit.norm && !unit.norm->training && !at::GradMode::is_enabled()) return apply(folded(unit), input);
  const at::Tensor x = is_letters(input) ? input : length_major(input);
  Plan plan{unit.conv.settings,
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

}  // namespace basewise::nn::detail
