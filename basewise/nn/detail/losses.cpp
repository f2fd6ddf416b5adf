#include "basewise/nn/detail/losses.h"

#include <algorithm>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/ops/point_loss.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn::detail {
namespace {

// The mask as bool with as many axes as `like`, whose leading axes it must have;
// undefined stays undefined.
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

// The target in the shape and type of the output. Broadcasting (N) against (N, 1) would silently
// make (N, N).
at::Tensor fitted_target(const at::Tensor& output, const at::Tensor& target) {
  at::Tensor y = target;
  if (y.dim() == output.dim() - 1 && output.size(-1) == 1) y = y.unsqueeze(-1);
  if (y.sizes() != output.sizes())
    throw ShapeError(
        format("the output has shape {}, the target {}; they must be equal", shape_text(output.sizes()), shape_text(target.sizes())));
  return y.to(output.scalar_type());
}

// Zero with zero gradient wherever the mask is false: what stood there, NaN included, is gone.
at::Tensor blank(const at::Tensor& values, const at::Tensor& mask) {
  return mask.defined() ? at::where(mask, values, at::zeros({}, values.options())) : values;
}

// Numbers of the examples (N) beside values (N, ...).
at::Tensor along_examples(const at::Tensor& weight, const at::Tensor& values) {
  if (weight.dim() != 1 || values.dim() < 1 || weight.size(0) != values.size(0))
    throw ShapeError(format("the weights of the examples have shape {}, expected ({})", shape_text(weight.sizes()), values.size(0)));
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(values.dim()), 1);
  sizes[0] = weight.size(0);
  return weight.to(values.scalar_type()).view(sizes);
}

// What is measured, without the examples of weight 0.
at::Tensor weighed_mask(const at::Tensor& mask, const at::Tensor& weight, const at::Tensor& like) {
  if (!weight.defined()) return mask;
  const at::Tensor counts = along_examples(weight, like).ne(0).expand_as(like);
  return mask.defined() ? mask.logical_and(counts) : counts;
}

class BaseLoss : public Loss {
 public:
  explicit BaseLoss(LossOptions options) : options_(std::move(options)) {}

  double measured(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const override {
    const at::Tensor values = values_of(output);
    if (options_.reduction == Reduction::sum) return static_cast<double>(values.size(0));
    const at::Tensor counted = measured_values(output, mask, weight);
    return counted.defined() ? counted.sum().item<double>() : static_cast<double>(values.numel());
  }

 protected:
  // A tensor of the shape of the values that are reduced; what it holds does not matter.
  virtual at::Tensor values_of(const at::Tensor& output) const { return output; }

  // Which of them are measured; undefined: all.
  virtual at::Tensor measured_values(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const {
    return weighed_mask(bool_mask(mask, values_of(output)), weight, values_of(output));
  }

  // `values` is 0 where `mask` is false.
  at::Tensor reduce(const at::Tensor& values, const at::Tensor& mask, const at::Tensor& weight) const {
    const at::Tensor sum = weight.defined() ? (values * along_examples(weight, values)).sum() : values.sum();
    if (options_.reduction == Reduction::sum) return sum / static_cast<double>(std::max<std::int64_t>(values.size(0), 1));
    if (mask.defined()) return sum / mask.sum().clamp_min(1);
    return sum / static_cast<double>(std::max<std::int64_t>(values.numel(), 1));
  }

  // Number against number in one pass of basewise's kernels, reduced the same way;
  // undefined where they do not take it.
  at::Tensor in_one_pass(const at::Tensor& x, const at::Tensor& y, const at::Tensor& mask, const ops::PointLossOptions& o,
                         const at::Tensor& example_weight, const at::Tensor& weight = {}) const {
    if (example_weight.defined() || !ops::takes_loss(x, y)) return {};
    double divisor = static_cast<double>(x.numel());
    if (options_.reduction == Reduction::sum)
      divisor = static_cast<double>(x.size(0));
    else if (mask.defined())
      divisor = static_cast<double>(std::max<std::int64_t>(mask.sum().item<std::int64_t>(), 1));
    return ops::point_loss(x, y, mask, weight, o, divisor);
  }

  // Class weights along axis 1 of `like`, one for all or one each.
  at::Tensor class_weights(const at::Tensor& like, bool one_is_enough) const {
    const auto given = static_cast<std::int64_t>(options_.class_weights.size());
    const std::int64_t channels = like.dim() > 1 ? like.size(1) : 1;
    if (given != channels && !(one_is_enough && given == 1))
      throw ShapeError(
          format("class_weights has {} values, the output of shape {} has {} channels", given, shape_text(like.sizes()), channels));
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(like.dim()), 1);
    if (like.dim() > 1) sizes[1] = given;
    return to_tensor(options_.class_weights, {given}).to(like.options()).view(sizes);
  }

  LossOptions options_;
};

class BinaryCrossEntropy : public BaseLoss {
 public:
  using BaseLoss::BaseLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    const at::Tensor measured = weighed_mask(bool_mask(mask, output), weight, output), fitted = fitted_target(output, target);
    const at::Tensor of_class = options_.class_weights.empty() ? at::Tensor() : class_weights(output, true).expand_as(output);
    const ops::PointLossOptions o{kernels::PointLoss::cross_entropy, 0, options_.label_smoothing};
    if (const at::Tensor fast = in_one_pass(output, fitted, measured, o, weight, of_class); fast.defined()) return fast;
    const at::Tensor x = blank(output, measured);
    at::Tensor y = blank(fitted, measured);
    if (options_.label_smoothing > 0) y = y * (1 - options_.label_smoothing) + options_.label_smoothing / 2;
    std::optional<at::Tensor> positive;
    // torch wants the weights in the shape that broadcasts over the last axis;
    // expanded, every axis fits.
    if (of_class.defined()) positive = of_class;
    return reduce(blank(at::binary_cross_entropy_with_logits(x, y, {}, positive, at::Reduction::None), measured), measured, weight);
  }
};

