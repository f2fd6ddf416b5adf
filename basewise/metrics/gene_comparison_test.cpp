// Tables of genes by tracks: against numpy and scipy, by hand, what is not defined.
#include "basewise/metrics/gene_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/metrics/specificity.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Made by tests/golden/coverage_golden.py (versions and seed inside).
nlohmann::json golden(const char* part) {
  std::ifstream file("tests/golden/coverage.json");
  if (!file) throw std::runtime_error("tests/golden/coverage.json is missing: run the tests from the root of the sources");
  return nlohmann::json::parse(file)[part];
}

ValueTable table_of(const std::vector<std::vector<float>>& rows) {
  ValueTable table{.rows = rows.size(), .columns = rows.empty() ? 0 : rows[0].size()};
  for (const auto& row : rows) table.values.insert(table.values.end(), row.begin(), row.end());
  return table;
}

ValueTable golden_table(const nlohmann::json& rows) { return table_of(rows.get<std::vector<std::vector<float>>>()); }

void expect_near(const std::vector<MetricResult>& found, const nlohmann::json& expected, double within = 1e-6) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].defined(), !expected[i].is_null()) << i;
    if (found[i].defined()) {
      EXPECT_NEAR(found[i].value, expected[i].get<double>(), within) << i;
    }
  }
}

TEST(QuantileNormalise, ByHand) {
  // Sorted: 1 2 3, 10 20 30, 5 5 8; means 16/3, 9, 41/3.
  // The tie of the third column shares the first two.
  ValueTable table = table_of({{2, 30, 5}, {1, 10, 5}, {3, 20, 8}});
  quantile_normalise(table);
  // Sums are of doubles, and rounded once.
  const auto low = static_cast<float>(16.0 / 3), tied = static_cast<float>((16.0 / 3 + 9) / 2), high = static_cast<float>(41.0 / 3);
  EXPECT_THAT(table.values, ElementsAre(9, high, tied, low, low, tied, high, 9, high));
  ValueTable median = table_of({{2, 30, 5}, {1, 10, 5}, {3, 20, 8}});
  quantile_normalise(median, QuantileStatistic::median);
  EXPECT_THAT(median.values, ElementsAre(5, 8, 5, 5, 5, 5, 8, 5, 8));
  ValueTable missing = table_of({{2, 30}, {1, NAN}});
  EXPECT_THAT(error_text<ArgumentError>([&] { return quantile_normalise(missing), 0; }), HasSubstr("value is NaN in row 1, column 1"));
}

TEST(QuantileNormalise, EqualsNumpy) {
  const auto g = golden("genes");
  for (const auto& [statistic, key] :
       {std::pair(QuantileStatistic::mean, "normalised"), std::pair(QuantileStatistic::median, "normalised_median")}) {
    ValueTable table = golden_table(g["measured"]);
    quantile_normalise(table, statistic);
    const ValueTable expected = golden_table(g[key]);
    for (std::size_t i = 0; i < table.values.size(); ++i) EXPECT_NEAR(table.values[i], expected.values[i], 1e-6) << key << " " << i;
  }
}

TEST(GeneComparison, EqualsScipy) {
  const auto g = golden("genes");
  const GeneComparison found = compare_genes(golden_table(g["predicted"]), golden_table(g["measured"]));
  ASSERT_EQ(found.tracks.size(), 5u);
  const auto column = [&](MetricResult TrackOverGenes::* which) {
    std::vector<MetricResult> values;
    for (const TrackOverGenes& track : found.tracks) values.push_back(track.*which);
    return values;
  };
  expect_near(column(&TrackOverGenes::pearson), g["pearson"]);
  expect_near(column(&TrackOverGenes::spearman), g["spearman"]);
  expect_near(column(&TrackOverGenes::pearson_nonzero), g["pearson_nonzero"]);
  expect_near(column(&TrackOverGenes::spearman_nonzero), g["spearman_nonzero"]);
  expect_near(column(&TrackOverGenes::pearson_normalised), g["pearson_normalised"]);
  expect_near(column(&TrackOverGenes::pearson_specific), g["pearson_specific"], 2e-6);
  expect_near(found.genes, g["across"], 1e-5);
  for (std::size_t i = 0; i < found.variances.size(); ++i) EXPECT_NEAR(found.variances[i], g["variances"][i].get<double>(), 1e-6);
  ASSERT_EQ(found.quarters.size(), 4u);
  for (std::size_t q = 0; q < 4; ++q) {
    EXPECT_NEAR(found.quarters[q].across_tracks.value, g["quarters"][q]["across"].get<double>(), 1e-5);
    EXPECT_NEAR(found.quarters[q].specific.value, g["quarters"][q]["specific"].get<double>(), 1e-5);
    EXPECT_EQ(found.quarters[q].genes, q == 3 ? 11 : 10);
  }
}

