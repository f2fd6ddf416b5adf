// Memory that does not grow with the number of examples, bins that are spans of bases, and parts
// that merge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "basewise/core/error.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/evaluate/measure.h"
#include "basewise/results/metrics_document.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr std::int64_t kTracks = 5, kBins = 37, kBasesPerBin = 128;

/// Coverage in bins: example `i` of chromosome 2 lies behind example `i - 1`;
/// some bins are not measured.
Bundle example(std::int64_t i, bool labels = false) {
  Stream draw(41, static_cast<std::uint64_t>(i));
  const at::Tensor scores = random_normal({kTracks, kBins}, draw.fork(1));
  const at::Tensor noise = random_normal({kTracks, kBins}, draw.fork(2));
  at::Tensor targets = labels ? (scores + noise > 1).to(at::kFloat) : (scores + noise).exp();
  const at::Tensor mask = random_uniform({kTracks, kBins}, draw.fork(3)) > 0.1;
  targets.masked_fill_(mask.logical_not(), std::nanf(""));
  return {{"scores", scores},
          {"labels", targets},
          {"labels.mask", mask},
          {"position", at::scalar_tensor(i * kBins * kBasesPerBin, at::kLong)},
          {"chromosome", at::scalar_tensor(2, at::kLong)}};
}

Bundle batch(std::int64_t first, std::int64_t last, bool labels = false) {
  std::vector<Bundle> examples;
  for (std::int64_t i = first; i < last; ++i) examples.push_back(example(i, labels));
  return stack(examples);
}

MeasureOptions options(std::int64_t kept_bytes) {
  MeasureOptions o{.head = {.output = "scores"}, .bases_per_value = kBasesPerBin};
  o.settings.memory = 4 * kept_bytes;
  o.settings.bootstrap = metrics::BootstrapOptions{.replicates = 40};
  return o;
}

std::unique_ptr<Measure> measure(std::int64_t kept_bytes, std::int64_t examples, std::int64_t batch_size, bool labels = false) {
  auto m = measure_type(MeasureKind::values).make(options(kept_bytes));
  for (std::int64_t i = 0; i < examples; i += batch_size) {
    const Bundle b = batch(i, std::min(i + batch_size, examples), labels);
    m->add(i, b, b);
  }
  return m;
}

constexpr std::int64_t kFew = 60'000, kMany = 1 << 30;

TEST(Memory, DoesNotGrowWithTheNumberOfExamples) {
  EXPECT_GT(measure(kMany, 80, 4)->bytes(), 3 * measure(kMany, 20, 4)->bytes()) << "kept values do";
  const std::int64_t some = measure(kFew, 80, 4)->bytes(), more = measure(kFew, 400, 4)->bytes();
  EXPECT_LT(some, 3 * kFew);
  // Blocks of 10,000 bases are still few here; their sums are all that is added.
  EXPECT_LT(more - some, 320 * 6 * 200);
}

TEST(Memory, WhatIsStreamedEqualsWhatIsKept) {
  for (const bool labels : {false, true}) {
    const auto exact = measure(kMany, 90, 6, labels)->finish({}).head, streamed = measure(kFew, 90, 6, labels)->finish({}).head;
    ASSERT_EQ(streamed.outputs.size(), static_cast<std::size_t>(kTracks));
    EXPECT_EQ(streamed.blocks, exact.blocks);
    EXPECT_THAT(streamed.blocks, MatchesRegex("blocks of 10000 bases \\(4.\\)"));
    const auto same = [&](const results::OutputEvaluation& a, const results::OutputEvaluation& b) {
      EXPECT_EQ(a.counts.examples, b.counts.examples);
      EXPECT_EQ(a.counts.missing, b.counts.missing);
      EXPECT_EQ(std::isnan(a.counts.positives), !labels) << "numbers have no positives";
      EXPECT_EQ(std::isnan(b.counts.positives), !labels);
      if (labels) {
        EXPECT_EQ(a.counts.positives, b.counts.positives);
      }
      ASSERT_EQ(a.metrics.size(), b.metrics.size());
      for (std::size_t m = 0; m < a.metrics.size(); ++m) {
        const bool bins = b.metrics[m].bins > 0;
        EXPECT_EQ(bins, metrics::parts_of(a.metrics[m].metric) == metrics::MetricParts::cells) << a.metrics[m].metric;
        EXPECT_EQ(a.metrics[m].bins, 0);
        // The recall at a rate of false discoveries is a step: whether the few best scores count is
        // decided by the bin that they share with others.
        const double near = !bins ? 1e-6 : a.metrics[m].metric == "recall_at_fdr" ? 2e-2 : 1e-2;
        EXPECT_NEAR(a.metrics[m].value.value, b.metrics[m].value.value, near) << a.metrics[m].metric;
        if (bins) {
          EXPECT_THAT(b.metrics[m].interval.reason, HasSubstr("computed from bins"));
        } else {
          EXPECT_NEAR(a.metrics[m].interval.high, b.metrics[m].interval.high, 2e-2) << a.metrics[m].metric;
        }
      }
    };
    same(exact.pooled, streamed.pooled);
    for (std::size_t c = 0; c < kTracks; ++c) same(exact.outputs[c], streamed.outputs[c]);
  }
}

