#include "basewise/learn/logistic.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::learn {
namespace {

using testing::HasSubstr;

const Output kTwo = {"y", {"0", "1"}}, kThree = {"y", {"a", "b", "c"}};

struct Made {
  Columns columns = {};
  std::vector<double> classes = {};
};

Made made(std::int64_t rows, std::int64_t columns, std::int64_t classes, std::uint64_t seed) {
  Stream random(seed);
  Made m = {.columns = {.rows = rows}};
  for (std::int64_t j = 0; j < columns; ++j) {
    m.columns.names.push_back("x" + std::to_string(j));
    m.columns.values.emplace_back();
    for (std::int64_t i = 0; i < rows; ++i) m.columns.values.back().push_back((random.normal() + 0.5) * static_cast<double>(j + 1));
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
    const double score = m.columns.values[0][i] - m.columns.values[1][i] / 2 + random.normal();
    m.classes.push_back(std::min<double>(static_cast<double>(classes) - 1, std::max(0.0, std::floor(score + 1))));
  }
  return m;
}

/// What is minimised, in plain loops.
double objective(const Made& m, const Logistic& model, double l2) {
  const auto p = model.predict(m.columns);
  const auto channels = static_cast<std::size_t>(model.channels());
  double loss = 0;
  for (std::size_t i = 0; i < m.classes.size(); ++i) {
    const double of_class =
        channels == 1 ? (m.classes[i] == 1 ? p[i] : 1 - p[i]) : p[i * channels + static_cast<std::size_t>(m.classes[i])];
    loss -= std::log(of_class);
  }
  for (const auto& channel : model.coefficients)
    for (const double w : channel) loss += l2 / 2 * w * w;
  return loss;
}

TEST(Logistic, NothingNearIsBetter) {
  for (const std::int64_t classes : {2, 3}) {
    const Made m = made(83, 4, classes, 5);
    const LogisticFit fit = fit_logistic(m.columns, classes == 2 ? kTwo : kThree, m.classes, {}, {.l2 = 0.7});
    EXPECT_TRUE(fit.converged);
    EXPECT_LT(fit.iterations, 15);
    const double best = objective(m, fit.model, 0.7);
    for (std::size_t c = 0; c < fit.model.coefficients.size(); ++c)
      for (std::size_t j = 0; j <= 4; ++j)
        for (const double step : {-1e-3, 1e-3}) {
          Logistic other = fit.model;
          (j < 4 ? other.coefficients[c][j] : other.intercepts[c]) += step;
          EXPECT_GT(objective(m, other, 0.7), best);
        }
  }
}

TEST(Logistic, WeightsAreRowsSeveralTimes) {
  const Made m = made(60, 3, 3, 6);
  std::vector<double> weights;
  std::vector<std::int64_t> rows;
  std::vector<double> classes;
  for (std::int64_t i = 0; i < 60; ++i) {
    const std::int64_t times = i % 4;
    weights.push_back(static_cast<double>(times));
    rows.insert(rows.end(), static_cast<std::size_t>(times), i);
    classes.insert(classes.end(), static_cast<std::size_t>(times), m.classes[static_cast<std::size_t>(i)]);
  }
  const Logistic a = fit_logistic(m.columns, kThree, m.classes, weights, {}).model;
  const Logistic b = fit_logistic(m.columns.rows_of(rows), kThree, classes, {}, {}).model;
  for (std::size_t c = 0; c < 3; ++c) {
    EXPECT_NEAR(a.intercepts[c], b.intercepts[c], 1e-8);
    for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(a.coefficients[c][j], b.coefficients[c][j], 1e-8);
  }
}

TEST(Logistic, TheInterceptIsNotPenalised) {
  // Without a column that tells anything, the share of the class is the prediction.
  const Columns columns = {5, {"x"}, {{0, 0, 0, 0, 0}}};
  const std::vector<double> classes = {1, 1, 1, 1, 0};
  const Logistic model = fit_logistic(columns, kTwo, classes, {}, {.l2 = 1000}).model;
  EXPECT_NEAR(model.predict(columns)[0], 0.8, 1e-9);
  EXPECT_EQ(model.coefficients[0][0], 0);
}

TEST(Logistic, SeparableClassesAndLargeScalesConverge) {
  const Columns columns = {6, {"position"}, {{1e8 + 1, 1e8 + 2, 1e8 + 3, 1e8 + 4, 1e8 + 5, 1e8 + 6}}};
  const std::vector<double> classes = {0, 0, 0, 1, 1, 1};
  const LogisticFit fit = fit_logistic(columns, kTwo, classes, {}, {.l2 = 1e-6});
  const auto p = fit.model.predict(columns);
  EXPECT_LT(p[2], 0.1);
  EXPECT_GT(p[3], 0.9);
}

TEST(Logistic, IsTheSameForAnyNumberOfThreads) {
  const Made m = made(9000, 13, 3, 7);
  set_threads(1);
  const Logistic one = fit_logistic(m.columns, kThree, m.classes, {}, {}).model;
  set_threads(3);
  const Logistic three = fit_logistic(m.columns, kThree, m.classes, {}, {}).model;
  set_threads(0);
  EXPECT_EQ(one.coefficients, three.coefficients);
  EXPECT_EQ(one.intercepts, three.intercepts);
}

TEST(Logistic, Errors) {
  const Columns columns = {3, {"a", "gc"}, {{1, 2, 3}, {0.5, NAN, NAN}}};
  const std::vector<double> classes = {0, 1, 0}, same = {1, 1, 1};
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_logistic(columns, kTwo, classes, {}, {}); }),
              HasSubstr("column gc has no value in 2 of 3 rows; logistic regression takes no missing values"));
  const Columns whole = {3, {"a"}, {{1, 2, 3}}};
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_logistic(whole, kTwo, same, {}, {}); }), HasSubstr("all examples have y = 1"));
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_logistic(whole, {"rate", {}}, classes, {}, {}); }), HasSubstr("rate is a number"));
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_logistic(whole, kTwo, classes, {}, {.l2 = 0}); }), HasSubstr("l2 is 0"));
  EXPECT_THAT(error_text<ArgumentError>([&] { fit_logistic(whole, kTwo, std::vector<double>{1}, {}, {}); }),
              HasSubstr("1 classes for 3 rows"));
  const Logistic model = fit_logistic(whole, kTwo, classes, {}, {}).model;
  EXPECT_THAT(error_text<ArgumentError>([&] { model.predict(columns); }), HasSubstr("2 columns were given to a logistic regression of 1"));
}

}  // namespace
}  // namespace basewise::learn
