#include "basewise/nn/detail/losses_rates.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "basewise/core/error.h"
#include "basewise/nn/detail/base_loss.h"

namespace basewise::nn::detail {
namespace {

at::Tensor number(double x, const at::Tensor& like) { return at::full({}, x, like.options()); }

/// log y!, or the approximation that TensorFlow calls the full Poisson loss.
at::Tensor log_factorial(const at::Tensor& y, bool stirling) {
  if (!stirling) return at::lgamma(y + 1);
  const at::Tensor large = y.gt(1), safe = at::where(large, y, number(1, y));
  return at::where(large, safe * safe.log() - safe + 0.5 * (2 * std::numbers::pi * safe).log(), number(0, y));
}

/// Output and target of a batch, changed as the options say, 0 where they are not measured.
struct Pair {
  at::Tensor x;
  at::Tensor y;
  at::Tensor measured;  // bool, undefined: all
};

class RateLoss : public BaseLoss {
 public:
  using BaseLoss::BaseLoss;

 protected:
  Pair pair_of(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask, const at::Tensor& weight) const {
    const at::Tensor measured = weighed_mask(bool_mask(mask, output), weight, output);
    return pair_of(output, fitted_target(output, target), measured);
  }

  // With a target of the shape of the output, and what is measured of it.
  Pair pair_of(const at::Tensor& output, const at::Tensor& fitted, const at::Tensor& measured) const {
    return {transformed(blank(output, measured), options_), transformed(blank(fitted, measured), options_), measured};
  }

  // What is not measured becomes 1, of which logarithms and quotients are finite.
  static at::Tensor safe(const Pair& p) { return p.measured.defined() ? at::where(p.measured, p.x, number(1, p.x)) : p.x; }

  static at::Tensor ones_where(const Pair& p) { return p.measured.defined() ? p.measured.to(p.x.scalar_type()) : at::ones_like(p.x); }

  at::Tensor log(const at::Tensor& rate) const { return (rate + options_.epsilon).log(); }
};

class Poisson : public RateLoss {
 public:
  using RateLoss::RateLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    const at::Tensor measured = weighed_mask(bool_mask(mask, output), weight, output);
    const at::Tensor fitted = fitted_target(output, target);
    if (!options_.factorials && !transforms(options_)) {
      const ops::PointLossOptions o{options_.log_input ? kernels::PointLoss::log_poisson : kernels::PointLoss::poisson, options_.epsilon};
      if (const at::Tensor fast = in_one_pass(output, fitted, measured, o, weight); fast.defined()) return fast;
    }
    const Pair p = pair_of(output, fitted, measured);
    // Where the rate is masked its logarithm would be -inf times 0: epsilon may be 0.
    const at::Tensor rate = options_.log_input ? p.x : safe(p);
    at::Tensor values = options_.log_input ? p.x.exp() - p.y * p.x : rate - p.y * log(rate);
    if (options_.factorials) values = values + log_factorial(p.y, options_.stirling);
    return reduce(blank(values, p.measured), p.measured, weight);
  }
};

/// One value for each (example, channel), which sees all its positions.
class PoissonMultinomial : public RateLoss {
 public:
  using RateLoss::RateLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    if (output.dim() < 2)
      throw ShapeError(format("poisson_multinomial got an output of shape {}, expected (N, channels, positions) or (N, positions)",
                              shape_text(output.sizes())));
    const Pair p = pair_of(output, target, mask, weight);
    const at::Tensor w = position_weights(p.x) * ones_where(p);
    const at::Tensor x = p.x * w, y = p.y * w;
    const at::Tensor sum_x = x.sum(-1), sum_y = y.sum(-1), sum_w = w.sum(-1);
    const at::Tensor total = sum_x - sum_y * (sum_x + options_.epsilon).clamp_min(kTiny).log();
    // A row that predicts nothing at all has no shares; the logarithm stays finite.
    const at::Tensor log_sum = sum_x.clamp_min(kTiny).log().unsqueeze(-1);
    const at::Tensor log_share = (at::where(w.gt(0), x, number(1, x)) + options_.epsilon).log() - log_sum;
    const at::Tensor shares = blank(-(y + options_.epsilon) * log_share, p.measured).sum(-1);
    const at::Tensor values = (shares + options_.total_weight * total) / sum_w.clamp_min(kTiny);
    const at::Tensor rows = p.measured.defined() ? p.measured.any(-1) : at::Tensor();
    return reduce(blank(values, rows), rows, weight);
  }

 protected:
  at::Tensor values_of(const at::Tensor& output) const override { return output.select(-1, 0); }
  at::Tensor measured_values(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const override {
    const at::Tensor positions = weighed_mask(bool_mask(mask, output), weight, output);
    return positions.defined() ? positions.any(-1) : positions;
  }

 private:
  static constexpr double kTiny = 1e-30;

  at::Tensor position_weights(const at::Tensor& like) const {
    const std::int64_t length = like.size(-1);
    if (options_.position_range <= 1 || length < 2) return at::ones({length}, like.options());
    const double half = static_cast<double>(length) / 2 - 0.5;
    const double scale = half / std::pow(std::log(options_.position_range), 1 / options_.position_exponent);
    const at::Tensor distance = (at::arange(length, like.options()) - half).abs() / scale;
    const at::Tensor w = (-distance.pow(options_.position_exponent)).exp();
    return w / w.max();
  }
};

/// One value for each (example, position), which sees all its channels.
class ChannelLoss : public RateLoss {
 public:
  using RateLoss::RateLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    if (output.dim() < 2)
      throw ShapeError(format("{} got an output of shape {}, expected (N, channels) or (N, channels, positions)", options_.type,
                              shape_text(output.sizes())));
    const Pair p = pair_of(output, target, mask, weight);
    const at::Tensor counted = ones_where(p);
    const at::Tensor values = of_channels(p, counted, counted.sum(1, true).clamp_min(1));
    const at::Tensor rows = p.measured.defined() ? p.measured.any(1) : at::Tensor();
    return reduce(blank(values, rows), rows, weight);
  }

