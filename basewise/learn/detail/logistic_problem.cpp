#include "basewise/learn/detail/logistic_problem.h"

#include <algorithm>
#include <cmath>

#include "basewise/learn/detail/dense.h"

namespace basewise::learn::detail {
namespace {

/// log(1 + exp(x)) without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double log_sum(const std::vector<std::vector<double>>& scores, std::size_t row, double most) {
  double sum = 0;
  for (const auto& channel : scores) sum += std::exp(channel[row] - most);
  return most + std::log(sum);
}

double largest(const std::vector<std::vector<double>>& scores, std::size_t row) {
  double most = scores.front()[row];
  for (const auto& channel : scores) most = std::max(most, channel[row]);
  return most;
}

}  // namespace

void to_probabilities(std::vector<std::vector<double>>& scores) {
  for (std::size_t row = 0; row < scores.front().size(); ++row) {
    if (scores.size() == 1) {
      double& x = scores.front()[row];
      x = x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
      continue;
    }
    const double total = log_sum(scores, row, largest(scores, row));
    for (auto& channel : scores) channel[row] = std::exp(channel[row] - total);
  }
}

std::vector<std::vector<double>> scores_of(const Columns& x, std::span<const double> parameters, std::size_t channels) {
  const auto columns = static_cast<std::size_t>(x.columns());
  std::vector<std::vector<double>> scores;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto of_channel = parameters.subspan(c * (columns + 1), columns + 1);
    scores.emplace_back(static_cast<std::size_t>(x.rows), of_channel.back());
    add_product(x, of_channel.first(columns), scores.back());
  }
  return scores;
}

LogisticProblem::LogisticProblem(const Columns& x, std::span<const double> classes, std::span<const double> weights, std::size_t channels,
                                 double l2)
    : x_(x),
      classes_(classes),
      weights_(weights.begin(), weights.end()),
      channels_(channels),
      width_(static_cast<std::size_t>(x.columns()) + 1) {
  double total = 0;
  for (const double weight : weights) total += weight;
  for (double& weight : weights_) weight /= total;
  l2_ = l2 / total;
}

void LogisticProblem::move_to(const Parameters& parameters) {
  scores_ = scores_of(x_, parameters, channels_);
  probabilities_ = scores_;
  to_probabilities(probabilities_);
}

double LogisticProblem::weighted_loss(const std::vector<std::vector<double>>& scores, std::size_t row) const {
  if (channels_ == 1) return softplus(classes_[row] == 1 ? -scores[0][row] : scores[0][row]);
  return log_sum(scores, row, largest(scores, row)) - scores[static_cast<std::size_t>(classes_[row])][row];
}

double LogisticProblem::loss(const std::vector<std::vector<double>>& scores, std::span<const double> parameters) const {
  double loss = 0, squares = 0;
  for (std::size_t row = 0; row < weights_.size(); ++row)
    if (weights_[row] > 0) loss += weights_[row] * weighted_loss(scores, row);
  for (std::size_t i = 0; i < parameters.size(); ++i)
    if (i % width_ != width_ - 1) squares += parameters[i] * parameters[i];
  return loss + l2_ / 2 * squares;
}

/// Derivatives by the parameters of a channel from those by its scores.
void LogisticProblem::add_back(const std::vector<double>& residual, std::size_t channel, Parameters& to) const {
  const std::span<double> of_channel = std::span(to).subspan(channel * width_, width_);
  transposed_product(x_, residual, of_channel.first(width_ - 1));
  double sum = 0;
  for (const double r : residual) sum += r;
  of_channel.back() = sum;
}

void LogisticProblem::add_penalty(std::span<const double> parameters, Parameters& to) const {
  for (std::size_t i = 0; i < to.size(); ++i)
    if (i % width_ != width_ - 1) to[i] += l2_ * parameters[i];
}

Parameters LogisticProblem::gradient(std::span<const double> parameters) const {
  Parameters all(size());
  std::vector<double> residual(weights_.size());
  for (std::size_t c = 0; c < channels_; ++c) {
    const double own = channels_ == 1 ? 1 : static_cast<double>(c);
    for (std::size_t row = 0; row < residual.size(); ++row)
      residual[row] = weights_[row] * (probabilities_[c][row] - (classes_[row] == own ? 1 : 0));
    add_back(residual, c, all);
  }
  add_penalty(parameters, all);
  return all;
}

Parameters LogisticProblem::diagonal() const {
  Parameters all(size());
  std::vector<double> curvature(weights_.size());
  for (std::size_t c = 0; c < channels_; ++c) {
    double sum = 0;
    for (std::size_t row = 0; row < curvature.size(); ++row) {
      curvature[row] = weights_[row] * probabilities_[c][row] * (1 - probabilities_[c][row]);
      sum += curvature[row];
    }
    const std::span<double> of_channel = std::span(all).subspan(c * width_, width_);
    sums_of_squares(x_, curvature, of_channel.first(width_ - 1));
    for (double& value : of_channel) value += l2_;
    of_channel.back() = sum;
  }
  return all;
}

Parameters LogisticProblem::hessian_times(std::span<const double> direction) const {
  std::vector<std::vector<double>> moved = scores_of(x_, direction, channels_);
  for (std::size_t row = 0; row < weights_.size(); ++row) {
    double mean = 0;
    for (std::size_t c = 0; c < channels_; ++c) mean += probabilities_[c][row] * moved[c][row];
    for (std::size_t c = 0; c < channels_; ++c) moved[c][row] = weights_[row] * probabilities_[c][row] * (moved[c][row] - mean);
  }
  Parameters all(size());
  for (std::size_t c = 0; c < channels_; ++c) add_back(moved[c], c, all);
  add_penalty(direction, all);
  return all;
}

}  // namespace basewise::learn::detail
