#include "basewise/corpus/negatives.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"

namespace basewise::corpus {
namespace {

using seq::Interval;

// 40 kb whose G+C rises from one end to the other, with a run of N.
seq::Genome slope() {
  Stream stream(1);
  std::vector<seq::Token> tokens(40'000);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const double gc = 0.2 + 0.6 * static_cast<double>(i) / 40'000;
    const double weights[] = {(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2};
    tokens[i] = static_cast<seq::Token>(stream.choice(weights));
  }
  std::fill(tokens.begin() + 20'000, tokens.begin() + 21'000, seq::kN);
  seq::Genome genome("slope.fa");
  genome.add("chr1", std::move(tokens));
  return genome;
}

std::map<int, int> gc_bins(const seq::Genome& genome, const std::vector<Interval>& windows) {
  std::map<int, int> bins;
  for (const Interval& window : windows) ++bins[static_cast<int>(seq::gc_fraction(genome.fetch(window).tokens) / 0.02 + 1e-9)];
  return bins;
}

std::vector<Interval> positives() {
  std::vector<Interval> windows;
  for (std::int64_t k = 0; k < 15; ++k) windows.push_back({"chr1", 9000 + 500 * k, 9200 + 500 * k});
  return windows;
}

TEST(Negatives, MatchGcAndKeepAway) {
  const seq::Genome genome = slope();
  const auto result = background_windows(genome, positives(), genome.sizes().intervals(), positives(), {.ratio = 2, .max_n = 0}, Stream(4));
  EXPECT_EQ(result.wanted, 30);
  EXPECT_EQ(result.unmatched, 0);
  ASSERT_EQ(result.windows.size(), 30U);
  auto expected = gc_bins(genome, positives());
  for (auto& [bin, count] : expected) count *= 2;
  EXPECT_EQ(gc_bins(genome, result.windows), expected);
  for (const Interval& window : result.windows) {
    EXPECT_EQ(window.length(), 200);
    EXPECT_FALSE(window.overlaps({"chr1", 20'000, 21'000})) << "no N was allowed";
    for (const Interval& positive : positives()) EXPECT_FALSE(window.overlaps(positive));
  }
  EXPECT_EQ(background_windows(genome, positives(), genome.sizes().intervals(), positives(), {.ratio = 2, .max_n = 0}, Stream(4)).windows,
            result.windows);
}

TEST(Negatives, WhatCannotBeMatchedIsCounted) {
  const seq::Genome genome = slope();
  // The far end is much richer in G and C than the positives.
  const auto result = background_windows(genome, positives(), {{"chr1", 38'000, 40'000}}, {}, {.tries = 20}, Stream(4));
  EXPECT_EQ(result.unmatched, result.wanted - static_cast<std::int64_t>(result.windows.size()));
  EXPECT_GT(result.unmatched, 10);
  EXPECT_THAT(result.summary(), testing::HasSubstr("of 15 could not be matched"));
  EXPECT_EQ(background_windows(genome, positives(), {{"chr1", 0, 100}}, {}, {}, Stream(4)).unmatched, 15) << "no region holds a window";
}

}  // namespace
}  // namespace basewise::corpus