 protected:
  at::Tensor values_of(const at::Tensor& output) const override { return output.select(1, 0); }
  at::Tensor measured_values(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const override {
    const at::Tensor all = weighed_mask(bool_mask(mask, output), weight, output);
    return all.defined() ? all.any(1) : all;
  }

  /// `counted` is 1 where a channel is measured, else 0; `n` their number, (N, 1, ...).
  virtual at::Tensor of_channels(const Pair& p, const at::Tensor& counted, const at::Tensor& n) const = 0;
};

class PoissonKl : public ChannelLoss {
 public:
  using ChannelLoss::ChannelLoss;

 protected:
  at::Tensor of_channels(const Pair& p, const at::Tensor& counted, const at::Tensor& n) const override {
    const at::Tensor rate = safe(p);
    const at::Tensor point = blank(rate - p.y * log(rate), p.measured).sum(1) / n.squeeze(1);
    const auto shares = [&](const at::Tensor& z) {
      const at::Tensor above = blank(z + options_.epsilon, p.measured);
      return above / at::where(counted.sum(1, true).gt(0), above.sum(1, true), number(1, z));
    };
    const at::Tensor measured = counted.gt(0), q = shares(p.y), r = shares(p.x);
    const auto safe_log = [&](const at::Tensor& share) { return at::where(measured, share, number(1, share)).log(); };
    // Shares of 0 count nothing, as x log x goes to 0.
    const at::Tensor some = at::where(q.gt(0), q, number(1, q));
    const at::Tensor divergence = blank(q * (some.log() - safe_log(r)), p.measured).sum(1);
    return point + options_.specificity_weight * divergence;
  }
};

class MseUdot : public ChannelLoss {
 public:
  using ChannelLoss::ChannelLoss;

 protected:
  at::Tensor of_channels(const Pair& p, const at::Tensor& counted, const at::Tensor& n) const override {
    const auto centred = [&](const at::Tensor& z) { return (z - z.sum(1, true) / n) * counted; };
    const at::Tensor square = (p.x - p.y).square(), product = centred(p.x) * centred(p.y);
    return (square - options_.specificity_weight * product).sum(1) / n.squeeze(1);
  }
};

class NegativeBinomial : public RateLoss {
 public:
  using RateLoss::RateLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    return with(number(1 / options_.overdispersion, output), output, target, mask, weight);
  }
  at::Tensor beside(const at::Tensor& second, const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                    const at::Tensor& weight) const override {
    const at::Tensor measured = second.sizes() == output.sizes() ? weighed_mask(bool_mask(mask, output), weight, output) : at::Tensor();
    return with(1 / at::softplus(blank(second, measured).clamp(-kBound, kBound)), output, target, mask, weight);
  }

 private:
  static constexpr double kBound = 50;

  at::Tensor with(const at::Tensor& k, const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                  const at::Tensor& weight) const {
    const Pair p = pair_of(output, target, mask, weight);
    const at::Tensor mean = safe(p) + options_.epsilon, together = (mean + k).log();
    at::Tensor values = at::lgamma(k) - at::lgamma(p.y + k) - p.y * (mean.log() - together) - k * (k.log() - together);
    if (options_.factorials) values = values + log_factorial(p.y, options_.stirling);
    if (values.sizes() != output.sizes())
      throw ShapeError(format("the dispersion has shape {}, which does not spread over the output of shape {}", shape_text(k.sizes()),
                              shape_text(output.sizes())));
    return reduce(blank(values, p.measured), p.measured, weight);
  }
};

class Gamma : public RateLoss {
 public:
  using RateLoss::RateLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    const Pair p = pair_of(output, target, mask, weight);
    const at::Tensor mean = safe(p) + options_.epsilon;
    return reduce(blank(p.y / mean + mean.log(), p.measured), p.measured, weight);
  }
};

}  // namespace

bool transforms(const LossOptions& o) { return o.target_clip > 0 || o.target_sqrt; }

at::Tensor transformed(const at::Tensor& x, const LossOptions& o) {
  at::Tensor y = o.target_clip > 0 ? x.clamp(0, o.target_clip) : x;
  if (!o.target_sqrt) return y;
  const at::Tensor above = y.gt(0);
  return at::where(above, at::where(above, y, number(1, y)).sqrt(), number(0, y));
}

std::unique_ptr<Loss> make_rate_loss(const LossOptions& options) {
  switch (options.type) {
    case LossType::poisson:
      if (options.log_input && transforms(options))
        throw ArgumentError("target_clip and target_sqrt are of rates, not of their logarithms: set log_input = false");
      return std::make_unique<Poisson>(options);
    case LossType::poisson_multinomial:
      return std::make_unique<PoissonMultinomial>(options);
    case LossType::poisson_kl:
      return std::make_unique<PoissonKl>(options);
    case LossType::mse_udot:
      return std::make_unique<MseUdot>(options);
    case LossType::negative_binomial:
      return std::make_unique<NegativeBinomial>(options);
    case LossType::gamma:
      return std::make_unique<Gamma>(options);
    default:
      throw InternalError("a loss that is named but not written");
  }
}

}  // namespace basewise::nn::detail
