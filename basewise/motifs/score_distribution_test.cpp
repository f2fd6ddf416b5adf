#include "basewise/motifs/score_distribution.h"

#include <cmath>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr BaseVector kSkewed = {0.4, 0.1, 0.2, 0.3};

ScoreMatrix random_matrix(Stream stream, int width, double bin, double zeros = 0) {
  std::vector<BaseVector> rows;
  for (int w = 0; w < width; ++w) {
    BaseVector row{};
    for (double& x : row) x = stream.uniform() < zeros ? -kInfinity : 8 * stream.uniform() - 6;
    row[stream.below(4)] = 1.5;
    rows.push_back(row);
  }
  return score_matrix("random", rows, bin);
}

/// P(score) of all words, one by one.
std::map<std::int64_t, double, std::greater<>> enumerated(const ScoreMatrix& matrix, const BaseVector& background) {
  std::map<std::int64_t, double, std::greater<>> result;
  for (std::int64_t word = 0; word < std::int64_t{1} << (2 * matrix.width()); ++word) {
    std::int64_t score = 0;
    double p = 1;
    bool possible = true;
    for (std::int64_t w = 0; w < matrix.width(); ++w) {
      const auto c = static_cast<std::size_t>((word >> (2 * w)) & 3);
      const std::int32_t s = matrix.rows[static_cast<std::size_t>(w)][c];
      possible = possible && s != kForbidden;
      score += s;
      p *= background[c];
    }
    if (possible) result[score] += p;
  }
  return result;
}

TEST(ScoreMatrix, RoundsLogOddsToBins) {
  const std::vector<BaseVector> bits = {{0.26, -0.24, -kInfinity, 1}, {0, -0.12, -3.01, 2}};
  const ScoreMatrix m = score_matrix("m", bits, 0.1);
  EXPECT_THAT(m.rows, ElementsAre(ElementsAre(3, -2, kForbidden, 10), ElementsAre(0, -1, -30, 20)));
  EXPECT_EQ(m.best(), 30);
  EXPECT_EQ(m.worst(), -32);
  const ScoreMatrix turned = reverse_complement(m);
  EXPECT_THAT(turned.rows, ElementsAre(ElementsAre(20, -30, -1, 0), ElementsAre(10, kForbidden, -2, 3)));
  EXPECT_EQ(reverse_complement(turned).rows, m.rows);
}

TEST(ScoreMatrix, IsTheLogOddsOfAMotif) {
  MotifMatrix motif;
  motif.name = "m";
  motif.values = MotifValues::counts;
  motif.rows = {{8, 0, 0, 0}, {0, 2, 6, 0}, {1, 1, 1, 5}};
  const LogOddsOptions options{.pseudocount = 0.5, .background = {0.3, 0.2, 0.2, 0.3}};
  const Pwm pwm = log_odds(motif, options);
  const ScoreMatrix m = score_matrix(motif, options);
  for (std::size_t w = 0; w < 3; ++w)
    for (std::size_t c = 0; c < 4; ++c) EXPECT_NEAR(m.rows[w][c] * m.bin, static_cast<double>(pwm.rows[w][c]), m.bin / 2 + 1e-6);
  EXPECT_EQ(score_matrix(motif, {.pseudocount = 0}).rows[0][1], kForbidden);
}

TEST(ScoreDistribution, IsThatOfAllWords) {
  for (int width = 1; width <= 6; ++width) {
    for (const double zeros : {0.0, 0.3}) {
      const ScoreMatrix m = random_matrix(Stream(7, static_cast<std::uint64_t>(width)), width, 0.01, zeros);
      const ScoreDistribution d(m, kSkewed);
      const auto words = enumerated(m, kSkewed);
      ASSERT_EQ(d.scores().size(), words.size());
      double sum = 0;
      std::size_t i = 0;
      for (const auto& [score, p] : words) {
        sum += p;
        EXPECT_EQ(d.scores()[i], score);
        EXPECT_NEAR(d.p_values()[i], sum, 1e-12 * sum);
        EXPECT_EQ(d.rank(score), static_cast<std::int64_t>(i));
        EXPECT_EQ(d.p_value(score), d.p_values()[i]);
        ++i;
      }
      EXPECT_EQ(d.p_value(m.best() + 1), 0);
      EXPECT_EQ(d.rank(m.best() + 1), -1);
    }
  }
}

