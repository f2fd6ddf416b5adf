#include "basewise/evaluate/evaluate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/metrics/site_matching.h"
#include "basewise/results/metrics_document.h"
#include "basewise/tensor/tensors.h"
#include "tests/support/error_text.h"

namespace basewise::evaluate {
namespace {

/// A data set and a score function that returns the tensor "scores" of its batches.
class Table : public data::Dataset {
 public:
  explicit Table(std::vector<Bundle> examples) : examples_(std::move(examples)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(examples_.size()); }
  Bundle get(std::int64_t i, Stream) const override { return examples_.at(static_cast<std::size_t>(i)); }
  std::string summary() const override { return "table"; }

 private:
  std::vector<Bundle> examples_;
};

const infer::ScoreFn kCopy = [](const Bundle& batch) { return Bundle{{"logits", batch.at("scores")}}; };

constexpr std::int64_t kExamples = 61;
constexpr std::int64_t kTasks = 5;

/// Labels (5) with 20 % missing, NaN where they are; task 4 has no positives.
std::shared_ptr<Table> multi_label() {
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < kExamples; ++i) {
    Stream draw(7, static_cast<std::uint64_t>(i));
    at::Tensor labels = at::zeros({kTasks}), scores = at::zeros({kTasks}), mask = at::ones({kTasks}, at::kBool);
    for (std::int64_t t = 0; t < kTasks; ++t) {
      labels[t] = t < 4 && draw.bernoulli(0.4) ? 1.0f : 0.0f;
      scores[t] = labels[t] * 0.7f + static_cast<float>(draw.normal());
      if (draw.bernoulli(0.2)) labels[t] = std::nanf(""), mask[t] = false;
    }
    examples.push_back({{"scores", scores}, {"labels", labels}, {"labels.mask", mask}});
  }
  return std::make_shared<Table>(examples);
}

TEST(Evaluate, MultiLabelEqualsTheMetricsOfEachColumn) {
  const auto set = multi_label();
  EvaluateOptions options{.metrics = {"auroc", "average_precision", "recall_at_fdr:0.5"}, .names = {"a", "b", "c", "d", "e"}};
  options.batches.batch_size = 7;
  const auto result = evaluate(kCopy, set, options);
  const auto& head = result.heads.at(0);
  ASSERT_EQ(head.outputs.size(), 5u);
  std::vector<float> all_scores, all_targets;
  double sum = 0;
  for (std::int64_t t = 0; t < kTasks; ++t) {
    std::vector<float> scores, targets;
    for (std::int64_t i = 0; i < kExamples; ++i) {
      const auto e = set->get(i, Stream(0));
      if (!e.at("labels.mask")[t].item<bool>()) continue;
      scores.push_back(e.at("scores")[t].item<float>());
      targets.push_back(e.at("labels")[t].item<float>());
    }
    const auto& output = head.outputs[static_cast<std::size_t>(t)];
    EXPECT_EQ(output.counts.examples, static_cast<std::int64_t>(scores.size()));
    EXPECT_EQ(output.counts.examples + output.counts.missing, kExamples);
    const auto expected = metrics::compute("auroc", {.scores = scores, .targets = targets});
    EXPECT_EQ(output.metrics[0].value.defined(), t < 4);
    if (t < 4) {
      EXPECT_EQ(output.metrics[0].value.value, expected.value);
      EXPECT_LT(output.metrics[0].interval.low, expected.value);
      EXPECT_GT(output.metrics[0].interval.high, expected.value);
      sum += expected.value;
    }
    all_scores.insert(all_scores.end(), scores.begin(), scores.end());
    all_targets.insert(all_targets.end(), targets.begin(), targets.end());
  }
  EXPECT_DOUBLE_EQ(head.mean[0].value.value, sum / 4);
  EXPECT_EQ(head.pooled.metrics[1].value.value,
            metrics::compute("average_precision", {.scores = all_scores, .targets = all_targets}).value);
  EXPECT_EQ(result.value("auroc").value, head.mean[0].value.value);
  EXPECT_EQ(result.value("b.recall_at_fdr:0.5").value, head.outputs[1].metrics[2].value.value);
  EXPECT_EQ(result.value("recall_at_fdr:0.5").value, head.mean[2].value.value);
  EXPECT_THAT(error_text([&] { result.value("auprc"); }), testing::HasSubstr("no value 'auprc'; its metrics are auroc, average_precision"));
}

TEST(Evaluate, BatchSizeDoesNotMatter) {
  const auto set = multi_label();
  EvaluateOptions one{.batches = {.batch_size = 1}}, many{.batches = {.batch_size = 64}};
  auto a = to_json(evaluate(kCopy, set, one)), b = to_json(evaluate(kCopy, set, many));
  a.erase("seconds");
  b.erase("seconds");
  EXPECT_EQ(a.dump(), b.dump());
}

/// Tiles of 37 bases of two chromosomes with both strands;
/// bases past 100 of a chromosome are not measured.
struct Tiles {
  std::shared_ptr<Table> set;
  std::vector<float> scores, targets;
  std::vector<std::int64_t> positions, tracks;
};

Tiles tiles() {
  Tiles t;
  std::vector<Bundle> examples;
  for (std::int64_t chrom = 0; chrom < 2; ++chrom)
    for (std::int64_t start = -10; start < 101; start += 37) {
      Stream draw(11, static_cast<std::uint64_t>(chrom), static_cast<std::uint64_t>(start + 100));
      at::Tensor labels = at::zeros({2, 37}), scores = random_normal({2, 37}, draw.fork(1)), mask = at::zeros({2, 37}, at::kBool);
      for (std::int64_t s = 0; s < 2; ++s)
        for (std::int64_t l = 0; l < 37; ++l) {
          const std::int64_t position = start + l;
          if (draw.bernoulli(0.1)) labels[s][l] = 1, scores[s][l] += 1.5f;
          if (position < 0 || position > 100) continue;
          mask[s][l] = true;
          t.scores.push_back(scores[s][l].item<float>());
          t.targets.push_back(labels[s][l].item<float>());
          t.positions.push_back(position);
          t.tracks.push_back(chrom * 2 + s);
        }
      examples.push_back({{"scores", scores}, {"labels", labels}, {"labels.mask", mask}, {"position", at::scalar_tensor(start, at::kLong)},
                          {"chromosome", at::scalar_tensor(chrom, at::kLong)}});
    }
  t.set = std::make_shared<Table>(examples);
  return t;
}

TEST(Evaluate, PerBaseIsPooledOverStrandsAndKeepsCoordinates) {
  const auto t = tiles();
  const EvaluateOptions options{.names = {"forward", "reverse"}, .tolerances = {0, 5}, .block = 20, .batches = {.batch_size = 3}};
  const auto result = evaluate(kCopy, t.set, options);
  const auto& head = result.heads.at(0);
  EXPECT_TRUE(head.per_base);
  EXPECT_EQ(head.pooled.counts.examples, 2 * 2 * 101);
  const metrics::MetricInput all{.scores = t.scores, .targets = t.targets};
  EXPECT_EQ(result.value("auroc").value, metrics::compute("auroc", all).value);
  EXPECT_EQ(result.value("average_precision").value, metrics::compute("average_precision", all).value);
  EXPECT_EQ(head.blocks, "blocks of 20 bases (12)");
  ASSERT_EQ(head.tolerances.size(), 2u);
  EXPECT_NEAR(head.tolerances[0].average_precision.value, result.value("average_precision").value, 1e-12);
  const std::vector<std::uint8_t> labels(t.targets.begin(), t.targets.end());
  const auto match = metrics::match_sites(t.scores, labels, t.positions, t.tracks, 5);
  EXPECT_EQ(head.tolerances[1].average_precision.value, match.average_precision.value);
  EXPECT_EQ(head.tolerances[1].matched, match.matched);
}

TEST(Evaluate, CallsMeetLabelsAcrossTheOriginOfACircle) {
  // One strand of 101 bases in tiles that begin at base 90: the label is base 100, the call base 1.
  const auto matched = [](std::int64_t circle) {
    std::vector<Bundle> examples;
    for (std::int64_t start = 90; start < 190; start += 37) {
      at::Tensor labels = at::zeros({1, 37}), scores = at::zeros({1, 37}), mask = at::zeros({1, 37}, at::kBool);
      for (std::int64_t l = 0; l < 37; ++l) {
        mask[0][l] = start + l < 191;
        labels[0][l] = (start + l) % 101 == 100 ? 1.0f : 0.0f;
        scores[0][l] = (start + l) % 101 == 1 ? 1.0f : 0.0f;
      }
      examples.push_back({{"scores", scores}, {"labels", labels}, {"labels.mask", mask}, {"position", at::scalar_tensor(start, at::kLong)},
                          {"chromosome", at::scalar_tensor(2, at::kLong)}, {"circle", at::scalar_tensor(circle, at::kLong)}});
    }
    const EvaluateOptions options{.metrics = {"auroc"}, .tolerances = {1, 2}, .intervals = false, .batches = {.batch_size = 2}};
    return evaluate(kCopy, std::make_shared<Table>(examples), options).heads.at(0).tolerances;
  };
  EXPECT_EQ(matched(101)[0].matched, 0);
  EXPECT_EQ(matched(101)[1].matched, 1);
  EXPECT_EQ(matched(101)[1].average_precision.value, 1);
}

TEST(Evaluate, IntervalsPerBaseAreThoseOfBlocks) {
  const auto t = tiles();
  const std::vector<std::uint8_t> labels(t.targets.begin(), t.targets.end());
  // The blocks by hand: 20 bases of a chromosome, both strands together.
  std::vector<std::int64_t> blocks;
  for (std::size_t i = 0; i < t.positions.size(); ++i) blocks.push_back(t.tracks[i] / 2 * 1000 + t.positions[i] / 20);
  const metrics::BootstrapOptions bootstrap{.replicates = 60};
  const auto auroc = [](const metrics::Ranking& r) { return r.auroc(); };
  const auto expected = metrics::bootstrap_ranking(t.scores, labels, {auroc}, bootstrap, blocks)[0];
  const auto result = evaluate(kCopy, t.set, {.metrics = {"auroc"}, .block = 20, .bootstrap = bootstrap});
  const auto& found = result.heads.at(0).pooled.metrics.at(0).interval;
  EXPECT_EQ(found.low, expected.low);
  EXPECT_EQ(found.high, expected.high);
  EXPECT_EQ(found.standard_error, expected.standard_error);
  EXPECT_NE(found.standard_error, metrics::bootstrap_ranking(t.scores, labels, {auroc}, bootstrap)[0].standard_error);
}

TEST(Evaluate, OneBlockHasNoIntervalAndSaysWhy) {
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < 40; ++i) {
    Stream draw(9, static_cast<std::uint64_t>(i));
    examples.push_back({{"scores", random_normal({1}, draw.fork(0))},
                        {"labels", at::full({1}, i % 2 == 0 ? 1.0 : 0.0)},
                        {"position", at::scalar_tensor(100 * i, at::kLong)},
                        {"chromosome", at::scalar_tensor(0, at::kLong)}});
  }
  const auto set = std::make_shared<Table>(examples);
  const auto one = evaluate(kCopy, set, {.metrics = {"auroc", "log_loss"}});
  for (const results::MetricValue& m : one.heads.at(0).pooled.metrics) {
    EXPECT_EQ(m.interval.replicates, 0) << m.metric;
    EXPECT_TRUE(std::isnan(m.interval.low)) << m.metric;
  }
  EXPECT_THAT(to_text(one), testing::HasSubstr("note: no intervals: a single block or example cannot be drawn again; the bootstrap "
                                               "draws blocks of 10000 bases (1)"));
  const auto many = evaluate(kCopy, set, {.metrics = {"auroc", "log_loss"}, .block = 0});
  EXPECT_LT(many.heads.at(0).pooled.metrics[0].interval.low, many.heads.at(0).pooled.metrics[0].interval.high);
  EXPECT_THAT(to_text(many), testing::Not(testing::HasSubstr("no intervals")));
}

