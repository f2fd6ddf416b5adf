#include "basewise/learn/logistic.h"

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/learn/detail/dense.h"
#include "basewise/learn/detail/logistic_problem.h"

namespace basewise::learn {
namespace {

using detail::LogisticProblem;
using detail::Parameters;

constexpr double kDone = 1e-10;   // gradient in units of the curvature, below which no digit of the loss changes
constexpr double kEnough = 1e-6;  // the same, where rounding allows no further step
constexpr int kHalvings = 40;
constexpr std::int64_t kMostProducts = 2000;  // with the matrix of second derivatives, for one step

/// sqrt(sum g^2 / d): does not depend on the units of the columns.
double scaled_norm(const Parameters& gradient, const Parameters& diagonal) {
  double sum = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i)
    if (diagonal[i] > 0) sum += gradient[i] * gradient[i] / diagonal[i];
  return std::sqrt(sum);
}

Parameters divided(const Parameters& a, const Parameters& diagonal) {
  Parameters b(a.size(), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) b[i] = diagonal[i] > 0 ? a[i] / diagonal[i] : 0;
  return b;
}

/// Direction d with H d = -gradient to a share `accuracy`, by conjugate gradients that are
/// conditioned by the diagonal.
Parameters newton_direction(const LogisticProblem& problem, const Parameters& gradient, const Parameters& diagonal, double accuracy) {
  Parameters direction(gradient.size(), 0.0), residual(gradient.size());
  for (std::size_t i = 0; i < gradient.size(); ++i) residual[i] = -gradient[i];
  Parameters conditioned = divided(residual, diagonal), along = conditioned;
  double size = detail::dot(residual, conditioned);
  const double wanted = size * accuracy * accuracy;
  for (std::int64_t i = 0; i < kMostProducts && size > wanted; ++i) {
    const Parameters turned = problem.hessian_times(along);
    const double curvature = detail::dot(along, turned);
    if (!(curvature > 0)) break;
    const double step = size / curvature;
    detail::add_scaled(step, along, direction);
    detail::add_scaled(-step, turned, residual);
    conditioned = divided(residual, diagonal);
    const double next = detail::dot(residual, conditioned);
    for (std::size_t k = 0; k < along.size(); ++k) along[k] = conditioned[k] + next / size * along[k];
    size = next;
  }
  return direction;
}

/// Goes along the direction as far as the loss falls; false where it does not.
bool step_along(LogisticProblem& problem, const Columns& x, std::size_t channels, const Parameters& direction, const Parameters& gradient,
                Parameters& parameters) {
  const double before = problem.loss(problem.scores(), parameters), slope = detail::dot(gradient, direction);
  const auto moved = detail::scores_of(x, direction, channels);
  double length = 1;
  for (int i = 0; i < kHalvings; ++i, length /= 2) {
    Parameters there = parameters;
    detail::add_scaled(length, direction, there);
    auto scores = problem.scores();
    for (std::size_t c = 0; c < channels; ++c) detail::add_scaled(length, moved[c], scores[c]);
    const double loss = problem.loss(scores, there);
    if (!(loss <= before + 1e-4 * length * slope)) continue;
    parameters = std::move(there);
    problem.move_to(parameters);
    return loss < before;
  }
  return false;
}

/// Columns around their means, so that intercept and coefficients do not depend on each other.
Columns centred(const Columns& columns, std::span<const double> weights, std::vector<double>& means) {
  Columns moved = columns;
  for (auto& column : moved.values) {
    double sum = 0, total = 0;
    for (std::size_t row = 0; row < column.size(); ++row) {
      sum += weights[row] * column[row];
      total += weights[row];
    }
    means.push_back(sum / total);
    for (double& value : column) value -= means.back();
  }
  return moved;
}

Logistic as_model(const Parameters& parameters, std::size_t channels, std::span<const double> means) {
  const std::size_t width = parameters.size() / channels;
  Logistic model;
  double mean = 0;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto begin = parameters.begin() + static_cast<std::ptrdiff_t>(c * width);
    model.coefficients.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(width) - 1);
    model.intercepts.push_back(parameters[(c + 1) * width - 1] - detail::dot(model.coefficients.back(), means));
    mean += model.intercepts.back() / static_cast<double>(channels);
  }
  // The same number added to the intercepts of all classes changes nothing: the one of sum 0.
  for (double& intercept : model.intercepts) intercept -= channels > 1 ? mean : 0;
  return model;
}

