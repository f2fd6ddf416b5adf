// What was learned from a table, as a value: names, scales, components, and what predicts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/core/choice.h"
#include "basewise/core/options.h"
#include "basewise/learn/columns.h"
#include "basewise/learn/forest.h"
#include "basewise/learn/logistic.h"
#include "basewise/learn/pca.h"

namespace basewise::learn {

/// What predicts.
enum class Method { forest, logistic };
constexpr auto words_of(Method) {
  return words<Method>({{Method::forest, "forest", "random forest: classes or numbers, several columns at once"},
                        {Method::logistic, "logistic", "logistic regression: classes, each column alone"}});
}

/// How much the classes of an output count in training.
enum class ClassWeights { none, balanced };
constexpr auto words_of(ClassWeights) {
  return words<ClassWeights>({{ClassWeights::none, "none", "every example as much"},
                              {ClassWeights::balanced, "balanced", "every class as much, whatever its number of examples"}});
}

/// How a model is fitted to a table.
struct ModelOptions {
  Method method = Method::forest;
  ClassWeights class_weights = ClassWeights::none;
  bool standardise = true;  ///< before components and logistic regression; trees alone need none
  std::int64_t pca = 0;     ///< principal components in place of the columns; 0: the columns
  ForestOptions forest = {};
  LogisticOptions logistic = {};
};
void describe(Visitor& v, ModelOptions& o);

/// A fitted model.
struct Model {
  std::vector<std::string> features = {};  ///< columns in the order of the model
  std::vector<Output> outputs = {};
  std::optional<Scaling> scaling = {};
  std::optional<Pca> pca = {};
  std::optional<Forest> forest = {};    ///< this,
  std::vector<Logistic> logistic = {};  ///< or these, one for each output

  Method method() const { return forest ? Method::forest : Method::logistic; }

  /// Predictions: (rows, channels of the outputs), row by row; a mean for a number, the probability
  /// of the second of two classes, that of each where there are more.
  /// Errors: ArgumentError for columns of other names, and for missing values where the model takes
  /// none.
  std::vector<double> predict(const Columns& columns) const;

  /// Columns that the forest or the regressions see: components where there are, else features.
  std::vector<std::string> inputs() const;
};

struct ModelFit {
  Model model = {};
  std::vector<double> out_of_bag = {};  ///< of a forest with bootstrap (see ForestFit), else empty
  std::vector<std::string> notes = {};  ///< what the user should know
};

/// Errors: those of `fit_forest`, `fit_logistic` and `Pca::fit`;
/// ArgumentError for a number with logistic regression.
ModelFit fit_model(const Columns& columns, const Targets& targets, std::span<const double> weights, const ModelOptions& options,
                   std::uint64_t seed);

/// A forest of columns that are binned already.
/// Errors: ArgumentError for another method and for principal components; those of `fit_forest`.
ModelFit fit_model(const BinnedColumns& columns, std::vector<std::string> names, const Targets& targets, std::span<const double> weights,
                   const ModelOptions& options, std::uint64_t seed);

}  // namespace basewise::learn
