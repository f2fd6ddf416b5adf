// Evaluation of profiles, alone and beside other heads.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/evaluate/evaluate.h"
#include "basewise/evaluate/mean_profile.h"
#include "basewise/evaluate/plan.h"
#include "basewise/metrics/profile.h"
#include "basewise/metrics/profile_summary.h"
#include "basewise/results/metrics_document.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::evaluate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kExamples = 23, kStrands = 2, kLength = 37;

class Table : public data::Dataset {
 public:
  explicit Table(std::vector<Bundle> examples) : examples_(std::move(examples)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(examples_.size()); }
  Bundle get(std::int64_t i, Stream) const override { return examples_.at(static_cast<std::size_t>(i)); }
  std::string summary() const override { return "table"; }

 private:
  std::vector<Bundle> examples_;
};

/// Reads that follow "scores"; example 4 has none, strand 1 of example 5 has none.
std::vector<Bundle> profiles(bool replicate, bool positions = true) {
  std::vector<Bundle> all;
  for (std::int64_t i = 0; i < kExamples; ++i) {
    Stream draw(21, static_cast<std::uint64_t>(i));
    const at::Tensor scores = random_normal({kStrands, kLength}, draw.fork(0));
    const at::Tensor rate = (scores * 1.5).exp() * static_cast<double>(1 + i % 5);
    at::Tensor counts = (rate + random_normal({kStrands, kLength}, draw.fork(1))).clamp_min(0).floor();
    if (i == 4) counts.zero_();
    if (i == 5) counts[1].zero_();
    Bundle b{{"scores", scores}, {"profile", counts}, {"counts", at::log1p(counts.sum(1))}};
    b.set("guess", b.at("counts") + 0.3 * random_normal({kStrands}, draw.fork(3)));
    if (positions) {
      b.set("position", at::scalar_tensor(400 * i, at::kLong));
      b.set("chromosome", at::scalar_tensor(i / 12, at::kLong));
    }
    if (replicate) {
      b.set("replicate", (rate + random_normal({kStrands, kLength}, draw.fork(2))).clamp_min(0).floor());
      b.set("replicate_counts", at::log1p(b.at("replicate").sum(1)));
    }
    all.push_back(b);
  }
  return all;
}

data::DatasetPtr table(std::vector<Bundle> examples) { return std::make_shared<Table>(std::move(examples)); }

const infer::ScoreFn kCopy = [](const Bundle& batch) { return Bundle{{"profile", batch.at("scores")}, {"counts", batch.at("guess")}}; };

EvaluateOptions options() {
  EvaluateOptions o{.output = "profile", .target = "profile"};
  o.kind = MeasureKind::profile;
  o.bootstrap.replicates = 50;
  return o;
}

TEST(EvaluateProfiles, EqualsTheMetricsOfEachExample) {
  const auto examples = profiles(false);
  const Bundle all = stack(examples);
  const at::Tensor scores = all.at("scores").contiguous(), counts = all.at("profile").contiguous();
  EvaluateOptions o = options();
  o.batches.batch_size = 5;
  const auto result = evaluate(kCopy, table(examples), o);
  const auto& head = result.heads.at(0);
  EXPECT_TRUE(head.profile);
  EXPECT_EQ(head.pooled.metrics.size(), 7u);
  for (const results::MetricValue& m : head.pooled.metrics) {
    const auto values = metrics::compute_profiles(
        {m.metric}, {.predictions = float_span(scores), .counts = float_span(counts), .mask = {}, .strands = kStrands, .length = kLength});
    const auto expected = metrics::summarise_examples(values[0], {}, {});
    EXPECT_EQ(m.value.value, expected.mean.value) << m.metric;
    EXPECT_EQ(m.examples->median.value, expected.median.value) << m.metric;
    EXPECT_EQ(m.examples->undefined, expected.undefined) << m.metric;
    EXPECT_EQ(m.examples->undefined, m.metric == "multinomial_nll" ? 0 : 1) << m.metric;
    EXPECT_TRUE(m.interval.low < m.value.value && m.value.value < m.interval.high) << m.metric;
    EXPECT_EQ(result.value(m.metric).value, m.value.value);
    EXPECT_EQ(result.value("mean." + m.metric).value, m.value.value);
  }
  EXPECT_EQ(head.blocks, "blocks of 10000 bases (2)") << "two chromosomes of less than 10,000 bases";
  EXPECT_FALSE(head.ceiling || head.floor);
  EXPECT_THAT(to_text(result), HasSubstr("profile: 23 examples of 2 strands and 37 positions"));
}

