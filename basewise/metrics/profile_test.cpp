#include "basewise/metrics/profile.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/metrics/profile_summary.h"
#include "basewise/metrics/registry.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

using ::testing::HasSubstr;

constexpr std::int64_t kExamples = 7, kStrands = 2, kLength = 53;

const std::vector<std::string>& all_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& info : all_metrics())
      if (info.kind == MetricKind::profile) all.push_back(info.name);
    return all;
  }();
  return names;
}

struct Profiles {
  std::vector<float> predictions, counts;
  ProfileBatch batch(ProfileScale scale = ProfileScale::logit) const {
    return {.predictions = predictions, .counts = counts, .mask = {}, .strands = kStrands, .length = kLength, .scale = scale};
  }
};

/// Reads that follow the predictions, more or less; every strand has some.
Profiles random_profiles(std::uint64_t seed) {
  Profiles p;
  Stream draw(seed);
  for (std::int64_t i = 0; i < kExamples * kStrands * kLength; ++i) {
    p.predictions.push_back(static_cast<float>(2 * draw.normal()));
    const double rate = std::exp(p.predictions.back() + draw.normal());
    p.counts.push_back(static_cast<float>(std::floor(rate + draw.uniform())));
  }
  return p;
}

void expect_same(double a, double b, const std::string& what, double tolerance = 0) {
  if (std::isnan(a) || std::isnan(b)) {
    EXPECT_EQ(std::isnan(a), std::isnan(b)) << what << " " << a << " " << b;
  } else {
    EXPECT_LE(std::abs(a - b), tolerance * std::max(1.0, std::abs(b))) << what << " " << a << " " << b;
  }
}

TEST(Profile, EqualsScipy) {
  std::ifstream file("tests/golden/profile.json");
  ASSERT_TRUE(file) << "run the tests from the root of the sources";
  const auto golden = nlohmann::json::parse(file);
  const auto smoothed = smooth_profile(golden["smooth"]["values"].get<std::vector<double>>());
  const auto expected = golden["smooth"]["smoothed"].get<std::vector<double>>();
  ASSERT_EQ(smoothed.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(smoothed[i], expected[i], 1e-14);
  ASSERT_EQ(golden["cases"].size(), 3u);
  for (const auto& c : golden["cases"]) {
    const auto predictions = c["predictions"].get<std::vector<float>>(), counts = c["counts"].get<std::vector<float>>();
    const ProfileBatch batch{.predictions = predictions,
                             .counts = counts,
                             .mask = {},
                             .strands = c["strands"],
                             .length = c["length"],
                             .scale = c["scale"] == "counts" ? ProfileScale::counts : ProfileScale::logit};
    for (const auto& [name, ignored] : c["values"][0].items()) {
      const auto values = compute_profiles({name}, batch)[0];
      ASSERT_EQ(values.size(), c["examples"].get<std::size_t>());
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto& g = c["values"][i][name];
        expect_same(values[i], g.is_null() ? std::nan("") : g.get<double>(), name + " of example " + std::to_string(i), 1e-11);
      }
    }
  }
}

TEST(Profile, OfItselfIsPerfect) {
  const Profiles p = random_profiles(1);
  Profiles same = p;
  same.predictions = p.counts;
  const auto values = compute_profiles(all_names(), same.batch(ProfileScale::counts));
  for (std::size_t m = 0; m < values.size(); ++m)
    for (const double v : values[m]) {
      if (all_names()[m] == "jsd") {
        EXPECT_LT(v, 1e-12);
      }
      if (all_names()[m] == "profile_pearson" || all_names()[m] == "profile_spearman") {
        EXPECT_GT(v, 1 - 1e-12);
      }
    }
}

TEST(Profile, StrangersShareNothing) {
  // Far apart, two distributions diverge by log 2 and no more.
  std::vector<float> predictions(kStrands * kLength), counts(predictions.size());
  predictions[4] = counts[30] = predictions[kLength + 7] = counts[kLength + 40] = 9;
  const ProfileBatch batch{
      .predictions = predictions, .counts = counts, .mask = {}, .strands = kStrands, .length = kLength, .scale = ProfileScale::counts};
  EXPECT_NEAR(compute_profiles({"jsd"}, batch)[0][0], std::log(2.0), 1e-12);
}