TEST(GeneComparison, OneTrackHasNothingAcross) {
  const GeneComparison found = compare_genes(table_of({{1}, {2}, {4}}), table_of({{0}, {3}, {5}}));
  EXPECT_TRUE(found.tracks[0].pearson.defined());
  EXPECT_EQ(found.tracks[0].nonzero, 2);
  EXPECT_FALSE(found.tracks[0].pearson_specific.defined());
  for (const MetricResult& gene : found.genes) EXPECT_FALSE(gene.defined());
  EXPECT_TRUE(found.quarters.empty()) << "three genes have no quarters";
  EXPECT_THAT(error_text<ArgumentError>([] { return compare_genes(table_of({{1}, {2}}), table_of({{1}})); }),
              HasSubstr("tables of 2 x 1 and 1 x 1"));
}

TEST(AlternativeStarts, ByHand) {
  // Gene 0: rows 0, 1 and 2; rows 0 and 1 vary most but lie 500 bases apart, which is not more.
  // Gene 1 has one start that varies. Gene 2 has rows 5 and 6.
  const std::vector<GeneStart> starts = {{0, 1000}, {0, 1500}, {0, 4000}, {1, 0}, {1, 9000}, {2, 100}, {2, 700}};
  const ValueTable measured = table_of({{0, 6, 0}, {0, 0, 5}, {4, 0, 0}, {0, 5, 0}, {1, 1, 1}, {0, 3, 0}, {3, 0, 3}});
  ValueTable predicted = measured;
  predicted.at(6, 0) = 1;
  const AlternativeStarts found = compare_starts(predicted, measured, starts);
  ASSERT_EQ(found.pairs.size(), 2u);
  EXPECT_EQ(found.pairs[0].first, 0u);
  EXPECT_EQ(found.pairs[0].second, 2u);
  EXPECT_NEAR(found.pairs[0].pearson.value, 1, 1e-12);
  EXPECT_EQ(found.pairs[1].first, 5u);
  // Ratios: measured -3, 3, -3; predicted -1, 3, -3.
  const double expected = 20 / std::sqrt(24.0 * (18 + 2.0 / 3));
  EXPECT_NEAR(found.pairs[1].pearson.value, expected, 1e-6);
  EXPECT_NEAR(found.mean.value, (1 + expected) / 2, 1e-6);
  EXPECT_TRUE(found.pooled.defined());
  const AlternativeStarts none = compare_starts(predicted, measured, starts, {.variance = 100});
  EXPECT_TRUE(none.pairs.empty());
  EXPECT_EQ(none.mean.reason, "no gene has two starts that vary so much");
  EXPECT_FALSE(none.pooled.defined());
  EXPECT_THAT(error_text<ArgumentError>([&] { return compare_starts(predicted, measured, {}); }), HasSubstr("0 starts of genes"));
}

TEST(Specificity, EqualsNumpy) {
  const auto genes = golden("genes"), g = golden("specificity");
  const ValueTable predicted = golden_table(genes["predicted"]), measured = golden_table(genes["measured"]);
  const TrackClass all{.name = "x", .tracks = {0, 1, 2, 3, 4}};
  expect_near(specificity(predicted, measured, all, {.least = 5}).tracks, g["all"], 2e-6);
  const ClassSpecificity half = specificity(predicted, measured, all, {.least = 5, .most_variable = 0.5});
  expect_near(half.tracks, g["half"], 2e-6);
  EXPECT_EQ(half.bins, 21);
}

TEST(Specificity, SmallClassesAreNotDefined) {
  const ValueTable table = table_of({{1, 2, 3}, {4, 3, 1}});
  const ClassSpecificity found = specificity(table, table, {.name = "CAGE", .tracks = {0, 2}}, {.least = 3});
  ASSERT_EQ(found.tracks.size(), 2u);
  EXPECT_FALSE(found.tracks[0].defined());
  EXPECT_EQ(found.tracks[1].reason, "class 'CAGE' has 2 tracks, fewer than 3");
}

TEST(Specificity, StrandsAreFurtherRows) {
  // Columns 0 and 1 with their other strands 2 and 3: as a table of twice the bins. A bin that is
  // not measured on one strand is left out of its rows only.
  const ValueTable measured = table_of({{1, 4, 2, 3}, {2, 0, 7, 1}, {3, 5, NAN, 2}, {9, 1, 4, 4}});
  ValueTable predicted = measured;
  for (std::size_t i = 0; i < predicted.values.size(); ++i) predicted.values[i] += 0.25F * static_cast<float>(i * i % 7);
  const ClassSpecificity found =
      specificity(predicted, measured, {.name = "x", .tracks = {0, 1}, .others = {2, 3}}, {.least = 4});
  EXPECT_EQ(found.bins, 7);
  ValueTable joined{.columns = 2}, expected{.columns = 2};
  for (const std::size_t strand : {0u, 2u})
    for (std::size_t r = 0; r < 4; ++r) {
      if (std::isnan(measured.at(r, strand))) continue;
      for (const std::size_t c : {strand, strand + 1}) {
        joined.values.push_back(predicted.at(r, c));
        expected.values.push_back(measured.at(r, c));
      }
      ++joined.rows, ++expected.rows;
    }
  const ClassSpecificity flat = specificity(joined, expected, {.name = "x", .tracks = {0, 1}}, {.least = 2});
  for (std::size_t t = 0; t < 2; ++t) EXPECT_EQ(found.tracks[t].value, flat.tracks[t].value);
}

}  // namespace
}  // namespace basewise::metrics