TEST(EvaluateProfiles, BatchesAndOrderDoNotMatter) {
  auto examples = profiles(true, false);
  EvaluateOptions o = options();
  o.batches.batch_size = 23;
  const auto whole = evaluate(kCopy, table(examples), o);
  EXPECT_EQ(whole.heads.at(0).blocks, "examples");
  std::reverse(examples.begin(), examples.end());
  o.batches.batch_size = 4;
  const auto turned = evaluate(kCopy, table(examples), o);
  for (const auto& [name, value] : whole.values()) EXPECT_NEAR(turned.value(name).value, value.value, 1e-13) << name;
}

TEST(EvaluateProfiles, ReplicateIsTheCeilingAndTheMeanProfileTheFloor) {
  auto examples = profiles(true);
  EvaluateOptions o = options();
  const auto result = evaluate(kCopy, table(examples), o, {.floors = {{"profile", at::full({kStrands, kLength}, 3.0f)}}});
  const auto& head = result.heads.at(0);
  ASSERT_TRUE(head.ceiling && head.floor);
  EXPECT_EQ(head.ceiling->what, "replicate");
  EXPECT_EQ(head.ceiling->values.metrics.size(), 5u) << "likelihoods of a few reads are not asked for";
  EXPECT_LT(result.value("ceiling.jsd").value, result.value("floor.jsd").value);
  EXPECT_NEAR(result.value("floor.cross_entropy_per_read").value, std::log(static_cast<double>(kLength)), 1e-12);
  EXPECT_FALSE(result.value("floor.profile_pearson").defined()) << "the floor is uniform here";
  // The target in place of its replicate agrees with itself.
  for (Bundle& e : examples) e.set("replicate", e.at("profile"));
  const auto same = evaluate(kCopy, table(examples), options());
  EXPECT_LT(same.value("ceiling.jsd").value, 1e-12);
  EXPECT_NEAR(same.value("ceiling.profile_spearman").value, 1, 1e-12);
  o.ceiling = "none";
  EXPECT_FALSE(evaluate(kCopy, table(examples), o).heads.at(0).ceiling);
  const auto json = to_json(result);
  EXPECT_EQ(json["kind"], "profile");
  EXPECT_EQ(json["ceiling"]["what"], "replicate");
  EXPECT_EQ(json["pooled"]["metrics"]["jsd"]["undefined"], 1);
  EXPECT_TRUE(json["pooled"]["positives"].is_null());
}

TEST(EvaluateProfiles, MeanProfileCountsEveryStrandWithReadsOnce) {
  auto examples = profiles(false);
  examples.resize(6);
  at::Tensor mask = at::ones({kStrands, kLength}, at::kBool);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    mask = at::ones({kStrands, kLength}, at::kBool);
    if (i == 2) mask[0][5] = false;
    examples[i].set("profile.mask", mask);
  }
  const at::Tensor mean = mean_profile(table(examples), "profile", {.batch_size = 4});
  ASSERT_EQ(mean.sizes(), (std::vector<std::int64_t>{kStrands, kLength}));
  for (std::int64_t s = 0; s < kStrands; ++s) {
    at::Tensor sum = at::zeros({kLength});
    int n = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) {
      const at::Tensor counts = examples[i].at("profile")[s];
      if (counts.sum().item<float>() == 0 || (i == 2 && s == 0)) continue;
      sum += counts / counts.sum();
      ++n;
    }
    EXPECT_EQ(n, s == 0 ? 4 : 4);
    EXPECT_LT((mean[s] - sum / n).abs().max().item<float>(), 1e-6);
  }
}