TEST(Profile, ScaleOfCountsAndShiftOfLogitsDoNotMatter) {
  const Profiles p = random_profiles(2);
  Profiles q = p;
  for (float& n : q.counts) n *= 4;
  for (std::size_t i = 0; i < q.predictions.size(); ++i)
    q.predictions[i] += static_cast<float>((i / kLength) % 3);  // another one for each strand
  for (const auto& name : all_names()) {
    if (name == "multinomial_nll") continue;  // counts what the reads are
    const auto a = compute_profiles({name}, p.batch())[0], b = compute_profiles({name}, q.batch())[0];
    for (std::size_t i = 0; i < a.size(); ++i) expect_same(a[i], b[i], name, 2e-6);  // logits are rounded to floats after the shift
  }
}

TEST(Profile, StrandsMayBeSwappedAndMirrored) {
  // 50 positions are whole bins from either end.
  constexpr std::int64_t kWhole = 50;
  Stream draw(3);
  std::vector<float> predictions, counts;
  for (std::int64_t i = 0; i < kExamples * kStrands * kWhole; ++i) {
    predictions.push_back(static_cast<float>(draw.normal()));
    counts.push_back(static_cast<float>(draw.below(4)));
  }
  const auto turned = [&](std::vector<float> rows) {
    for (std::int64_t e = 0; e < kExamples; ++e)
      std::reverse(rows.begin() + e * kStrands * kWhole, rows.begin() + (e + 1) * kStrands * kWhole);
    return rows;
  };
  const auto p = turned(predictions), n = turned(counts);
  const auto a =
      compute_profiles(all_names(), {.predictions = predictions, .counts = counts, .mask = {}, .strands = kStrands, .length = kWhole});
  const auto b = compute_profiles(all_names(), {.predictions = p, .counts = n, .mask = {}, .strands = kStrands, .length = kWhole});
  for (std::size_t m = 0; m < a.size(); ++m)
    for (std::size_t i = 0; i < a[m].size(); ++i) expect_same(a[m][i], b[m][i], all_names()[m], 1e-12);
}

TEST(Profile, ExamplesAndThreadsAreIndependent) {
  const Profiles p = random_profiles(4);
  const auto whole = compute_profiles(all_names(), p.batch());
  set_threads(3);
  const auto threaded = compute_profiles(all_names(), p.batch());
  set_threads(0);
  EXPECT_EQ(whole, threaded);
  constexpr std::size_t kRow = kStrands * kLength;
  for (std::int64_t i = 0; i < kExamples; ++i) {
    const std::span<const float> x(p.predictions), n(p.counts);
    const auto one = compute_profiles(all_names(), {.predictions = x.subspan(i * kRow, kRow),
                                                    .counts = n.subspan(i * kRow, kRow),
                                                    .mask = {},
                                                    .strands = kStrands,
                                                    .length = kLength});
    for (std::size_t m = 0; m < one.size(); ++m) EXPECT_EQ(one[m][0], whole[m][static_cast<std::size_t>(i)]) << all_names()[m];
  }
}

TEST(Profile, ByHand) {
  // Two strands of two positions: probabilities 1/4, 3/4 and 1/2, 1/2; counts 1, 2 and none.
  const std::vector<float> predictions = {0, std::log(3.0f), 1, 1}, counts = {1, 2, 0, 0};
  const ProfileBatch batch{.predictions = predictions, .counts = counts, .mask = {}, .strands = 2, .length = 2};
  const auto v = compute_profiles({"multinomial_nll", "cross_entropy_per_read", "profile_pearson:1", "profile_spearman"}, batch);
  EXPECT_NEAR(v[0][0], -std::log(3 * 0.25 * 0.75 * 0.75), 1e-6);  // 3!/(1! 2!) ways; log 3 is rounded to a float
  EXPECT_NEAR(v[1][0], -std::log(0.25 * 0.75 * 0.75) / 3, 1e-6);
  EXPECT_NEAR(v[2][0], 1, 1e-15);  // of the strand that has reads
  EXPECT_NEAR(v[3][0], 1, 1e-15);  // bins of 5 and 10 hold both positions: no variation
}

