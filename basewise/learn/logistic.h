// Logistic regression with a penalty on squared coefficients, for two or more classes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/core/options.h"
#include "basewise/learn/columns.h"

namespace basewise::learn {

struct LogisticOptions {
  double l2 = 1;
  std::int64_t max_iterations = 100;
};
void describe(Visitor& v, LogisticOptions& o);

/// What predicts one output with classes. With two classes there is one row of coefficients, and
/// p(second class) = 1 / (1 + exp(-(x w + b))); else one for each class, and p = softmax(x W + b).
struct Logistic {
  std::vector<std::vector<double>> coefficients = {};  ///< (channels)(columns)
  std::vector<double> intercepts = {};                 ///< (channels)

  std::int64_t channels() const { return std::ssize(intercepts); }

  /// Probabilities: (rows, channels), row by row.
  /// Errors: ArgumentError for another number of columns and for values that are not finite.
  std::vector<double> predict(const Columns& columns) const;
};

struct LogisticFit {
  Logistic model = {};
  std::int64_t iterations = 0;
  bool converged = true;
};

/// Finds the minimum of sum_i w_i loss_i + l2 / 2 sum_jc coefficient_jc^2, where loss is the
/// negative logarithm of the probability of the class of the row; intercepts are not penalised. So
/// `l2` is 1 / C of scikit-learn. Newton's method, its steps by conjugate gradients (Lin, Weng and
/// Keerthi 2008, JMLR 9:627), until no digit of the loss changes.
///
/// `classes` (rows): numbers of the classes of `output`; `weights` (rows) may be empty.
/// Errors: ArgumentError for an output that is a number, options out of bounds, values that are not
/// finite (the column is named), and where all rows with a weight have one class.
LogisticFit fit_logistic(const Columns& columns, const Output& output, std::span<const double> classes, std::span<const double> weights,
                         const LogisticOptions& options);

/// Errors: ArgumentError that names the first column with a value that was not measured or is not
/// finite, how many of its rows those are, and says that `what` takes none.
void require_finite(const Columns& columns, std::string_view what);

}  // namespace basewise::learn
