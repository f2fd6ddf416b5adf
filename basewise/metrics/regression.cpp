#include "basewise/metrics/regression.h"

#include <algorithm>
#include <cmath>

#include "basewise/metrics/detail/checks.h"
#include "basewise/metrics/detail/value_order.h"
#include "basewise/metrics/detail/radix_sort.h"

namespace basewise::metrics {
namespace {

void check_sizes(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  detail::check_size(predictions.size(), targets.size(), "targets");
  detail::check_size(predictions.size(), weights.size(), "weights", true);
}

void check_pairs(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  check_sizes(predictions, targets, weights);
  detail::check_finite(predictions, "prediction");
  detail::check_finite(targets, "target");
}

PairMoments moments(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  PairMoments m;
  m.add(predictions, targets, weights);
  return m;
}

}  // namespace

void PairMoments::add(double prediction, double target, double weight) {
  if (weight == 0) return;
  weight_ += weight;
  const double dx = prediction - mean_x_;
  const double dy = target - mean_y_;
  mean_x_ += dx * (weight / weight_);
  mean_y_ += dy * (weight / weight_);
  sxx_ += weight * dx * (prediction - mean_x_);
  syy_ += weight * dy * (target - mean_y_);
  sxy_ += weight * dx * (target - mean_y_);
  squared_error_ += weight * (prediction - target) * (prediction - target);
}

void PairMoments::add(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  check_pairs(predictions, targets, weights);
  for (std::size_t i = 0; i < predictions.size(); ++i) add(predictions[i], targets[i], detail::weight_at(weights, i));
}

void PairMoments::merge(const PairMoments& other) {
  if (other.weight_ == 0) return;
  const double total = weight_ + other.weight_;
  const double dx = other.mean_x_ - mean_x_;
  const double dy = other.mean_y_ - mean_y_;
  const double between = weight_ * (other.weight_ / total);
  sxx_ += other.sxx_ + dx * dx * between;
  syy_ += other.syy_ + dy * dy * between;
  sxy_ += other.sxy_ + dx * dy * between;
  mean_x_ += dx * (other.weight_ / total);
  mean_y_ += dy * (other.weight_ / total);
  squared_error_ += other.squared_error_;
  weight_ = total;
}

PairMoments PairMoments::times(double factor) const {
  PairMoments m = *this;
  for (double* sum : {&m.weight_, &m.sxx_, &m.syy_, &m.sxy_, &m.squared_error_}) *sum *= factor;
  if (factor == 0) m = PairMoments();
  return m;
}

MetricResult PairMoments::pearson() const {
  if (weight_ == 0) return MetricResult::undefined("no examples");
  if (!(sxx_ > 0)) return MetricResult::undefined("predictions are constant");
  if (!(syy_ > 0)) return MetricResult::undefined("targets are constant");
  // Two roots instead of one of the product, which may overflow.
  return MetricResult::of(std::clamp(sxy_ / std::sqrt(sxx_) / std::sqrt(syy_), -1.0, 1.0));
}

MetricResult PairMoments::mse() const {
  return weight_ > 0 ? MetricResult::of(squared_error_ / weight_) : MetricResult::undefined("no examples");
}

MetricResult PairMoments::r2() const {
  if (weight_ == 0) return MetricResult::undefined("no examples");
  if (!(syy_ > 0)) return MetricResult::undefined("targets are constant");
  return MetricResult::of(1 - squared_error_ / syy_);
}

MetricResult pearson(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  return moments(predictions, targets, weights).pearson();
}

MetricResult mse(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  return moments(predictions, targets, weights).mse();
}

MetricResult r2(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  return moments(predictions, targets, weights).r2();
}

MetricResult mae(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  check_pairs(predictions, targets, weights);
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const double w = detail::weight_at(weights, i);
    total += w;
    if (w > 0) sum += w * std::abs(static_cast<double>(predictions[i]) - targets[i]);
  }
  return total > 0 ? MetricResult::of(sum / total) : MetricResult::undefined("no examples");
}

std::vector<double> average_ranks(std::span<const float> values, std::span<const float> weights) {
  detail::check_size(values.size(), weights.size(), "weights", true);
  const detail::ValueOrder order(values);
  const std::vector<double> by_place = order.ranks(weights);
  std::vector<double> ranks;
  ranks.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) ranks.push_back(by_place[order.place(i)]);
  return ranks;
}

MetricResult spearman(std::span<const float> predictions, std::span<const float> targets, std::span<const float> weights) {
  check_sizes(predictions, targets, weights);
  detail::check_no_nan(predictions, "prediction");
  detail::check_no_nan(targets, "target");
  return detail::spearman(detail::ValueOrder(predictions), detail::ValueOrder(targets), weights);
}

}  // namespace basewise::metrics
