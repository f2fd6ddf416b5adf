#include "basewise/learn/forest.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::learn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Rows of whole numbers below `values`, some of them missing, with a number,
/// two classes and three classes to predict.
struct Made {
  Columns columns;
  Targets targets;
};

Made made(std::int64_t rows, std::int64_t columns, std::uint64_t values, double missing, std::uint64_t seed) {
  Stream random(seed);
  Made m = {.columns = {.rows = rows}, .targets = {{{"number", {}}, {"two", {"0", "1"}}, {"three", {"a", "b", "c"}}}, {{}, {}, {}}}};
  for (std::int64_t j = 0; j < columns; ++j) {
    m.columns.names.push_back(std::string(1, static_cast<char>('a' + j)));
    m.columns.values.emplace_back();
    for (std::int64_t i = 0; i < rows; ++i)
      m.columns.values.back().push_back(random.bernoulli(missing) ? NAN : static_cast<double>(random.below(values)));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
    const double x = std::isnan(m.columns.values[0][i]) ? 5 : m.columns.values[0][i];
    m.targets.values[0].push_back(x + random.normal());
    m.targets.values[1].push_back(x + random.normal() > 3 ? 1 : 0);
    m.targets.values[2].push_back(static_cast<double>(random.below(3)));
  }
  return m;
}

Targets only(const Targets& all, std::size_t output) { return {{all.outputs[output]}, {all.values[output]}}; }

bool same_trees(const Forest& a, const Forest& b) {
  return std::equal(a.trees().begin(), a.trees().end(), b.trees().begin(), b.trees().end(), [](const Tree& x, const Tree& y) {
    return x.feature == y.feature && x.threshold == y.threshold && x.left == y.left && x.missing_left == y.missing_left &&
           x.values == y.values;
  });
}

// ---- Brute force: the best split of all rows, whatever the sides.

/// Weighted impurity of the rows that `side` chooses:
/// Gini of classes, variance of numbers, the mean over outputs.
double impurity(const Targets& targets, const std::vector<double>& weights, const std::vector<bool>& side) {
  double sum = 0;
  for (std::size_t k = 0; k < targets.outputs.size(); ++k) {
    const auto channels = std::max<std::size_t>(1, targets.outputs[k].classes.size());
    double weight = 0, squares = 0;
    std::vector<double> sums(channels, 0.0);
    for (std::size_t i = 0; i < side.size(); ++i) {
      if (!side[i]) continue;
      const double y = targets.values[k][i];
      weight += weights[i];
      squares += weights[i] * y * y;
      sums[targets.outputs[k].is_number() ? 0 : static_cast<std::size_t>(y)] += weights[i] * (targets.outputs[k].is_number() ? y : 1);
    }
    if (weight == 0) return 0;
    double one = targets.outputs[k].is_number() ? squares / weight : 1;
    for (const double s : sums) one -= s / weight * (s / weight);
    sum += weight * one / static_cast<double>(targets.outputs.size());
  }
  return sum;
}

double best_decrease(const Made& m, const Targets& targets, const std::vector<double>& weights, std::int64_t least) {
  const std::size_t n = weights.size();
  const double whole = impurity(targets, weights, std::vector<bool>(n, true));
  double best = 0;
  for (const auto& column : m.columns.values)
    for (double threshold : {0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 1e9})
      for (const bool missing_left : {false, true}) {
        std::vector<bool> left(n), right(n);
        for (std::size_t i = 0; i < n; ++i) {
          left[i] = std::isnan(column[i]) ? missing_left : column[i] <= threshold;
          right[i] = !left[i];
        }
        if (std::count(left.begin(), left.end(), true) < least || std::count(right.begin(), right.end(), true) < least) continue;
        best = std::max(best, whole - impurity(targets, weights, left) - impurity(targets, weights, right));
      }
  return best;
}

class Splits : public testing::TestWithParam<std::tuple<double, std::int64_t, int>> {};

