#include "basewise/train/clip.h"

#include <algorithm>

#include "basewise/kernels/optimise.h"
#include "basewise/ops/kernels.h"
#include "basewise/train/detail/rows.h"

namespace basewise::train {
namespace {

using Tensors = std::vector<at::Tensor>;

/// Weights that are still 0 may move by this much of the share.
constexpr double kSmallestNorm = 1e-3;

void limit_each(const NamedParameters& parameters, const ClipOptions& o) {
  for (const auto& [name, parameter] : parameters) {
    if (!parameter.grad().defined()) continue;
    at::Tensor gradient = parameter.grad();
    if (o.each_norm > 0) gradient.mul_(o.each_norm / gradient.norm().clamp_min(o.each_norm));
    if (o.adaptive <= 0) continue;
    const at::Tensor limit = detail::unit_norms(parameter).clamp_min(kSmallestNorm) * o.adaptive;
    gradient.mul_(limit / at::maximum(detail::unit_norms(gradient), limit));
  }
}

}  // namespace

void describe(Visitor& v, ClipOptions& o) {
  v("norm", o.norm, "largest Euclidean norm of all gradients together; 0: no limit", non_negative());
  v("value", o.value, "largest absolute value of a gradient component; 0: no limit", non_negative());
  v("each_norm", o.each_norm, "largest Euclidean norm of the gradient of each parameter; 0: no limit", non_negative());
  v("adaptive", o.adaptive, "largest norm of the gradient of a unit, as a share of that of its weights; 0: no limit", non_negative());
}

bool clips(const ClipOptions& o) { return o.norm > 0 || o.value > 0 || o.each_norm > 0 || o.adaptive > 0; }

double clip_gradients(const NamedParameters& parameters, const ClipOptions& options) {
  const at::NoGradGuard no_grad;
  Tensors gradients;
  for (const auto& [name, parameter] : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  if (gradients.empty()) return 0;
  if (options.each_norm > 0 || options.adaptive > 0) {
    if (options.value > 0)
      for (at::Tensor& gradient : gradients) gradient.clamp_(-options.value, options.value);
    limit_each(parameters, options);
  }
  if (ops::chosen_kernels() != ops::Kernels::torch && std::all_of(gradients.begin(), gradients.end(), detail::in_a_row)) {
    std::vector<kernels::Numbers> all;
    for (const at::Tensor& gradient : gradients) all.push_back({gradient.mutable_data_ptr<float>(), gradient.numel()});
    const double total = kernels::bounded_norm(all, detail::single(options.value), ops::kernel_run());
    if (options.norm > 0 && total > options.norm) kernels::scale(all, detail::single(options.norm / (total + 1e-6)), ops::kernel_run());
    return total;
  }
  if (options.value > 0) {
    for (at::Tensor& gradient : gradients) gradient.clamp_(-options.value, options.value);
  }
  const double total = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (options.norm > 0 && total > options.norm) at::_foreach_mul_(gradients, options.norm / (total + 1e-6));
  return total;
}

}  // namespace basewise::train
