#include "basewise/train/averaging.h"

#include <algorithm>

#include "basewise/kernels/optimise.h"
#include "basewise/ops/kernels.h"
#include "basewise/train/detail/bounds.h"

namespace basewise::train {

void describe(Visitor& v, AveragingOptions& o) {
  v("decay", o.decay, "share of the old average that is kept per step, near 1 (say 0.999); 0: no averaging",
    detail::share_below_one());
  v("warmup", o.warmup, "the decay of step t is at most (1 + t) / (warmup + t), so that early weights are forgotten; 0: no warm-up",
    non_negative());
}

WeightAverage::WeightAverage(torch::nn::Module& model, AveragingOptions options) : options_(options) {
  if (!on()) return;
  const at::NoGradGuard no_grad;
  const auto add = [this](const auto& items) {
    for (const auto& item : items) {
      names_.push_back(item.key());
      live_.push_back(item.value().detach());
      averages_.push_back(item.value().detach().clone());
    }
  };
  add(model.named_parameters());
  add(model.named_buffers());
}

void WeightAverage::update() {
  if (!on()) return;
  const at::NoGradGuard no_grad;
  const double t = static_cast<double>(updates_++);
  const double decay = options_.warmup > 0 ? std::min(options_.decay, (1 + t) / (options_.warmup + t)) : options_.decay;
  const auto in_a_row = [](const at::Tensor& x) {
    return x.device().is_cpu() && x.scalar_type() == at::kFloat && x.is_non_overlapping_and_dense();
  };
  std::vector<kernels::Blend> native;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (in_a_row(live_[i]) && in_a_row(averages_[i]) && live_[i].strides() == averages_[i].strides()) {
      native.push_back({averages_[i].mutable_data_ptr<float>(), live_[i].const_data_ptr<float>(), live_[i].numel()});
    } else if (live_[i].is_floating_point()) {
      averages_[i].lerp_(live_[i], 1 - decay);
    } else {
      averages_[i].copy_(live_[i]);
    }
  }
  kernels::blend(native, static_cast<float>(1 - decay), ops::kernel_run());
}

void WeightAverage::swap() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const at::Tensor held = live_[i].clone();
    live_[i].copy_(averages_[i]);
    averages_[i].copy_(held);
  }
}

Bundle WeightAverage::state() const {
  Bundle state;
  if (!on()) return state;
  for (std::size_t i = 0; i < names_.size(); ++i) state.set(names_[i], averages_[i]);
  state.set("updates", at::tensor(std::vector<std::int64_t>{updates_}, at::kLong));
  return state;
}

void WeightAverage::load_state(const Bundle& state) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : this->state()) {
    if (!state.contains(name)) throw StateError(format("the average of '{}' is missing; it was saved for another model", name));
    if (state.at(name).sizes() != tensor.sizes()) {
      throw StateError(format("the average of '{}' has shape ({}), this model needs ({})", name, fmt::join(state.at(name).sizes(), ", "),
                              fmt::join(tensor.sizes(), ", ")));
    }
  }
  for (std::size_t i = 0; i < names_.size(); ++i) averages_[i].copy_(state.at(names_[i]));
  if (on()) updates_ = state.at("updates").item<std::int64_t>();
}

}  // namespace basewise::train