TEST(ScoreDistribution, TheTailAloneIsThatOfTheWhole) {
  // Long enough for arrays in place of lists, in bins of both widths.
  for (const double bin : {0.1, 0.002}) {
    const ScoreMatrix m = random_matrix(Stream(8), 14, bin);
    const ScoreDistribution whole(m, kSkewed);
    for (const double p : {1e-7, 1e-4, 0.02}) {
      const ScoreDistribution tail(m, kSkewed, p);
      ASSERT_LT(tail.scores().size(), whole.scores().size());
      for (std::size_t i = 0; i < tail.scores().size(); ++i) {
        ASSERT_EQ(tail.scores()[i], whole.scores()[i]);
        ASSERT_NEAR(tail.p_values()[i], whole.p_values()[i], 1e-12 * whole.p_values()[i]);
      }
      EXPECT_EQ(tail.threshold(p), whole.threshold(p));
      EXPECT_GT(tail.p_values().back(), p);
    }
    EXPECT_NEAR(whole.p_values().back(), 1, 1e-12);
  }
}

TEST(ScoreDistribution, SmallProbabilitiesKeepTheirDigits) {
  // Forty rows of one letter: the best word has a chance of 4^-40, the next ones 40 * 3 times that.
  const std::vector<BaseVector> rows(40, BaseVector{1, -1, -1, -1});
  const ScoreDistribution d(score_matrix("A", rows, 0.5), kUniform);
  EXPECT_DOUBLE_EQ(d.p_values()[0], std::pow(0.25, 40));
  EXPECT_NEAR(d.p_values()[1] / (121 * std::pow(0.25, 40)), 1, 1e-14);
}

TEST(ScoreDistribution, ThresholdIsTheLowestScoreThatIsRareEnough) {
  const std::vector<BaseVector> rows = {{2, 0, 0, -1}, {1, 0, -1, -1}};
  const ScoreDistribution d(score_matrix("m", rows, 1), kUniform);
  EXPECT_THAT(d.scores(), ElementsAre(3, 2, 1, 0, -1, -2));
  EXPECT_THAT(d.p_values(), ElementsAre(1.0 / 16, 2.0 / 16, 6.0 / 16, 9.0 / 16, 14.0 / 16, 1));
  EXPECT_EQ(d.threshold(0.125), 2);
  EXPECT_EQ(d.threshold(0.124), 3);
  EXPECT_EQ(d.threshold(1), -2);
  EXPECT_EQ(d.threshold(0.06), std::nullopt);
  EXPECT_EQ(d.p_value(-5), 1);
}

TEST(ScoreDistribution, ScoresOfEqualLettersHaveOneValue) {
  const ScoreDistribution d(score_matrix("flat", std::vector<BaseVector>(3, BaseVector{}), 0.5), kSkewed);
  EXPECT_THAT(d.scores(), ElementsAre(0));
  EXPECT_THAT(d.p_values(), ElementsAre(testing::DoubleNear(1, 1e-15)));
}

TEST(ScoreDistribution, Errors) {
  const std::vector<BaseVector> row = {{1, 0, 0, 0}};
  EXPECT_THAT(error_text([&] { score_matrix("m", row, 0); }), HasSubstr("bin = 0"));
  EXPECT_THAT(error_text([&] { score_matrix("m", row, std::nan("")); }), HasSubstr("expected a positive number of bits"));
  EXPECT_THAT(error_text([&] { score_matrix("m", row, 1e-12); }), HasSubstr("motif 'm', row 1: bins of 1e-12 bits are too narrow"));
  EXPECT_THAT(error_text([&] { score_matrix("m", std::vector<BaseVector>(99, row[0]), 1e-7); }), HasSubstr("at most 2^29 are possible"));
  EXPECT_THAT(error_text([] { score_matrix("m", {}, 1); }), HasSubstr("motif 'm' has no rows"));
  const std::vector<BaseVector> none = {row[0], {-kInfinity, -kInfinity, -kInfinity, -kInfinity}}, nan = {{0, std::nan(""), 0, 0}};
  EXPECT_THAT(error_text([&] { score_matrix("m", none, 1); }), HasSubstr("motif 'm', row 2: no letter is possible"));
  EXPECT_THAT(error_text([&] { score_matrix("m", nan, 1); }), HasSubstr("motif 'm', row 1: a log-odds of nan"));
  const ScoreMatrix m = score_matrix("m", row, 1);
  EXPECT_THAT(error_text([&] { ScoreDistribution(m, {0.5, 0.5, 0, 0}); }), HasSubstr("four positive numbers for A, C, G, T that sum to 1"));
  EXPECT_THAT(error_text([&] { ScoreDistribution(m, kUniform, 0); }), HasSubstr("p = 0"));
  EXPECT_THAT(error_text([&] { ScoreDistribution(m, kUniform, 0.1).threshold(0.2); }), HasSubstr("known up to p = 0.1"));
}

TEST(ScoreDistribution, BothStrandsHaveOneBackground) {
  EXPECT_THAT(both_strands({0.5, 0.125, 0.25, 0.125}), ElementsAre(0.3125, 0.1875, 0.1875, 0.3125));
}

}  // namespace
}  // namespace basewise::motifs
