// Against scikit-learn: tests/golden/learn.json, made by tests/golden/learn_golden.py

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/learn/evaluation.h"
#include "basewise/learn/forest.h"
#include "basewise/learn/logistic.h"
#include "basewise/learn/model.h"
#include "basewise/learn/pca.h"

namespace basewise::learn {
namespace {

using Json = nlohmann::json;
using Rows = std::vector<std::vector<double>>;

Json golden() {
  std::ifstream file("tests/golden/learn.json");
  if (!file) throw std::runtime_error("tests/golden/learn.json is missing: run the tests from the root of the sources");
  return Json::parse(file);
}

Columns columns_of(const Json& json) {
  Columns columns;
  for (const Json& column : json) {
    columns.names.push_back("x" + std::to_string(columns.names.size()));
    columns.values.emplace_back();
    for (const Json& value : column) columns.values.back().push_back(value.is_null() ? NAN : value.get<double>());
  }
  columns.rows = std::ssize(columns.values.front());
  return columns;
}

/// Of a tree or forest: classes, one number, or a list of numbers for each row.
Targets targets_of(const Json& one) {
  const bool several = one["y"].front().is_array();
  Targets targets;
  for (std::size_t k = 0; k < (several ? one["y"].front().size() : 1); ++k) {
    targets.outputs.push_back({"y" + std::to_string(k), {}});
    targets.values.emplace_back();
    for (const Json& value : one["y"]) targets.values.back().push_back(several ? value[k].get<double>() : value.get<double>());
  }
  if (one["kind"] == "classes")
    for (double c = 0; c <= *std::max_element(targets.values[0].begin(), targets.values[0].end()); ++c)
      targets.outputs[0].classes.push_back(std::to_string(static_cast<int>(c)));
  return targets;
}

TEST(Golden, Logistic) {
  const Json all = golden();
  for (const auto& one : all["logistic"]) {
    const Columns columns = columns_of(one["x"]);
    Output output = {"y", {}};
    for (int c = 0; c < one["classes"].get<int>(); ++c) output.classes.push_back(std::to_string(c));
    const auto classes = one["y"].get<std::vector<double>>();
    std::vector<double> weights =
        one["weights"].is_null() ? std::vector<double>(classes.size(), 1.0) : one["weights"].get<std::vector<double>>();
    if (one["balanced"].get<bool>()) weights = balanced_weights({{output}, {classes}}, weights);
    const LogisticFit fit = fit_logistic(columns, output, classes, weights, {.l2 = one["l2"].get<double>()});
    EXPECT_TRUE(fit.converged);
    const auto coefficients = one["coefficients"].get<Rows>();
    ASSERT_EQ(fit.model.coefficients.size(), coefficients.size());
    const double mean = output.classes.size() == 2 ? 0 : one["intercepts"].get<std::vector<double>>()[0] - fit.model.intercepts[0];
    for (std::size_t c = 0; c < coefficients.size(); ++c) {
      EXPECT_NEAR(fit.model.intercepts[c] + mean, one["intercepts"][c].get<double>(), 1e-6);
      for (std::size_t j = 0; j < coefficients[c].size(); ++j) EXPECT_NEAR(fit.model.coefficients[c][j], coefficients[c][j], 1e-6);
    }
    const auto p = fit.model.predict(columns);
    for (std::size_t i = 0; i < p.size(); ++i)
      EXPECT_NEAR(p[i], one["probabilities"][i / coefficients.size()][i % coefficients.size()].get<double>(), 1e-6);
  }
}

TEST(Golden, Pca) {
  const Json all = golden();
  for (const auto& one : all["pca"]) {
    const Columns columns = columns_of(one["x"]);
    const auto components = one["components"].get<Rows>();
    const Pca pca = Pca::fit(columns, std::ssize(components));
    const Columns scores = pca.apply(columns), back = pca.inverse(scores, columns.names);
    for (std::size_t k = 0; k < components.size(); ++k) {
      EXPECT_NEAR(pca.variances[k], one["variances"][k].get<double>(), 1e-6);
      EXPECT_NEAR(pca.explained()[k], one["explained"][k].get<double>(), 1e-6);
      for (std::size_t j = 0; j < columns.values.size(); ++j)
        EXPECT_NEAR(pca.components[k * columns.values.size() + j], components[k][j], 1e-6);
      for (std::size_t i = 0; i < scores.values[k].size(); ++i) EXPECT_NEAR(scores.values[k][i], one["scores"][i][k].get<double>(), 1e-6);
    }
    for (std::size_t j = 0; j < back.values.size(); ++j)
      for (std::size_t i = 0; i < back.values[j].size(); ++i) EXPECT_NEAR(back.values[j][i], one["inverse"][i][j].get<double>(), 1e-6);
  }
}

/// (feature, threshold) of all splits, sorted.
std::vector<std::pair<int, double>> splits_of(const Tree& tree) {
  std::vector<std::pair<int, double>> splits;
  for (std::size_t i = 0; i < tree.feature.size(); ++i)
    if (tree.left[i] >= 0) splits.emplace_back(tree.feature[i], tree.threshold[i]);
  std::sort(splits.begin(), splits.end());
  return splits;
}

std::vector<std::pair<int, double>> splits_of(const Json& one) {
  std::vector<std::pair<int, double>> splits;
  for (const Json& split : one["splits"])
    splits.emplace_back(split[0].get<int>(), split[1].is_null() ? std::numeric_limits<double>::infinity() : split[1].get<double>());
  return splits;
}

ForestOptions limits_of(const Json& one) {
  ForestOptions options;
  options.min_samples_leaf = one["limits"].value("min_samples_leaf", std::int64_t{1});
  options.max_depth = one["limits"].value("max_depth", std::int64_t{0});
  return options;
}

void expect_rows(const std::vector<double>& found, const Json& wanted) {
  const std::size_t width = wanted.front().size();
  ASSERT_EQ(found.size(), wanted.size() * width);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], wanted[i / width][i % width].get<double>(), 1e-9) << i;
}