void check_classes(const Output& output, std::span<const double> classes, std::span<const double> weights) {
  if (output.is_number()) throw ArgumentError(format("{} is a number; logistic regression predicts classes", output.name));
  double low = 0, high = -1;
  for (std::size_t row = 0; row < classes.size(); ++row) {
    if (!(weights[row] > 0)) continue;
    low = high < 0 ? classes[row] : std::min(low, classes[row]);
    high = std::max(high, classes[row]);
  }
  if (low == high)
    throw ArgumentError(format("all examples have {} = {}; logistic regression needs two classes", output.name,
                               output.classes[static_cast<std::size_t>(low)]));
}

}  // namespace

void describe(Visitor& v, LogisticOptions& o) {
  v("l2", o.l2, "half the weight of the squared coefficients beside the sum of losses, 1 / C of scikit-learn", positive());
  v("max_iterations", o.max_iterations, "steps of Newton's method at most", counted(1));
}

void require_finite(const Columns& columns, std::string_view what) {
  for (std::size_t j = 0; j < columns.values.size(); ++j) {
    const auto bad = std::count_if(columns.values[j].begin(), columns.values[j].end(), [](double x) { return !std::isfinite(x); });
    if (bad > 0)
      throw ArgumentError(
          format("column {} has no value in {} of {} rows; {} takes no missing values: leave the column or the rows out, fill "
                 "them, or use a forest, which takes them",
                 columns.names[j], bad, columns.rows, what));
  }
}

std::vector<double> Logistic::predict(const Columns& columns) const {
  if (columns.columns() != std::ssize(coefficients.front()))
    throw ArgumentError(format("{} columns were given to a logistic regression of {}", columns.columns(), coefficients.front().size()));
  require_finite(columns, "logistic regression");
  Parameters parameters;
  for (std::size_t c = 0; c < intercepts.size(); ++c) {
    parameters.insert(parameters.end(), coefficients[c].begin(), coefficients[c].end());
    parameters.push_back(intercepts[c]);
  }
  auto channels = detail::scores_of(columns, parameters, intercepts.size());
  detail::to_probabilities(channels);
  std::vector<double> all(static_cast<std::size_t>(columns.rows) * channels.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = channels[i % channels.size()][i / channels.size()];
  return all;
}

LogisticFit fit_logistic(const Columns& columns, const Output& output, std::span<const double> classes, std::span<const double> weights,
                         const LogisticOptions& options) {
  LogisticOptions copy = options;
  check(described(copy), "logistic");
  if (std::ssize(classes) != columns.rows) throw ArgumentError(format("{} classes for {} rows", classes.size(), columns.rows));
  const std::vector<double> checked = checked_weights(weights, columns.rows);
  check_classes(output, classes, checked);
  require_finite(columns, "logistic regression");
  const auto channels = static_cast<std::size_t>(output.channels());
  std::vector<double> means;
  const Columns x = centred(columns, checked, means);
  LogisticProblem problem(x, classes, checked, channels, options.l2);
  Parameters parameters(problem.size(), 0.0);
  problem.move_to(parameters);
  LogisticFit fit = {.converged = false};
  for (double first = 0; fit.iterations < options.max_iterations && !fit.converged; ++fit.iterations) {
    const Parameters gradient = problem.gradient(parameters), diagonal = problem.diagonal();
    const double norm = scaled_norm(gradient, diagonal);
    first = std::max(first, norm);
    fit.converged = norm <= kDone;
    if (fit.converged) break;
    const Parameters direction = newton_direction(problem, gradient, diagonal, std::min(0.1, norm / first * 0.1));
    if (step_along(problem, x, channels, direction, gradient, parameters)) continue;
    fit.converged = norm <= kEnough;
    break;
  }
  fit.model = as_model(parameters, channels, means);
  return fit;
}

}  // namespace basewise::learn
