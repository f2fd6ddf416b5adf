// Mean and variance of tensors that come one after another.
#pragma once

#include <cmath>

#include "basewise/infer/strands.h"

namespace basewise::infer::detail {

/// Mean of outputs of one form: of the numbers, or with `probability` of the probabilities, given
/// back as logits (as `merge_strands` does for two).
class RunningMean {
 public:
  RunningMean(OutputForm form, bool probability) : form_(probability ? form : OutputForm::values) {}

  void add(const at::Tensor& x) {
    ++n_;
    switch (form_) {
      case OutputForm::values:
        mean_ = n_ == 1 ? x.clone() : mean_ + (x - mean_) / static_cast<double>(n_);
        return;
      case OutputForm::sigmoid:
        add_log(mean_, at::log_sigmoid(x));
        add_log(rest_, at::log_sigmoid(-x));
        return;
      case OutputForm::softmax_channels:
        return add_log(mean_, at::log_softmax(x, 1));
      case OutputForm::softmax_positions:
        return add_log(mean_, at::log_softmax(x, -1));
      case OutputForm::softmax_all:
        return add_log(mean_, at::log_softmax(x.flatten(1), -1).view(x.sizes()));
    }
  }

  at::Tensor value() const {
    if (form_ == OutputForm::values) return mean_;
    return form_ == OutputForm::sigmoid ? mean_ - rest_ : mean_ - std::log(static_cast<double>(n_));
  }

 private:
  static void add_log(at::Tensor& sum, const at::Tensor& x) { sum = sum.defined() ? at::logaddexp(sum, x) : x; }

  OutputForm form_;
  std::int64_t n_ = 0;
  at::Tensor mean_, rest_;  // of probabilities the logarithms of their sums
};

/// Variance over members, divided by their number (Welford).
class RunningVariance {
 public:
  void add(const at::Tensor& x) {
    if (++n_ == 1) {
      mean_ = x.clone();
      squares_ = at::zeros_like(x);
      return;
    }
    const at::Tensor before = x - mean_;
    mean_ = mean_ + before / static_cast<double>(n_);
    squares_ = squares_ + before * (x - mean_);
  }

  at::Tensor value() const { return squares_ / static_cast<double>(n_); }

 private:
  std::int64_t n_ = 0;
  at::Tensor mean_, squares_;
};

}  // namespace basewise::infer::detail