TEST(Golden, OneTreeIsThatOfScikitLearn) {
  const Json all = golden();
  for (const auto& one : all["trees"]) {
    const Columns columns = columns_of(one["x"]);
    ForestOptions options = limits_of(one);
    options.trees = 1;
    options.split_columns = SplitColumns::all;
    options.bootstrap = false;
    const Forest forest = fit_forest(BinnedColumns(columns), targets_of(one), {}, options, 7).forest;
    EXPECT_EQ(forest.nodes(), one["nodes"].get<std::int64_t>());
    EXPECT_EQ(splits_of(forest.trees().front()), splits_of(one));
    for (std::size_t j = 0; j < columns.values.size(); ++j) EXPECT_NEAR(forest.importances()[j], one["importances"][j].get<double>(), 1e-9);
    expect_rows(forest.predict(columns), one["predicted"]);
    expect_rows(forest.predict(columns_of(one["fresh"])), one["predicted_fresh"]);
  }
}

/// Out-of-fold predictions, with the folds of scikit-learn.
std::vector<double> out_of_fold(const Json& one, const Columns& columns, const Targets& targets, std::uint64_t seed) {
  const auto fold = one["fold"].get<std::vector<std::int64_t>>();
  const auto channels = static_cast<std::size_t>(channels_of(targets.outputs));
  std::vector<double> predictions(fold.size() * channels);
  for (std::int64_t f = 0; f < one["folds"].get<std::int64_t>(); ++f) {
    std::vector<std::int64_t> seen, held;
    for (std::size_t i = 0; i < fold.size(); ++i) (fold[i] == f ? held : seen).push_back(static_cast<std::int64_t>(i));
    const ForestFit fit = fit_forest(BinnedColumns(columns.rows_of(seen)), targets.rows_of(seen), {}, limits_of(one), seed);
    const auto some = fit.forest.predict(columns.rows_of(held));
    for (std::size_t i = 0; i < some.size(); ++i)
      predictions[static_cast<std::size_t>(held[i / channels]) * channels + i % channels] = some[i];
  }
  return predictions;
}

TEST(Golden, ForestsAreAsGoodAsThoseOfScikitLearn) {
  const Json all = golden();
  for (const auto& one : all["forests"]) {
    const Columns columns = columns_of(one["x"]);
    const Targets targets = targets_of(one);
    const bool classes = one["kind"] == "classes";
    std::vector<double> means(targets.outputs.size(), 0.0);
    constexpr int kSeeds = 5;
    for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
      const auto head = measure(targets, out_of_fold(one, columns, targets, seed), {.metrics = {classes ? "auroc" : "r2"}});
      for (std::size_t k = 0; k < means.size(); ++k) means[k] += head.outputs[k].metrics[0].value.value / kSeeds;
    }
    for (std::size_t k = 0; k < means.size(); ++k) {
      // The mean of five seeds varies by deviation / sqrt(5) around that of twenty.
      const double allowed = 4 * one["deviation"][k].get<double>() * std::sqrt(1.0 / kSeeds + 1.0 / 20);
      EXPECT_NEAR(means[k], one["mean"][k].get<double>(), allowed);
      RecordProperty("output_" + std::to_string(k), std::to_string(means[k]));
    }
  }
}

}  // namespace
}  // namespace basewise::learn