TEST_P(Splits, AreTheBestThereAre) {
  const auto [missing, least, which] = GetParam();
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Made m = made(37, 3, 7, missing, seed);
    const Targets targets = which < 3 ? only(m.targets, static_cast<std::size_t>(which)) : m.targets;
    Stream random(seed, 1);
    std::vector<double> weights(37);
    for (double& weight : weights) weight = static_cast<double>(1 + random.below(3)) / 2;
    const ForestFit fit =
        fit_forest(BinnedColumns(m.columns), targets, weights,
                   {.trees = 1, .split_columns = SplitColumns::all, .max_depth = 1, .min_samples_leaf = least, .bootstrap = false}, seed);
    const double wanted = best_decrease(m, targets, weights, least);
    if (fit.forest.nodes() == 1) {
      EXPECT_EQ(wanted, 0);
      continue;
    }
    const Tree& tree = fit.forest.trees().front();
    const auto& column = m.columns.values[static_cast<std::size_t>(tree.feature[0])];
    std::vector<bool> left(37), right(37);
    for (std::size_t i = 0; i < 37; ++i) {
      left[i] = std::isnan(column[i]) ? tree.missing_left[0] != 0 : column[i] <= tree.threshold[0];
      right[i] = !left[i];
    }
    const double found =
        impurity(targets, weights, std::vector<bool>(37, true)) - impurity(targets, weights, left) - impurity(targets, weights, right);
    EXPECT_NEAR(found, wanted, 1e-9) << seed;
    EXPECT_GE(std::count(left.begin(), left.end(), true), least);
  }
}

INSTANTIATE_TEST_SUITE_P(Forest, Splits,
                         testing::Combine(testing::Values(0.0, 0.25), testing::Values<std::int64_t>(1, 6), testing::Values(0, 1, 2, 3)));

// ---- Laws.

TEST(Forest, IsTheSameForAnyNumberOfThreads) {
  const Made m = made(301, 7, 100, 0.1, 3);
  const BinnedColumns binned(m.columns);
  set_threads(1);
  const ForestFit one = fit_forest(binned, m.targets, {}, {.trees = 13}, 4);
  for (const int threads : {2, 5}) {
    set_threads(threads);
    const ForestFit more = fit_forest(binned, m.targets, {}, {.trees = 13}, 4);
    EXPECT_TRUE(same_trees(one.forest, more.forest));
    EXPECT_EQ(one.forest.importances(), more.forest.importances());
    EXPECT_EQ(one.forest.predict(m.columns), more.forest.predict(m.columns));
    EXPECT_TRUE(std::equal(one.out_of_bag.begin(), one.out_of_bag.end(), more.out_of_bag.begin(), more.out_of_bag.end(),
                           [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }));
  }
  set_threads(0);
  EXPECT_FALSE(same_trees(one.forest, fit_forest(binned, m.targets, {}, {.trees = 13}, 5).forest));
}

TEST(Forest, ProbabilitiesOfClassesAddToOne) {
  const Made m = made(120, 4, 50, 0.1, 8);
  const ForestFit fit = fit_forest(BinnedColumns(m.columns), m.targets, {}, {.trees = 9, .max_depth = 3}, 4);
  const auto p = fit.forest.predict(m.columns);
  ASSERT_EQ(p.size(), 120u * 5);
  for (std::size_t row = 0; row < 120; ++row) {
    EXPECT_NEAR(p[row * 5 + 2] + p[row * 5 + 3] + p[row * 5 + 4], 1, 1e-12);
    EXPECT_TRUE(p[row * 5 + 1] >= 0 && p[row * 5 + 1] <= 1);
  }
  double sum = 0;
  for (const double importance : fit.forest.importances()) sum += importance;
  EXPECT_NEAR(sum, 1, 1e-12);
  EXPECT_GT(fit.forest.importances()[0], 0.3);  // the column that the targets follow
}

TEST(Forest, FollowsTheOrderOfAColumnAlone) {
  const Made m = made(200, 4, 1'000'000, 0.05, 9);
  Columns changed = m.columns;
  for (double& x : changed.values[0]) x = std::exp(x / 1e6) - 7;
  for (double& x : changed.values[2]) x = std::cbrt(x);
  // Rows that a tree has not drawn may lie between its values, where a split is halfway.
  const auto a = fit_forest(BinnedColumns(m.columns), m.targets, {}, {.trees = 7, .bootstrap = false}, 2);
  const auto b = fit_forest(BinnedColumns(changed), m.targets, {}, {.trees = 7, .bootstrap = false}, 2);
  EXPECT_EQ(a.forest.predict(m.columns), b.forest.predict(changed));
  EXPECT_EQ(a.forest.importances(), b.forest.importances());
}

