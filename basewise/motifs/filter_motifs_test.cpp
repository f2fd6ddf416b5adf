#include "basewise/motifs/filter_motifs.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

namespace basewise::motifs {
namespace {

std::vector<seq::Token> tokens_of(const std::string& letters) {
  std::vector<seq::Token> tokens;
  for (const char c : letters) tokens.push_back(static_cast<seq::Token>(std::string("ACGTN").find(c)));
  return tokens;
}

ActivationSummary summary_of(const std::vector<float>& values, std::int64_t most = 0) {
  ActivationSummary summary(most);
  summary.add(values);
  return summary;
}

TEST(FilterRules, PresetsAreThoseOfThePapersAndCanBeOverridden) {
  const FilterRules koo = rules_of({});
  EXPECT_EQ(koo.of, FilterThreshold::maximum);
  EXPECT_EQ(koo.window, 20);
  EXPECT_EQ(koo.min_sites, 2);
  EXPECT_EQ(koo.flank, 3);
  EXPECT_FALSE(koo.inclusive);
  const FilterRules basset = rules_of({.preset = FilterPreset::basset});
  EXPECT_EQ(basset.of, FilterThreshold::range);
  EXPECT_EQ(basset.pseudocount, 1);
  EXPECT_EQ(basset.min_sites, 10);
  EXPECT_EQ(basset.window, 0);
  const FilterRules deepcpg = rules_of({.preset = FilterPreset::deepcpg, .most = 7});
  EXPECT_TRUE(deepcpg.inclusive);
  EXPECT_EQ(deepcpg.most, 7);
  EXPECT_EQ(rules_of({.preset = FilterPreset::deepcpg}).most, 25'000);
}

TEST(ActivationSummary, DoesNotDependOnPieces) {
  Stream draw(3);
  std::vector<float> values(1000);
  for (float& x : values) x = static_cast<float>(draw.normal());
  const ActivationSummary whole = summary_of(values, 37);
  ActivationSummary pieces(37);
  for (std::size_t i = 0; i < values.size(); i += 250) pieces.add(std::span(values).subspan(i, 250));
  std::vector<float> sorted = values;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  EXPECT_EQ(whole.of_rank(), sorted[36]);
  EXPECT_EQ(pieces.of_rank(), sorted[36]);
  EXPECT_EQ(whole.largest(), sorted.front());
  EXPECT_EQ(pieces.smallest(), sorted.back());
  EXPECT_NEAR(whole.mean(), pieces.mean(), 1e-12);
  EXPECT_EQ(summary_of({3, 1, 2}, 5).of_rank(), 1);
  EXPECT_EQ(summary_of({3, 1, 2}).of_rank(), std::nullopt);
  EXPECT_FALSE(summary_of({1, NAN}).finite());
  EXPECT_FALSE(summary_of({1, INFINITY}).finite());
}

TEST(ActivationSummary, NegativeValuesHaveARank) {
  EXPECT_EQ(summary_of({-5, -1, -3, -2, -4}, 2).of_rank(), -2);
}

TEST(FilterThreshold, ByHand) {
  const ActivationSummary summary = summary_of({0, 0, 2, 6}, 2);
  EXPECT_EQ(threshold_of(summary, {.share = 0.5}), 3);
  EXPECT_EQ(threshold_of(summary, {.of = FilterThreshold::range, .share = 0.5}), 4);
  EXPECT_EQ(threshold_of(summary, {.share = 0.1}), 2) << "of rank 2";
}

TEST(SiteCounts, LeavesOutSitesNearTheEnds) {
  const auto tokens = tokens_of("ACGTNACG");
  SiteCounts counts(3);
  counts.add(tokens, 0, 1);
  counts.add(tokens, 5, 1);
  counts.add(tokens, -1, 0);
  counts.add(tokens, 1, 1);
  counts.add(tokens, 2, 1);
  EXPECT_EQ(counts.left_out(), 3);
  EXPECT_EQ(counts.sites(), 2);
  const auto shares = counts.shares(0);
  EXPECT_EQ(shares[0], (BaseVector{0, 0.5, 0.5, 0}));
  EXPECT_EQ(shares[2], (BaseVector{0.125, 0.125, 0.125, 0.625})) << "T and N";
  const auto added = counts.shares(1);
  EXPECT_DOUBLE_EQ(added[0][0], 1.0 / 6);
  EXPECT_DOUBLE_EQ(added[0][1], 2.0 / 6);
}

TEST(FilterTrim, KeepsFlanks) {
  const BaseVector sure = {1, 0, 0, 0};
  std::vector<BaseVector> columns(12, kUniform);
  columns[5] = columns[7] = sure;
  EXPECT_EQ(informative_columns(columns, {.trim = 0.5, .flank = 3}), (std::pair<std::int64_t, std::int64_t>(2, 11)));
  EXPECT_EQ(informative_columns(columns, {.trim = 0.5, .flank = 9}), (std::pair<std::int64_t, std::int64_t>(0, 12)));
  EXPECT_EQ(informative_columns(columns, {.trim = 0, .flank = 0}), (std::pair<std::int64_t, std::int64_t>(0, 12)));
  EXPECT_EQ(informative_columns(std::vector<BaseVector>(4, kUniform), {.trim = 0.5}), (std::pair<std::int64_t, std::int64_t>(0, 0)));
  EXPECT_NEAR(column_information(sure, 0.5), 2, 1e-8);
  EXPECT_NEAR(column_information(sure, 0.415), 1.979051, 1e-6);
}

TEST(FilterMotif, SaysWhyThereIsNone) {
  const FilterRules rules{.window = 2, .min_sites = 2};
  SiteCounts none(2), two(2);
  two.add(tokens_of("AACA"), 1, 0);
  EXPECT_EQ(filter_motif("f", summary_of({1, 1, 1}), none, rules).state, FilterState::dead);
  EXPECT_EQ(filter_motif("f", summary_of({0, 0}), none, rules).state, FilterState::dead);
  EXPECT_EQ(filter_motif("f", summary_of({-2, -1}), none, rules).state, FilterState::not_positive);
  const FilterMotif few = filter_motif("f", summary_of({0, 2}), two, rules);
  EXPECT_EQ(few.state, FilterState::few_sites);
  EXPECT_EQ(few.sites, 1);
  EXPECT_EQ(few.motif.width(), 0);
  EXPECT_EQ(filter_motif("f", summary_of({0, 2}), two, rules, true).motif.rows, std::vector<BaseVector>(2, kUniform));
  two.add(tokens_of("AACA"), 1, 0);
  const FilterMotif kept = filter_motif("f", summary_of({0, 2}), two, rules);
  EXPECT_EQ(kept.state, FilterState::kept);
  EXPECT_EQ(kept.motif.nsites, 2);
  EXPECT_EQ(consensus(kept.motif), "AC");
  EXPECT_NEAR(kept.information, 4, 1e-7);
}

TEST(FilterMotif, WithoutInformativeColumn) {
  SiteCounts counts(1);
  for (const char* letters : {"A", "C", "G", "T"}) counts.add(tokens_of(letters), 0, 0);
  EXPECT_EQ(filter_motif("f", summary_of({0, 2}), counts, {.margin = 0}).motif.width(), 1) << "Koo keeps all columns";
  const FilterMotif basset = filter_motif("f", summary_of({0, 2}), counts, {.trim = 0.2, .flank = 0});
  EXPECT_EQ(basset.state, FilterState::uninformative);
  EXPECT_EQ(basset.motif.width(), 0);
}

}  // namespace
}  // namespace basewise::motifs
