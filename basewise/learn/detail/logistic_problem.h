// The loss of a logistic regression with its derivatives.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "basewise/learn/columns.h"

namespace basewise::learn::detail {

/// Parameters lie channel by channel: coefficients (columns), then the intercept.
using Parameters = std::vector<double>;

/// Turns scores into probabilities in place: (channels)(rows).
void to_probabilities(std::vector<std::vector<double>>& scores);

/// Scores of all rows: (channels)(rows).
std::vector<std::vector<double>> scores_of(const Columns& x, std::span<const double> parameters, std::size_t channels);

/// Mean loss of rows by weight, with l2 / 2 of the squared coefficients per weight.
class LogisticProblem {
 public:
  LogisticProblem(const Columns& x, std::span<const double> classes, std::span<const double> weights, std::size_t channels, double l2);

  std::size_t size() const { return channels_ * width_; }

  /// Sets the place at which the following are taken.
  void move_to(const Parameters& parameters);
  const std::vector<std::vector<double>>& scores() const { return scores_; }

  double loss(const std::vector<std::vector<double>>& scores, std::span<const double> parameters) const;
  Parameters gradient(std::span<const double> parameters) const;
  Parameters diagonal() const;
  Parameters hessian_times(std::span<const double> direction) const;

 private:
  void add_back(const std::vector<double>& residual, std::size_t channel, Parameters& to) const;
  void add_penalty(std::span<const double> parameters, Parameters& to) const;
  double weighted_loss(const std::vector<std::vector<double>>& scores, std::size_t row) const;

  const Columns& x_;
  std::span<const double> classes_;
  std::vector<double> weights_;  // add to 1
  std::size_t channels_, width_;
  double l2_;                                                // per weight
  std::vector<std::vector<double>> scores_, probabilities_;  // (channels)(rows)
};

}  // namespace basewise::learn::detail
