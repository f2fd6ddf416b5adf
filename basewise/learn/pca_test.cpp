#include "basewise/learn/pca.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/learn/detail/symmetric_eigen.h"
#include "tests/support/error_text.h"

namespace basewise::learn {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<double> random_symmetric(std::size_t n, std::uint64_t seed) {
  Stream random(seed);
  std::vector<double> a(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j <= i; ++j) a[i * n + j] = a[j * n + i] = random.normal();
  return a;
}

/// Largest error of A v = value v, and of vectors that are not at right angles or of length 1.
double worst(const std::vector<double>& a, const detail::EigenPairs& pairs) {
  const std::size_t n = pairs.values.size();
  double most = 0;
  for (std::size_t k = 0; k < n; ++k)
    for (std::size_t i = 0; i < n; ++i) {
      double product = 0, angle = 0;
      for (std::size_t j = 0; j < n; ++j) {
        product += a[i * n + j] * pairs.vectors[k * n + j];
        angle += pairs.vectors[i * n + j] * pairs.vectors[k * n + j];
      }
      most = std::max({most, std::abs(product - pairs.values[k] * pairs.vectors[k * n + i]), std::abs(angle - (i == k ? 1 : 0))});
    }
  return most;
}

TEST(SymmetricEigen, SatisfiesItsEquation) {
  for (const std::size_t n : {1, 2, 3, 7, 37, 150}) {
    const auto a = random_symmetric(n, n);
    const auto pairs = detail::symmetric_eigen(a, n);
    EXPECT_LT(worst(a, pairs), 1e-12 * static_cast<double>(n)) << n;
    EXPECT_TRUE(std::is_sorted(pairs.values.rbegin(), pairs.values.rend()));
  }
}

TEST(SymmetricEigen, EqualAndZeroValues) {
  const std::vector<double> identity = {1, 0, 0, 0, 1, 0, 0, 0, 1}, zero(9, 0.0), ones(16, 1.0);
  EXPECT_THAT(detail::symmetric_eigen(identity, 3).values, ElementsAre(1, 1, 1));
  EXPECT_THAT(detail::symmetric_eigen(zero, 3).values, ElementsAre(0, 0, 0));
  const auto pairs = detail::symmetric_eigen(ones, 4);
  EXPECT_NEAR(pairs.values[0], 4, 1e-14);
  EXPECT_LT(worst(ones, pairs), 1e-14);
  EXPECT_THAT(error_text<ArgumentError>([&] { detail::symmetric_eigen(ones, 3); }), HasSubstr("16 numbers are no matrix of 3 rows"));
}

TEST(SymmetricEigen, IsTheSameForAnyNumberOfThreads) {
  const auto a = random_symmetric(300, 1);
  set_threads(1);
  const auto one = detail::symmetric_eigen(a, 300);
  set_threads(3);
  const auto three = detail::symmetric_eigen(a, 300);
  set_threads(0);
  EXPECT_EQ(one.values, three.values);
  EXPECT_EQ(one.vectors, three.vectors);
}

TEST(Pca, ByHand) {
  // Along (3, 4) / 5 with variance (25 + 0 + 25) / 2, across it none.
  const Columns columns = {3, {"a", "b"}, {{1 - 3, 1, 1 + 3}, {2 - 4, 2, 2 + 4}}};
  const Pca pca = Pca::fit(columns, 1);
  EXPECT_THAT(pca.mean, ElementsAre(1, 2));
  EXPECT_THAT(pca.components, ElementsAre(DoubleNear(0.6, 1e-14), DoubleNear(0.8, 1e-14)));
  EXPECT_NEAR(pca.variances[0], 25, 1e-12);
  EXPECT_NEAR(pca.explained()[0], 1, 1e-14);
  const Columns scores = pca.apply(columns);
  EXPECT_THAT(scores.names, ElementsAre("PC1"));
  EXPECT_THAT(scores.values[0], ElementsAre(DoubleNear(-5, 1e-13), DoubleNear(0, 1e-13), DoubleNear(5, 1e-13)));
  const Columns back = pca.inverse(scores, columns.names);
  for (std::size_t j = 0; j < 2; ++j)
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(back.values[j][i], columns.values[j][i], 1e-12);
}

TEST(Pca, SignsFollowTheLargestLoading) {
  const Columns columns = {3, {"a", "b"}, {{-3, 0, 3}, {4, 0, -4}}};
  EXPECT_THAT(Pca::fit(columns, 1).components, ElementsAre(DoubleNear(-0.6, 1e-14), DoubleNear(0.8, 1e-14)));
}

TEST(Pca, RowsOrColumnsGiveTheSame) {
  // Seven rows of five columns, and the same with columns of nothing beside them,
  // which are more than rows.
  Stream random(3);
  Columns narrow = {.rows = 7};
  for (int j = 0; j < 5; ++j) {
    narrow.names.push_back("x");
    narrow.values.emplace_back();
    for (int i = 0; i < 7; ++i) narrow.values.back().push_back(random.normal());
  }
  Columns wide = narrow;
  for (int j = 0; j < 4; ++j) {
    wide.names.push_back("nothing");
    wide.values.emplace_back(7, 2.0);
  }
  const Pca a = Pca::fit(narrow, 5), b = Pca::fit(wide, 5);
  for (std::size_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(a.variances[k], b.variances[k], 1e-12);
    for (std::size_t j = 0; j < 5; ++j) EXPECT_NEAR(a.components[k * 5 + j], b.components[k * 9 + j], 1e-10);
    for (std::size_t j = 5; j < 9; ++j) EXPECT_NEAR(b.components[k * 9 + j], 0, 1e-12);
  }
  EXPECT_THAT(error_text<ArgumentError>([&] { Pca::fit(wide, 6); }),
              HasSubstr("6 components were asked for, and rows differ in 5 directions"));
}

TEST(Pca, Errors) {
  const Columns columns = {2, {"a", "b"}, {{1, 2}, {3, NAN}}}, whole = {2, {"a", "b"}, {{1, 2}, {3, 4}}};
  EXPECT_THAT(error_text<ArgumentError>([&] { Pca::fit(columns, 1); }),
              HasSubstr("column b has no value in 1 of 2 rows; PCA takes no missing values"));
  EXPECT_THAT(error_text<ArgumentError>([&] { Pca::fit(whole, 3); }), HasSubstr("3 components were asked for of 2 rows and 2 columns"));
  EXPECT_THAT(error_text<ArgumentError>([&] {
                Pca::fit(whole, 1).apply({1, {"a"}, {{1}}});
              }),
              HasSubstr("1 columns were given to principal components of 2"));
}

TEST(Scaling, MeanAndDeviationOfThePopulation) {
  const Columns columns = {4, {"a", "constant"}, {{1, 1, 3, 3}, {0.1, 0.1, 0.1, 0.1}}};
  const Scaling scaling = Scaling::fit(columns);
  EXPECT_THAT(scaling.mean, ElementsAre(2, DoubleNear(0.1, 1e-16)));
  EXPECT_THAT(scaling.deviation, ElementsAre(1, 1));
  EXPECT_THAT(scaling.apply(columns).values[0], ElementsAre(-1, -1, 1, 1));
}

}  // namespace
}  // namespace basewise::learn