class CrossEntropy : public BaseLoss {
 public:
  using BaseLoss::BaseLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    if (output.dim() < 2)
      throw ShapeError(format("cross_entropy got an output of shape {}, expected (N, classes, ...)", shape_text(output.sizes())));
    // One value, and one bit of mask, per example and position: axis 1 is summed.
    const at::Tensor measured = measured_values(output, mask, weight);
    const at::Tensor q = probabilities(output, target, measured);
    const at::Tensor wide = measured.defined() ? measured.unsqueeze(1).expand_as(output) : measured;
    const at::Tensor log_p = at::log_softmax(blank(output, wide), 1);
    at::Tensor values = q * log_p;
    if (!options_.class_weights.empty()) values = values * class_weights(output, false);
    return reduce(blank(-values.sum(1), measured), measured, weight);
  }

 protected:
  at::Tensor values_of(const at::Tensor& output) const override { return output.select(1, 0); }

  // An example of which the share of some class is missing is not measured.
  at::Tensor measured_values(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const override {
    const bool of_classes = mask.defined() && mask.sizes() == output.sizes();
    return BaseLoss::measured_values(output, of_classes ? mask.ne(0).all(1) : mask, weight);
  }

 private:
  at::Tensor probabilities(const at::Tensor& output, const at::Tensor& target, const at::Tensor& measured) const {
    const std::int64_t classes = output.size(1);
    at::Tensor q;
    if (target.sizes() == output.sizes()) {
      q = blank(target.to(output.scalar_type()), measured.defined() ? measured.unsqueeze(1).expand_as(output) : measured);
    } else {
      if (target.sizes() != output.select(1, 0).sizes())
        throw ShapeError(format("the output has shape {}, the target {}; expected class numbers of shape {} or probabilities of shape {} "
                                "(of a table, a column of 0 and 1 for each class)",
                                shape_text(output.sizes()), shape_text(target.sizes()), shape_text(output.select(1, 0).sizes()),
                                shape_text(output.sizes())));
      const at::Tensor numbers = blank(target, measured), index = numbers.to(at::kLong);
      if (numbers.is_floating_point() && !at::equal(numbers, numbers.floor()))
        throw ArgumentError(format("a target class is {}; classes are whole numbers, 0 to {}",
                                   numbers.masked_select(numbers.ne(numbers.floor()))[0].item<double>(), classes - 1));
      const std::int64_t least = index.numel() > 0 ? index.min().item<std::int64_t>() : 0;
      const std::int64_t most = index.numel() > 0 ? index.max().item<std::int64_t>() : 0;
      if (least < 0 || most >= classes)
        throw ArgumentError(format("a target class is {}; the output has classes 0 to {}. Missing labels need a mask",
                                   least < 0 ? least : most, classes - 1));
      q = at::zeros_like(output).scatter(1, index.unsqueeze(1), 1.0);
    }
    return options_.label_smoothing > 0 ? q * (1 - options_.label_smoothing) + options_.label_smoothing / static_cast<double>(classes) : q;
  }
};

