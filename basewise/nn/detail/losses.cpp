#include "basewise/nn/detail/losses.h"

#include <algorithm>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/nn/detail/base_loss.h"
#include "basewise/nn/detail/losses_rates.h"
#include "basewise/tensor/tensors.h"

namespace basewise::nn::detail {
namespace {

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
    if (!transforms(options_))
      if (const at::Tensor fast = in_one_pass(output, y, measured, {kernels::PointLoss::square}, weight); fast.defined()) return fast;
    const at::Tensor difference = transformed(blank(output, measured), options_) - transformed(blank(y, measured), options_);
    return reduce(blank(difference.square(), measured), measured, weight);
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
    case LossType::multinomial:
      return std::make_unique<Multinomial>(options);
    case LossType::poisson:
    case LossType::poisson_multinomial:
    case LossType::poisson_kl:
    case LossType::mse_udot:
    case LossType::negative_binomial:
    case LossType::gamma:
      break;
  }
  return make_rate_loss(options);
}

}  // namespace basewise::nn::detail