TEST(Profile, UniformPredictionCostsTheLogarithmOfTheLength) {
  Profiles p = random_profiles(5);
  std::fill(p.predictions.begin(), p.predictions.end(), 0.25f);
  const auto v = compute_profiles({"cross_entropy_per_read", "profile_pearson", "profile_spearman_as_published"}, p.batch());
  for (std::int64_t i = 0; i < kExamples; ++i) {
    EXPECT_NEAR(v[0][i], std::log(static_cast<double>(kLength)), 1e-12);
    EXPECT_TRUE(std::isnan(v[1][i])) << "a constant has no correlation";
    EXPECT_TRUE(std::isnan(v[2][i]));
  }
}

TEST(Profile, WithoutReadsThereIsNoAgreement) {
  Profiles p = random_profiles(6);
  std::fill(p.counts.begin(), p.counts.begin() + kStrands * kLength, 0.0f);
  const auto v = compute_profiles(all_names(), p.batch());
  for (std::size_t m = 0; m < v.size(); ++m) {
    if (all_names()[m] == "multinomial_nll")
      EXPECT_EQ(v[m][0], 0);
    else
      EXPECT_TRUE(std::isnan(v[m][0])) << all_names()[m];
    EXPECT_FALSE(std::isnan(v[m][1])) << all_names()[m];
  }
}

TEST(Profile, StrandThatWasNotMeasuredIsLeftOut) {
  const Profiles p = random_profiles(7);
  Profiles odd = p;
  std::vector<std::uint8_t> mask(p.counts.size(), 1);
  mask[kLength + 3] = 0;  // example 0, strand 1
  odd.counts[kLength + 3] = std::nanf("");
  ProfileBatch batch = odd.batch();
  batch.mask = mask;
  const auto v =
      compute_profiles({"jsd", "profile_pearson", "cross_entropy_per_read", "multinomial_nll", "profile_pearson_as_published"}, batch);
  const std::span<const float> x(p.predictions), n(p.counts);
  const auto alone = compute_profiles(
      {"jsd", "profile_pearson", "cross_entropy_per_read"},
      {.predictions = x.subspan(0, kLength), .counts = n.subspan(0, kLength), .mask = {}, .strands = 1, .length = kLength});
  for (std::size_t m = 0; m < alone.size(); ++m) EXPECT_EQ(v[m][0], alone[m][0]);
  EXPECT_TRUE(std::isnan(v[3][0])) << "sums over strands need them all";
  EXPECT_TRUE(std::isnan(v[4][0]));
  EXPECT_EQ(v[3][2], compute_profiles({"multinomial_nll"}, p.batch())[0][2]);
}

TEST(Profile, ErrorsNameExampleStrandAndPosition) {
  Profiles p = random_profiles(8);
  p.counts[(3 * kStrands + 1) * kLength + 11] = -1;
  EXPECT_THAT(error_text<ArgumentError>([&] { compute_profiles({"jsd"}, p.batch()); }),
              HasSubstr("count is -1 in example 3, strand 1, position 11"));
  p = random_profiles(8);
  p.predictions[kLength - 1] = std::nanf("");
  EXPECT_THAT(error_text<ArgumentError>([&] { compute_profiles({"jsd"}, p.batch()); }),
              HasSubstr("prediction is nan in example 0, strand 0, position 52"));
  EXPECT_THAT(error_text<ArgumentError>([&] { compute_profiles({"auroc"}, p.batch()); }), HasSubstr("'auroc' is not one of profiles"));
  EXPECT_THAT(error_text<ArgumentError>([&] { compute_profiles({"profile_pearson:0"}, p.batch()); }), HasSubstr("is no bin size"));
  EXPECT_THAT(error_text<ArgumentError>([&] { compute("jsd", {.scores = p.counts, .targets = p.counts}); }),
              HasSubstr("it needs rows of positions"));
  p.counts.pop_back();
  EXPECT_THAT(error_text<ArgumentError>([&] { compute_profiles({"jsd"}, p.batch()); }), HasSubstr("counts has 741 values for 742 scores"));
}