TEST(Evaluate, ObserverSeesEveryBatch) {
  std::int64_t rows = 0;
  evaluate(kCopy, multi_label(), {.intervals = false, .batches = {.batch_size = 16}},
           {.observe = [&](const Bundle& outputs, const Bundle&) { rows += outputs.at("logits").size(0); }});
  EXPECT_EQ(rows, kExamples);
}

TEST(Evaluate, NumbersGetNumericMetrics) {
  std::vector<Bundle> examples;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const at::Tensor y = random_normal({3}, Stream(5, i));
    examples.push_back({{"scores", y + 0.5 * random_normal({3}, Stream(6, i))}, {"labels", y}});
  }
  const auto result = evaluate(kCopy, std::make_shared<Table>(examples));
  const auto& head = result.heads.at(0);
  ASSERT_EQ(head.pooled.metrics.size(), 4u);
  EXPECT_EQ(head.pooled.metrics[0].metric, "pearson");
  EXPECT_GT(result.value("pearson").value, 0.7);
  EXPECT_TRUE(std::isnan(head.pooled.counts.positives));
  EXPECT_THAT(to_text(result), testing::HasSubstr("pooled: 120 values\n"));
}

TEST(Evaluate, JsonHasSchemaAndReasons) {
  const auto json = to_json(evaluate(kCopy, multi_label(), {.metrics = {"auroc"}, .bootstrap = {.replicates = 20}}));
  EXPECT_EQ(json["schema"], "basewise.metrics/1");
  EXPECT_EQ(json["outputs"].size(), 5u);
  EXPECT_TRUE(json["outputs"][4]["metrics"]["auroc"]["value"].is_null());
  EXPECT_EQ(json["outputs"][4]["metrics"]["auroc"]["reason"], "no positive examples");
  EXPECT_EQ(json["outputs"][0]["metrics"]["auroc"]["replicates"], 20);
  EXPECT_GT(json["pooled"]["prevalence"].get<double>(), 0.1);
  EXPECT_THAT(to_text(evaluate(kCopy, multi_label(), {.metrics = {"auroc"}})), testing::HasSubstr("mean of 5 outputs:"));
}

TEST(Evaluate, RefusesWhatDoesNotFit) {
  const auto set = multi_label();
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, {.metrics = {"aurok"}}); }),
              testing::HasSubstr("unknown metric 'aurok', did you mean 'auroc'?"));
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, {.output = "profile"}); }), testing::HasSubstr("logits"));
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, {.names = {"a"}}); }), testing::HasSubstr("1 names were given for 5 outputs"));
  EXPECT_THAT(error_text([&] { evaluate(kCopy, set, {.tolerances = {5}}); }), testing::HasSubstr("tolerances need labels per base"));
  const infer::ScoreFn wrong = [](const Bundle& batch) { return Bundle{{"logits", batch.at("scores").slice(1, 0, 4)}}; };
  EXPECT_THAT(error_text([&] { evaluate(wrong, set); }),
              testing::HasSubstr("output 'logits' has shape (61, 4) and target 'labels' has shape (61, 5)"));
}

}  // namespace
}  // namespace basewise::evaluate
