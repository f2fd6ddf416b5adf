#include "basewise/learn/model.h"

#include "basewise/core/error.h"

namespace basewise::learn {
namespace {

/// Columns as the forest or the regressions see them.
Columns prepared(const Model& model, const Columns& columns) {
  Columns now = model.scaling ? model.scaling->apply(columns) : columns;
  return model.pca ? model.pca->apply(now) : now;
}

void fit_forest_of(ModelFit& fit, const BinnedColumns& columns, const Targets& targets, std::span<const double> weights,
                   const ModelOptions& options, std::uint64_t seed) {
  std::vector<double> all = checked_weights(weights, columns.rows());
  if (options.class_weights == ClassWeights::balanced) all = balanced_weights(targets, std::move(all));
  ForestFit grown = fit_forest(columns, targets, all, options.forest, seed);
  fit.model.forest = std::move(grown.forest);
  fit.out_of_bag = std::move(grown.out_of_bag);
}

void fit_regressions(ModelFit& fit, const Columns& columns, const Targets& targets, std::span<const double> weights,
                     const ModelOptions& options) {
  for (std::size_t k = 0; k < targets.outputs.size(); ++k) {
    const Targets one = {{targets.outputs[k]}, {targets.values[k]}};
    if (one.outputs.front().is_number())
      throw ArgumentError(
          format("{} is a number, and logistic regression predicts classes: take the forest, or task = classes", one.outputs.front().name));
    std::vector<double> all = checked_weights(weights, columns.rows);
    if (options.class_weights == ClassWeights::balanced) all = balanced_weights(one, std::move(all));
    LogisticFit found = fit_logistic(columns, one.outputs.front(), one.values.front(), all, options.logistic);
    if (!found.converged)
      fit.notes.push_back(format("the regression of {} has not reached its minimum after {} steps (max_iterations, standardise)",
                                 one.outputs.front().name, found.iterations));
    fit.model.logistic.push_back(std::move(found.model));
  }
}

}  // namespace

void describe(Visitor& v, ModelOptions& o) {
  v("method", o.method, "what predicts");
  v("class_weights", o.class_weights, "how much the classes count in training");
  v("standardise", o.standardise, "bringing columns to mean 0 and variance 1 before principal components and logistic regression");
  v("pca", o.pca, "so many principal components in place of the columns; 0: the columns", counted(0));
  v.when("method", o.method, {Method::forest}, [&] { describe(v, o.forest); });
  v.when("method", o.method, {Method::logistic}, [&] { describe(v, o.logistic); });
}

std::vector<std::string> Model::inputs() const {
  std::vector<std::string> names = features;
  if (!pca) return names;
  names.clear();
  for (std::int64_t k = 1; k <= pca->count(); ++k) names.push_back(format("PC{}", k));
  return names;
}

std::vector<double> Model::predict(const Columns& columns) const {
  if (columns.names != features)
    throw ArgumentError(format("the model was fitted to {} columns of other names than these {}", features.size(), columns.columns()));
  const Columns now = prepared(*this, columns);
  if (forest) return forest->predict(now);
  const auto channels = static_cast<std::size_t>(channels_of(outputs));
  std::vector<double> all(static_cast<std::size_t>(columns.rows) * channels);
  std::size_t first = 0;
  for (const Logistic& regression : logistic) {
    const std::vector<double> one = regression.predict(now);
    const auto width = static_cast<std::size_t>(regression.channels());
    for (std::size_t i = 0; i < one.size(); ++i) all[i / width * channels + first + i % width] = one[i];
    first += width;
  }
  return all;
}

ModelFit fit_model(const Columns& columns, const Targets& targets, std::span<const double> weights, const ModelOptions& options,
                   std::uint64_t seed) {
  if (targets.outputs.empty() || columns.columns() == 0)
    throw ArgumentError(format("a model of {} columns for {} labels", columns.columns(), targets.outputs.size()));
  ModelFit fit = {.model = {.features = columns.names, .outputs = targets.outputs}};
  Model& model = fit.model;
  if (options.standardise && (options.pca > 0 || options.method == Method::logistic)) model.scaling = Scaling::fit(columns);
  if (options.pca > 0) model.pca = Pca::fit(model.scaling ? model.scaling->apply(columns) : columns, options.pca);
  const Columns now = prepared(model, columns);
  switch (options.method) {
    case Method::forest:
      fit_forest_of(fit, BinnedColumns(now, options.forest.bins), targets, weights, options, seed);
      break;
    case Method::logistic:
      fit_regressions(fit, now, targets, weights, options);
      break;
  }
  return fit;
}

ModelFit fit_model(const BinnedColumns& columns, std::vector<std::string> names, const Targets& targets, std::span<const double> weights,
                   const ModelOptions& options, std::uint64_t seed) {
  if (options.method != Method::forest || options.pca > 0)
    throw ArgumentError("counts of gapped k-mers are taken by forests alone, without principal components");
  ModelFit fit = {.model = {.features = std::move(names), .outputs = targets.outputs}};
  fit_forest_of(fit, columns, targets, weights, options, seed);
  return fit;
}

}  // namespace basewise::learn