TEST(ExampleSummary, MeanMedianAndWhatIsUndefined) {
  const double none = std::nan("");
  const auto s = summarise_examples(std::vector<double>{4, none, 1, 7, none, 2}, {}, BootstrapOptions{.replicates = 300});
  EXPECT_EQ(s.mean.value, 3.5);
  EXPECT_EQ(s.median.value, 3);
  EXPECT_EQ(s.examples, 6);
  EXPECT_EQ(s.undefined, 2);
  EXPECT_LT(s.interval.low, 3.5);
  EXPECT_GT(s.interval.high, 3.5);
  EXPECT_EQ(summarise_examples(std::vector<double>{5, 1, 3}, {}, {}).median.value, 3);
  EXPECT_EQ(summarise_examples(std::vector<double>{5, 1, 3}, {}, {}).interval.replicates, 0);
  EXPECT_EQ(summarise_examples(std::vector<double>{none, none}, {}, {}).mean.reason, "undefined in every example");
  EXPECT_THAT(summarise_examples(std::vector<double>{1, std::numeric_limits<double>::infinity()}, {}, {}).mean.reason,
              HasSubstr("1 examples have reads"));
}

TEST(ExampleSummary, OrderDoesNotMatterAndBlocksWiden) {
  Stream draw(12);
  std::vector<double> values, shuffled;
  std::vector<std::int64_t> blocks;
  for (int b = 0; b < 40; ++b) {
    const double level = draw.normal();
    for (int i = 0; i < 9; ++i) values.push_back(level + 0.1 * draw.normal()), blocks.push_back(1000 - 7 * b);
  }
  shuffled.assign(values.rbegin(), values.rend());
  EXPECT_NEAR(summarise_examples(values, {}, {}).mean.value, summarise_examples(shuffled, {}, {}).mean.value, 1e-14);
  EXPECT_EQ(summarise_examples(values, {}, {}).median.value, summarise_examples(shuffled, {}, {}).median.value);
  const auto alone = summarise_examples(values, {}, BootstrapOptions{.replicates = 400}).interval;
  const auto together = summarise_examples(values, blocks, BootstrapOptions{.replicates = 400}).interval;
  EXPECT_GT(together.high - together.low, 2 * (alone.high - alone.low)) << "examples of a block are alike";
}

TEST(Profile, NumbersThatEveryProfileHas) {
  const Profiles p = random_profiles(9);
  for (const auto& name : all_names()) {
    const auto values = compute_profiles({name}, p.batch())[0];
    for (const double v : values) {
      EXPECT_TRUE(std::isfinite(v)) << name;
      if (name == "jsd") {
        EXPECT_TRUE(v >= 0 && v <= std::log(2.0));
      }
      if (name.starts_with("profile_")) {
        EXPECT_TRUE(v >= -1 && v <= 1);
      }
    }
  }
  // Reads follow the predictions here: all see it.
  const auto good = compute_profiles(all_names(), p.batch());
  Profiles other = p;
  std::rotate(other.predictions.begin(), other.predictions.begin() + 17, other.predictions.end());
  const auto bad = compute_profiles(all_names(), other.batch());
  for (std::size_t m = 0; m < good.size(); ++m) {
    const double g = std::accumulate(good[m].begin(), good[m].end(), 0.0), b = std::accumulate(bad[m].begin(), bad[m].end(), 0.0);
    EXPECT_TRUE(find_metric(all_names()[m]).higher_is_better ? g > b : g < b) << all_names()[m];
  }
}

}  // namespace
}  // namespace basewise::metrics