TEST(Memory, BatchesDoNotMatter) {
  const auto a = measure(kFew, 50, 1)->finish({}).head, b = measure(kFew, 50, 7)->finish({}).head;
  EXPECT_EQ(results::to_json(EvaluationResult{.heads = {a}}).dump(), results::to_json(EvaluationResult{.heads = {b}}).dump());
}

TEST(Memory, PartsMerge) {
  // Kept with kept, kept with streamed and streamed with streamed.
  for (const auto& [first, second] : {std::pair(kMany, kMany), {kFew, kMany}, {kFew, kFew}}) {
    auto a = measure(first, 40, 4), b = measure_type(MeasureKind::values).make(options(second));
    for (std::int64_t i = 40; i < 70; i += 5) {
      const Bundle values = batch(i, i + 5);
      b->add(i, values, values);
    }
    a->merge(*b);
    const auto merged = a->finish({}).head, whole = measure(kMany, 70, 4)->finish({}).head;
    for (const auto& m : whole.pooled.metrics) {
      const auto* found = results::find_metric(merged.pooled.metrics, m.metric);
      EXPECT_NEAR(found->value.value, m.value.value, found->bins > 0 ? 1e-2 : 1e-6) << m.metric;
      if (first == kMany) {
        EXPECT_EQ(found->value.value, m.value.value) << m.metric;
      }
    }
    EXPECT_EQ(merged.pooled.counts.examples, whole.pooled.counts.examples);
  }
  auto values = measure(kMany, 3, 3), profiles = measure_type(MeasureKind::profile).make({.head = {.kind = MeasureKind::profile}});
  EXPECT_THROW(values->merge(*profiles), ArgumentError);
}

TEST(Memory, LaterValuesFindBinsOfTheirOwn) {
  // An output that is constant as long as values are kept, and not measured at first.
  auto m = measure_type(MeasureKind::values).make(options(kFew));
  for (std::int64_t i = 0; i < 90; ++i) {
    Bundle b = batch(i, i + 1);
    if (i < 60) b.at("labels")[0][0].fill_(0), b.at("labels.mask")[0][1].fill_(false);
    m->add(i, b, b);
  }
  const auto head = m->finish({}).head;
  for (const std::size_t c : {0u, 1u}) {
    EXPECT_GT(results::find_metric(head.outputs[c].metrics, "spearman")->bins, 8);
    // Two thirds of the first output's values are tied.
    EXPECT_GT(results::find_metric(head.outputs[c].metrics, "spearman")->value.value, c == 0 ? 0.04 : 0.5);
  }
}

TEST(Bins, AreSpansOfBases) {
  const auto head = measure(kMany, 9, 2)->finish({}).head;
  EXPECT_FALSE(head.per_base) << "a value for each bin, not for each base";
  EXPECT_EQ(head.bases_per_value, kBasesPerBin);
  // Bin b of the data set begins at base 128 b: 9 examples of 37 bins reach into block
  // 42624 / 10000.
  EXPECT_EQ(head.blocks, "blocks of 10000 bases (5)");
  const auto json = results::to_json(EvaluationResult{.heads = {head}});
  EXPECT_EQ(json["bases_per_value"], 128);
}

TEST(Bins, TolerancesAreBasesToo) {
  // The call is one bin off: 128 bases.
  auto o = options(kMany);
  o.head.tolerances = {127, 128};
  o.head.metrics = {"auroc"};
  auto m = measure_type(MeasureKind::binary).make(o);
  at::Tensor labels = at::zeros({1, 1, kBins}), scores = at::zeros({1, 1, kBins});
  labels[0][0][5] = 1;
  scores[0][0][6] = 1;
  const Bundle b{{"scores", scores},
                 {"labels", labels},
                 {"position", at::zeros({1}, at::kLong)},
                 {"chromosome", at::zeros({1}, at::kLong)}};
  m->add(0, b, b);
  const auto found = m->finish({}).head.tolerances;
  EXPECT_LT(found[0].average_precision.value, 1) << "127 bases do not reach";
  EXPECT_EQ(found[1].average_precision.value, 1);
  // Streamed values have no positions left.
  auto few = measure_type(MeasureKind::binary).make([&] {
    auto with = options(kFew);
    with.head = o.head;
    return with;
  }());
  for (std::int64_t i = 0; i < 60; ++i) {
    const Bundle values = batch(i, i + 1, true);
    few->add(i, values, values);
  }
  EXPECT_THAT(few->finish({}).head.tolerances[0].average_precision.reason, HasSubstr("than evaluate.memory has room for"));
}

TEST(Kinds, FollowTheMetricsUnlessSaid) {
  EXPECT_EQ(measure_kind(MeasureKind::automatic, {"auroc"}), MeasureKind::values);
  EXPECT_EQ(measure_kind(MeasureKind::automatic, {"mse", "jsd"}), MeasureKind::profile);
  EXPECT_EQ(measure_kind(MeasureKind::binary, {}), MeasureKind::binary);
}

TEST(Kinds, EachHasARowOfTheTable) {
  for (const Word<MeasureKind>& known : words_of(MeasureKind{})) {
    if (known.value == MeasureKind::automatic) continue;
    EXPECT_EQ(measure_type(known.value).kind, known.value) << known.word;
  }
}

}  // namespace
}  // namespace basewise::evaluate
