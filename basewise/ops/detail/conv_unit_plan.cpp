#include "basewise/ops/detail/conv_unit_plan.h"

#include <cmath>

namespace basewise::ops::detail {
namespace {

// Statistics of two channels as one: each gets the common mean and half of the squared distances
// from it.
void share_statistics(std::vector<double>& mean, std::vector<double>& squares, std::int64_t count) {
  for (std::size_t c = 0, d = mean.size() - 1; c < d; ++c, --d) {
    const double half = (mean[c] - mean[d]) / 2;
    mean[c] = mean[d] = (mean[c] + mean[d]) / 2;
    squares[c] = squares[d] = (squares[c] + squares[d]) / 2 + static_cast<double>(count) * half * half;
  }
}

}  // namespace

kernels::ConvShape shape_of(const at::Tensor& x, const at::Tensor& weight, const ConvSettings& s) {
  const bool tokens = is_tokens(x);
  return {x.size(0),
          tokens ? x.size(1) : x.size(2),
          tokens ? 4 : x.size(1),
          weight.size(0),
          weight.size(2),
          s.stride,
          s.dilation,
          s.groups,
          s.pad_left,
          s.pad_right};
}

void share_sums(std::vector<double>& sums) {
  for (std::size_t c = 0, d = sums.size() - 1; c < d; ++c, --d) sums[c] = sums[d] = (sums[c] + sums[d]) / 2;
}

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

at::Tensor coefficients(const at::Tensor& statistics, const at::Tensor& weight, const at::Tensor& bias) {
  const at::Tensor scale = weight.defined() ? statistics[1] * weight : statistics[1];
  return at::stack({statistics[0], scale, bias.defined() ? bias.detach() : at::zeros_like(scale)}).contiguous();
}

}  // namespace basewise::ops::detail