class MeanSquaredError : public BaseLoss {
 public:
  using BaseLoss::BaseLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    const at::Tensor measured = weighed_mask(bool_mask(mask, output), weight, output), y = fitted_target(output, target);
    if (const at::Tensor fast = in_one_pass(output, y, measured, {kernels::PointLoss::square}, weight); fast.defined()) return fast;
    return reduce(blank((blank(output, measured) - blank(y, measured)).square(), measured), measured, weight);
  }
};

class Poisson : public BaseLoss {
 public:
  using BaseLoss::BaseLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    const at::Tensor measured = weighed_mask(bool_mask(mask, output), weight, output), fitted = fitted_target(output, target);
    const ops::PointLossOptions o{options_.log_input ? kernels::PointLoss::log_poisson : kernels::PointLoss::poisson, options_.epsilon};
    if (!options_.factorials)
      if (const at::Tensor fast = in_one_pass(output, fitted, measured, o, weight); fast.defined()) return fast;
    const at::Tensor x = blank(output, measured);
    const at::Tensor y = blank(fitted, measured);
    // Where the rate is masked its logarithm would be -inf times 0:
    // blanked outputs are 0, and epsilon may be 0 too.
    const at::Tensor rate = options_.log_input || !measured.defined() ? x : at::where(measured, x, at::ones({}, x.options()));
    at::Tensor values = options_.log_input ? x.exp() - y * x : rate - y * (rate + options_.epsilon).log();
    if (options_.factorials) values = values + at::lgamma(y + 1);
    return reduce(blank(values, measured), measured, weight);
  }
};

class Multinomial : public BaseLoss {
 public:
  using BaseLoss::BaseLoss;
  at::Tensor operator()(const at::Tensor& output, const at::Tensor& target, const at::Tensor& mask,
                        const at::Tensor& weight) const override {
    if (output.dim() < 2 || output.dim() > 3)
      throw ShapeError(
          format("multinomial got an output of shape {}, expected (N, strands, positions) or (N, positions)", shape_text(output.sizes())));
    // Rows are distributions: (N, S, L), or (N, S L) when all strands share one.
    const at::Tensor measured = rows(weighed_mask(bool_mask(mask, output), weight, output));
    const at::Tensor counts = blank(rows(fitted_target(output, target)), measured);
    at::Tensor logits = rows(output);
    at::Tensor row_measured;
    if (measured.defined()) {
      row_measured = measured.any(-1);
      // Masked positions get no probability, but a row of nothing else must stay finite.
      const at::Tensor empty_row = row_measured.logical_not().unsqueeze(-1);
      logits = at::where(measured, logits, at::full({}, -std::numeric_limits<double>::infinity(), logits.options()));
      logits = at::where(empty_row, at::zeros({}, logits.options()), logits);
    }
    const at::Tensor log_p = blank(at::log_softmax(logits, -1), measured);
    at::Tensor values = -(counts * log_p).sum(-1);
    if (options_.factorials) values = values - at::lgamma(counts.sum(-1) + 1) + at::lgamma(counts + 1).sum(-1);
    return reduce(blank(values, row_measured), row_measured, weight);
  }

 protected:
  at::Tensor values_of(const at::Tensor& output) const override { return rows(output).select(-1, 0); }

  // A row of which any position is measured.
  at::Tensor measured_values(const at::Tensor& output, const at::Tensor& mask, const at::Tensor& weight) const override {
    const at::Tensor positions = rows(weighed_mask(bool_mask(mask, output), weight, output));
    return positions.defined() ? positions.any(-1) : positions;
  }

 private:
  at::Tensor rows(const at::Tensor& x) const { return x.defined() && options_.distribution == Distribution::all ? x.flatten(1) : x; }
};

}  // namespace

std::unique_ptr<Loss> make_loss(const LossOptions& options) {
  LossOptions checked = options;
  check(described(checked), "loss");
  switch (options.type) {
    case LossType::binary_cross_entropy:
      return std::make_unique<BinaryCrossEntropy>(options);
    case LossType::cross_entropy:
      return std::make_unique<CrossEntropy>(options);
    case LossType::mse:
      return std::make_unique<MeanSquaredError>(options);
    case LossType::poisson:
      return std::make_unique<Poisson>(options);
    case LossType::multinomial:
      return std::make_unique<Multinomial>(options);
  }
  throw InternalError("a loss that is named but not written");
}

}  // namespace basewise::nn::detail