TEST(Forest, ARowTwiceIsARowOfWeightTwo) {
  const Made m = made(60, 3, 9, 0.1, 10);
  Targets whole = only(m.targets, 0);
  for (double& y : whole.values[0]) y = std::round(y);  // sums without rounding
  std::vector<std::int64_t> rows;
  std::vector<double> weights;
  for (std::int64_t i = 0; i < 60; ++i) {
    weights.push_back(i % 3 == 0 ? 2 : 1);
    rows.insert(rows.end(), i % 3 == 0 ? 2 : 1, i);
  }
  const ForestOptions options = {.trees = 5, .bootstrap = false};
  for (const Targets& targets : {whole, only(m.targets, 1), only(m.targets, 2)}) {
    const auto weighted = fit_forest(BinnedColumns(m.columns), targets, weights, options, 3);
    const auto doubled = fit_forest(BinnedColumns(m.columns.rows_of(rows)), targets.rows_of(rows), {}, options, 3);
    const auto a = weighted.forest.predict(m.columns), b = doubled.forest.predict(m.columns);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-9) << i;
  }
}

TEST(Forest, RowsOfWeightZeroTeachNothing) {
  Made m = made(80, 3, 30, 0, 11);
  std::vector<double> weights(80, 1.0);
  for (std::size_t i = 0; i < 80; i += 4) weights[i] = 0;
  const BinnedColumns binned(m.columns);
  const auto before = fit_forest(binned, m.targets, weights, {.trees = 6}, 1);
  for (std::size_t i = 0; i < 80; i += 4) {
    m.targets.values[0][i] = 1e6;
    m.targets.values[1][i] = 1 - m.targets.values[1][i];
  }
  EXPECT_TRUE(same_trees(before.forest, fit_forest(binned, m.targets, weights, {.trees = 6}, 1).forest));
}

TEST(Forest, OutOfBagPredictionsAreThoseOfTreesThatDidNotSeeTheRow) {
  // One tree that remembers every row: the row it has not drawn is predicted by others.
  const Made m = made(50, 2, 1'000'000, 0, 12);
  const Targets targets = only(m.targets, 0);
  const ForestFit fit = fit_forest(BinnedColumns(m.columns), targets, {}, {.trees = 1, .split_columns = SplitColumns::all}, 6);
  const auto all = fit.forest.predict(m.columns);
  std::int64_t left_out = 0;
  for (std::size_t i = 0; i < 50; ++i) {
    if (std::isnan(fit.out_of_bag[i])) {
      EXPECT_NEAR(all[i], targets.values[0][i], 1e-9);
      continue;
    }
    ++left_out;
    EXPECT_EQ(fit.out_of_bag[i], all[i]);
    EXPECT_NE(all[i], targets.values[0][i]);
  }
  EXPECT_NEAR(static_cast<double>(left_out), 50 * std::exp(-1), 9);
  EXPECT_TRUE(fit_forest(BinnedColumns(m.columns), targets, {}, {.trees = 1, .bootstrap = false}, 6).out_of_bag.empty());
}

TEST(Forest, MissingValuesGoToTheBetterSide) {
  const Columns columns = {8, {"a"}, {{1, 2, 3, 4, NAN, NAN, NAN, NAN}}};
  const ForestOptions options = {.trees = 1, .max_depth = 1, .bootstrap = false};
  const auto missing_alone = fit_forest(BinnedColumns(columns), {{{"y", {"0", "1"}}}, {{0, 0, 0, 0, 1, 1, 1, 1}}}, {}, options, 0);
  EXPECT_EQ(missing_alone.forest.trees()[0].threshold[0], std::numeric_limits<double>::infinity());
  EXPECT_THAT(missing_alone.forest.predict({3, {"a"}, {{-9, 1e300, NAN}}}), ElementsAre(0, 0, 1));
  const auto with_low = fit_forest(BinnedColumns(columns), {{{"y", {"0", "1"}}}, {{0, 0, 1, 1, 0, 0, 0, 0}}}, {}, options, 0);
  EXPECT_THAT(with_low.forest.predict({3, {"a"}, {{2.5, 2.6, NAN}}}), ElementsAre(0, 1, 0));
  // Where training has none, with the larger side.
  const auto none = fit_forest(BinnedColumns(Columns{5, {"a"}, {{1, 2, 3, 4, 5}}}), {{{"y", {}}}, {{0, 0, 0, 0, 9}}}, {}, options, 0);
  EXPECT_THAT(none.forest.predict({2, {"a"}, {{NAN, 5}}}), ElementsAre(0, 9));
}