TEST(EvaluateProfiles, FurtherHeadsAreMeasuredInTheSamePass) {
  EvaluateOptions o = options();
  o.metrics = {"jsd"};
  o.heads = {{.output = "counts",
              .target = "counts",
              .metrics = {"pearson", "mse"},
              .kind = MeasureKind::automatic,
              .scale = metrics::ScoreScale::logit,
              .names = {"forward", "reverse"}}};
  std::int64_t calls = 0;
  const infer::ScoreFn counted = [&](const Bundle& batch) {
    ++calls;
    return kCopy(batch);
  };
  const auto examples = profiles(true);
  const auto result = evaluate(counted, table(examples), o);
  EXPECT_EQ(calls, 1);
  EvaluateOptions alone{.output = "counts", .target = "counts", .metrics = {"pearson", "mse"}};
  const auto counts = evaluate(kCopy, table(examples), alone);
  EXPECT_EQ(result.value("counts.pearson").value, counts.value("pearson").value);
  EXPECT_EQ(result.value("counts.reverse.mse").value, counts.value("1.mse").value);
  EXPECT_EQ(result.value("counts.ceiling.mse").value, counts.value("ceiling.mse").value);
  std::vector<std::string> names;
  for (const auto& [name, value] : result.values()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("jsd", "ceiling.jsd", "counts.pearson", "counts.mse", "counts.ceiling.pearson", "counts.ceiling.mse"));
  EXPECT_THAT(error_text([&] { (void)result.value("counts.jsd"); }), HasSubstr("no value 'jsd'; its metrics are pearson, mse"));
  EXPECT_EQ(to_json(result)["heads"][0]["output"], "counts");
}

TEST(EvaluateProfiles, FiguresShowSpreadAndLociByReads) {
  EvaluateOptions o = options();
  o.names = {"forward", "reverse"};
  o.heads = {{.output = "counts",
              .target = "counts",
              .metrics = {"pearson"},
              .kind = MeasureKind::automatic,
              .scale = metrics::ScoreScale::logit,
              .names = {}}};
  const auto examples = profiles(true);
  const auto result = evaluate(kCopy, table(examples), o, {.figures = true});
  const auto& figures = result.figures;
  ASSERT_EQ(figures.examples.size(), 7u);
  EXPECT_EQ(figures.examples[0].metric, "jsd");
  std::int64_t sum = figures.examples[0].outside;
  for (const auto* part : {&figures.examples[0].counts, &figures.examples[0].ceiling})
    for (const auto n : *part) sum += n;
  EXPECT_EQ(sum, 2 * (kExamples - 1)) << "all but the example without reads, in prediction and replicate";
  EXPECT_TRUE(figures.examples[5].ceiling.empty()) << figures.examples[5].metric;
  ASSERT_EQ(figures.loci.size(), 4u);
  EXPECT_THAT(figures.channels, ElementsAre("forward", "reverse"));
  EXPECT_EQ(figures.loci[3].example, 4) << "the sparsest";
  const results::LocusTracks& densest = figures.loci[0];
  EXPECT_EQ(densest.choice, "densest");
  const Bundle example = examples.at(static_cast<std::size_t>(densest.example));
  EXPECT_EQ(densest.start, 400 * densest.example);
  double most = 0;
  for (const Bundle& e : examples) most = std::max(most, e.at("profile").sum().item<double>());
  EXPECT_EQ(densest.target_sum, most);
  const at::Tensor expected = at::softmax(example.at("scores"), 1) * example.at("profile").sum(1, true);
  for (std::int64_t s = 0; s < kStrands; ++s)
    for (std::int64_t i = 0; i < kLength; ++i) {
      EXPECT_NEAR(densest.predicted[s][i], expected[s][i].item<float>(), 1e-3);
      EXPECT_EQ(densest.observed[s][i], example.at("profile")[s][i].item<float>());
    }
  ASSERT_EQ(figures.outputs.size(), 3u);
  EXPECT_EQ(figures.outputs[0].name, "counts");
  EXPECT_EQ(figures.outputs[1].name, "counts 0");
  EXPECT_TRUE(figures.outputs[1].density.has_value());
  EXPECT_EQ(results::curves_to_json(figures)["examples"].size(), 7u);
}

TEST(EvaluateProfiles, ShapesAndNamesThatDoNotFit) {
  const auto set = table(profiles(false));
  EvaluateOptions o = options();
  o.target = "counts";
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, o); }), HasSubstr("expected the same (N, strands, positions)"));
  o = options();
  o.output = "";
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, o); }), HasSubstr("say which one to evaluate"));
  o = options();
  o.metrics = {"auroc"};
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, o); }), HasSubstr("'auroc' is not one of profiles"));
  EXPECT_TRUE(asks_for_profiles(MeasureKind::automatic, {"jsd"}));
  EXPECT_FALSE(asks_for_profiles(MeasureKind::automatic, {"mse"}));
}

}  // namespace
}  // namespace basewise::evaluate
