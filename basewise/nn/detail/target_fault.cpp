#include "basewise/nn/detail/target_fault.h"

#include <algorithm>
#include <limits>

namespace basewise::nn::detail {
namespace {

struct TargetRange {
  double low;
  double high;
  const char* text;
};

TargetRange range_of(LossType type, bool shares) {
  constexpr double kAny = std::numeric_limits<double>::max();
  switch (type) {
    case LossType::binary_cross_entropy:
      return {0, 1, "a number from 0 to 1"};
    case LossType::cross_entropy:
      if (shares) return {0, 1, "the share of a class, 0 to 1"};
      return {0, kAny, "the number of a class or a probability"};
    case LossType::poisson:
    case LossType::multinomial:
    case LossType::poisson_multinomial:
    case LossType::poisson_kl:
    case LossType::negative_binomial:
      return {0, kAny, "a count, 0 or more"};
    case LossType::gamma:
      return {0, kAny, "a number, 0 or more"};
    case LossType::mse:
    case LossType::mse_udot:
      break;
  }
  return {-kAny, kAny, "a finite number"};
}

/// Measured values as bool in the shape of `target`; undefined: all, or what does not fit.
at::Tensor measured_targets(const at::Tensor& target, const at::Tensor& mask, const at::Tensor& weight) {
  at::Tensor measured;
  const auto add = [&](at::Tensor fitted) {
    if (fitted.dim() == target.dim() + 1 && fitted.size(-1) == 1) fitted = fitted.squeeze(-1);
    while (fitted.dim() < target.dim()) fitted = fitted.unsqueeze(-1);
    if (fitted.dim() != target.dim()) return;
    for (std::int64_t i = 0; i < target.dim(); ++i)
      if (fitted.size(i) != target.size(i) && fitted.size(i) != 1) return;
    const at::Tensor wide = fitted.ne(0).expand_as(target);
    measured = measured.defined() ? measured.logical_and(wide) : wide;
  };
  if (mask.defined()) add(mask);
  if (weight.defined()) add(weight);
  return measured;
}

/// One pass over what is mostly right, measured or not. Single examples are looked at in thousands:
/// a call of libtorch would take longer than their numbers.
bool all_within(const at::Tensor& target, const TargetRange& range) {
  if (target.scalar_type() == at::kFloat && target.is_contiguous() && target.device().is_cpu()) {
    const float* values = target.const_data_ptr<float>();
    return std::all_of(values, values + target.numel(), [&](float x) { return x >= range.low && x <= range.high; });
  }
  const auto [least, most] = at::aminmax(target);
  return least.item<double>() >= range.low && most.item<double>() <= range.high;
}

}  // namespace

std::optional<TargetFault> target_fault(LossType type, bool shares, const at::Tensor& target, const at::Tensor& mask,
                                        const at::Tensor& weight) {
  if (target.numel() == 0 || target.dim() == 0 || target.scalar_type() == at::kBool) return std::nullopt;
  const TargetRange range = range_of(type, shares);
  if (all_within(target, range)) return std::nullopt;
  const at::Tensor values = target.to(at::kDouble);
  at::Tensor wrong = values.ge(range.low).logical_and(values.le(range.high)).logical_not();
  if (const at::Tensor measured = measured_targets(target, mask, weight); measured.defined()) wrong = wrong.logical_and(measured);
  const at::Tensor places = wrong.nonzero();
  if (places.size(0) == 0) return std::nullopt;
  const at::Tensor first = places[0];
  const auto axis = [&](std::int64_t i) { return first[i].item<std::int64_t>(); };
  return TargetFault{.example = axis(0),
                     .channel = target.dim() > 1 ? axis(1) : 0,
                     .place = target.dim() > 2 ? axis(target.dim() - 1) : -1,
                     .value = values.masked_select(wrong)[0].item<double>(),
                     .expected = range.text};
}

}  // namespace basewise::nn::detail