TEST(Forest, LimitsOfTrees) {
  const Made m = made(400, 5, 1000, 0, 13);
  const BinnedColumns binned(m.columns);
  const Targets targets = only(m.targets, 2);
  const auto largest = [&](const ForestOptions& options) {
    std::int64_t nodes = 0;
    const ForestFit fit = fit_forest(binned, targets, {}, options, 1);
    for (const Tree& tree : fit.forest.trees()) nodes = std::max(nodes, tree.nodes());
    return nodes;
  };
  EXPECT_LE(largest({.trees = 4, .max_depth = 2}), 7);
  EXPECT_LE(largest({.trees = 4, .max_nodes = 20}), 20);
  EXPECT_GE(largest({.trees = 4, .max_nodes = 20}), 19);
  EXPECT_GT(largest({.trees = 4}), 100);
  EXPECT_LT(largest({.trees = 4, .min_samples_split = 200}), 20);
  EXPECT_LE(largest({.trees = 4, .min_samples_leaf = 100}), 5);
}

TEST(Forest, BinnedRowsArePredictedAsTheirValues) {
  Stream random(2);
  Columns columns = {3000, {"a", "b"}, {{}, {}}};
  Targets targets = {{{"y", {}}}, {{}}};
  for (int i = 0; i < 3000; ++i) {
    columns.values[0].push_back(random.normal());
    columns.values[1].push_back(random.bernoulli(0.1) ? NAN : random.uniform());
    targets.values[0].push_back(columns.values[0].back() + random.normal());
  }
  const BinnedColumns binned(columns);
  const auto fit = fit_forest(binned, targets, {}, {.trees = 5}, 1);
  const std::vector<std::int64_t> rows = {7, 2999, 0, 1500};
  EXPECT_EQ(fit.forest.predict(binned, rows), fit.forest.predict(columns.rows_of(rows)));
}

TEST(Forest, Errors) {
  const Made m = made(20, 2, 5, 0, 1);
  const BinnedColumns binned(m.columns);
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_forest(binned, m.targets, {}, {.trees = 0}, 0); }), HasSubstr("trees is 0"));
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_forest(binned, {}, {}, {}, 0); }), HasSubstr("nothing to predict"));
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_forest(binned, m.targets.rows_of(std::vector<std::int64_t>{1}), {}, {}, 0); }),
              HasSubstr("20 rows of 2 columns and 1 targets"));
  const auto fit = fit_forest(binned, m.targets, {}, {.trees = 2}, 0);
  EXPECT_THAT(error_text<ArgumentError>([&] {
                fit.forest.predict(Columns{1, {"a"}, {{1}}});
              }),
              HasSubstr("1 columns were given to a forest of 2"));
  const auto with = [](auto change) {
    Tree tree = {{0, -1, -1}, {0.5, 0, 0}, {1, -1, -2}, {0, 0, 0}, {3, 4}};
    change(tree);
    return error_text<ArgumentError>([&] { Forest({tree}, 1, {1}); });
  };
  EXPECT_THAT(with([](Tree& t) { t.left[0] = 0; }), HasSubstr("tree 0: node 0 of 3 has the child 0"));
  EXPECT_THAT(with([](Tree& t) { t.left[0] = 2; }), HasSubstr("node 0 of 3 has the child 2"));
  EXPECT_THAT(with([](Tree& t) { t.left[2] = -3; }), HasSubstr("node 2 is leaf 2 of 2"));
  EXPECT_THAT(with([](Tree& t) { t.feature[0] = 1; }), HasSubstr("asks for column 1 of 1"));
  EXPECT_THAT(with([](Tree& t) { t.threshold[0] = NAN; }), HasSubstr("no number"));
  EXPECT_THAT(with([](Tree& t) { t.values[1] = INFINITY; }), HasSubstr("no finite number"));
  EXPECT_THAT(with([](Tree& t) { t.threshold.pop_back(); }), HasSubstr("3 nodes, 2 thresholds"));
  EXPECT_THAT(with([](Tree& t) { t = {}; }), HasSubstr("it has no node"));
}

}  // namespace
}  // namespace basewise::learn
