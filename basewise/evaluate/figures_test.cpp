#include "basewise/evaluate/evaluate.h"

#include <cmath>
#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/results/figures.h"
#include "basewise/tensor/tensors.h"

namespace basewise::evaluate {
namespace {

using results::kCurveBound;
using results::kFigureOutputs;

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

data::DatasetPtr labels_of(std::int64_t examples, std::int64_t outputs) {
  std::vector<Bundle> all;
  for (std::int64_t i = 0; i < examples; ++i) {
    Stream draw(3, static_cast<std::uint64_t>(i));
    at::Tensor labels = at::zeros({outputs}), scores = at::zeros({outputs});
    for (std::int64_t t = 0; t < outputs; ++t) {
      labels[t] = draw.bernoulli(0.3) ? 1.0f : 0.0f;
      // Later outputs are better ones.
      scores[t] = labels[t] * (0.5f + 0.3f * static_cast<float>(t)) + static_cast<float>(draw.normal());
    }
    all.push_back({{"scores", scores}, {"labels", labels}});
  }
  return std::make_shared<Table>(all);
}

TEST(Figures, CurvesAgreeWithTheMetrics) {
  const auto result =
      evaluate(kCopy, labels_of(700, 3), {.metrics = {"auroc", "auprc_trapezoid", "calibration_error:20"}}, {.figures = true});
  ASSERT_EQ(result.figures.outputs.size(), 4u);
  EXPECT_EQ(result.figures.outputs[0].name, "pooled");
  for (std::size_t i = 0; i < 4; ++i) {
    const auto& f = result.figures.outputs[i];
    const auto& metrics = i == 0 ? result.heads.at(0).pooled.metrics : result.heads.at(0).outputs[i - 1].metrics;
    EXPECT_NEAR(f.roc->curve.area(), metrics[0].value.value, 2 * kCurveBound);
    EXPECT_NEAR(f.precision_recall->curve.area(), metrics[1].value.value, 5 * kCurveBound);
    double gap = 0, weight = 0;
    for (const auto& bin : f.calibration) gap += bin.weight * std::abs(bin.mean_probability - bin.fraction_positive), weight += bin.weight;
    EXPECT_NEAR(gap / weight, metrics[2].value.value, 1e-12);
    EXPECT_FALSE(f.density);
  }
  EXPECT_TRUE(evaluate(kCopy, labels_of(70, 3), {}).figures.outputs.empty());
}

TEST(Figures, OperatingPointsLieOnTheirCurves) {
  const auto set = labels_of(500, 1);
  const auto result = evaluate(kCopy, set, {.metrics = {"auroc"}}, {.figures = true});
  ASSERT_EQ(result.figures.outputs.size(), 1u);
  const auto& roc = *result.figures.outputs[0].roc;
  ASSERT_EQ(roc.points[1].name, "half");
  double hits = 0, positives = 0;
  for (std::int64_t i = 0; i < set->size(); ++i) {
    const auto e = set->get(i, Stream(0));
    if (e.at("labels").item<float>() == 0) continue;
    ++positives;
    hits += e.at("scores").item<float>() >= 0;
  }
  EXPECT_DOUBLE_EQ(roc.points[1].y, hits / positives);
  EXPECT_THAT(roc.curve.threshold, ::testing::Contains(roc.points[0].threshold));
}

TEST(Figures, OfManyOutputsTheBestAndTheWorstAreAmongThoseShown) {
  const auto result = evaluate(kCopy, labels_of(300, 19), {.metrics = {"auroc"}, .intervals = false}, {.figures = true});
  ASSERT_EQ(result.figures.outputs.size(), 1u + kFigureOutputs);
  EXPECT_EQ(result.figures.left_out, 19 - kFigureOutputs);
  double best = 0, worst = 1;
  for (const auto& o : result.heads.at(0).outputs)
    best = std::max(best, o.metrics[0].value.value), worst = std::min(worst, o.metrics[0].value.value);
  EXPECT_EQ(result.value(result.figures.outputs[1].name + ".auroc").value, best);
  EXPECT_EQ(result.value(result.figures.outputs.back().name + ".auroc").value, worst);
}

/// Eleven tiles of 4096 bases with two strands on chromosome 5, ending with an odd one; sites of
/// pairs of tiles: 6, 0, 3, 0, 9.
std::shared_ptr<Table> tiles(bool positions = true) {
  const std::int64_t sites[] = {4, 2, 0, 0, 1, 2, 0, 0, 9, 0, 50};
  std::vector<Bundle> examples;
  for (std::int64_t n = 0; n < 11; ++n) {
    at::Tensor labels = at::zeros({2, 4096}), scores = random_normal({2, 4096}, Stream(1, static_cast<std::uint64_t>(n)));
    for (std::int64_t k = 0; k < sites[n]; ++k) labels[k % 2][17 * (k + 1)] = 1.0f;
    Bundle example{{"scores", scores}, {"labels", labels}};
    if (positions) {
      example.set("position", at::scalar_tensor(1000 + 4096 * n, at::kLong));
      example.set("chromosome", at::scalar_tensor(5, at::kLong));
    }
    examples.push_back(example);
  }
  return std::make_shared<Table>(examples);
}

TEST(Figures, LociAreChosenByTheirSites) {
  const auto set = tiles();
  const auto loci =
      evaluate(kCopy, set, {.metrics = {"auroc"}, .names = {"forward", "reverse"}, .intervals = false}, {.figures = true}).figures.loci;
  ASSERT_EQ(loci.size(), 4u);
  const std::vector<std::tuple<std::string, std::int64_t, double>> expected{
      {"densest", 1000 + 8 * 4096, 9}, {"upper quartile", 1000, 6}, {"median", 1000 + 4 * 4096, 3}, {"sparsest", 1000 + 2 * 4096, 0}};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(std::tuple(loci[i].choice, loci[i].start, loci[i].target_sum), expected[i]);
    EXPECT_EQ(loci[i].length, 8192);
    EXPECT_EQ(loci[i].chromosome, 5);
  }
  // Tile 5 is the second half of the median one; reverse strand.
  const auto tile = set->get(5, Stream(0));
  EXPECT_EQ(loci[2].observed[1][4096 + 34], tile.at("labels")[1][34].item<float>());
  EXPECT_EQ(loci[2].observed[1][4096 + 34], 1);
  EXPECT_FLOAT_EQ(loci[2].predicted[1][4096 + 100], 1 / (1 + std::exp(-tile.at("scores")[1][100].item<float>())));
}

TEST(Figures, OfManyChannelsSomeAreKept) {
  std::vector<Bundle> examples;
  for (std::uint64_t n = 0; n < 5; ++n)
    examples.push_back(
        {{"scores", random_normal({13, 37}, Stream(1, n))}, {"labels", (random_normal({13, 37}, Stream(2, n)) > 0.5).to(at::kFloat)}});
  const auto figures =
      evaluate(kCopy, std::make_shared<Table>(examples), {.metrics = {"auroc"}, .intervals = false}, {.figures = true}).figures;
  ASSERT_EQ(figures.channels.size(), static_cast<std::size_t>(kFigureOutputs));
  ASSERT_EQ(figures.loci[0].observed.size(), figures.channels.size());
  const std::int64_t last = std::stoll(figures.channels.back());
  const auto& locus = figures.loci[0];
  const at::Tensor labels = examples[static_cast<std::size_t>(locus.example)].at("labels");
  for (std::int64_t l = 0; l < 37; ++l) EXPECT_EQ(locus.observed.back()[static_cast<std::size_t>(l)], labels[last][l].item<float>());
  EXPECT_EQ(locus.target_sum, labels.sum().item<double>());
}

TEST(Figures, WithoutPositionsALocusIsAnExample) {
  const auto loci = evaluate(kCopy, tiles(false), {.metrics = {"auroc"}, .intervals = false}, {.figures = true}).figures.loci;
  ASSERT_FALSE(loci.empty());
  EXPECT_EQ(loci[0].length, 4096);
  EXPECT_EQ(loci[0].chromosome, -1);
  EXPECT_EQ(loci[0].example, 10);
}

/// The tiles with a mask: `measured(tile, mask)` says what is missing.
std::vector<results::LocusTracks> loci_of(const std::function<void(std::int64_t, at::Tensor&)>& measured) {
  auto set = tiles();
  std::vector<Bundle> examples;
  for (std::int64_t n = 0; n < set->size(); ++n) {
    Bundle e = set->get(n, Stream(0));
    at::Tensor mask = at::ones({2, 4096}, at::kBool);
    measured(n, mask);
    e.set("labels.mask", mask);
    examples.push_back(e);
  }
  return evaluate(kCopy, std::make_shared<Table>(examples), {.metrics = {"auroc"}, .intervals = false}, {.figures = true}).figures.loci;
}

TEST(Figures, AGapInALocusIsNan) {
  const auto loci = loci_of([](std::int64_t n, at::Tensor& mask) {
    if (n == 8) mask[1].slice(0, 7, 30) = false;
  });
  ASSERT_FALSE(loci.empty());
  EXPECT_EQ(loci[0].start, 1000 + 8 * 4096);
  EXPECT_EQ(loci[0].target_sum, 9) << "tile 8 has sites of the second strand at 34, 68, 102 and 136";
  for (std::size_t at = 0; at < 8192; ++at) {
    EXPECT_EQ(std::isnan(loci[0].observed[1][at]), at >= 7 && at < 30) << at;
    EXPECT_FALSE(std::isnan(loci[0].observed[0][at])) << at;
    EXPECT_FALSE(std::isnan(loci[0].predicted[1][at])) << at;
  }
}

TEST(Figures, TilesThatReachBeyondWhatWasMeasuredAreTakenLast) {
  const auto beyond = [](std::int64_t n, at::Tensor& mask) {
    if (n == 8) mask.slice(1, 4000) = false;
  };
  const auto loci = loci_of(beyond);
  // Tiles 9 and 10 now are neighbours that are measured from end to end.
  EXPECT_EQ(loci[0].start, 1000 + 9 * 4096);
  EXPECT_EQ(loci[0].target_sum, 50);
  const auto tile = tiles()->get(10, Stream(0));
  EXPECT_FLOAT_EQ(loci[0].predicted[1][4096 + 3], 1 / (1 + std::exp(-tile.at("scores")[1][3].item<float>())));
  const auto others = loci_of([](std::int64_t, at::Tensor& mask) { mask.slice(1, 4000) = false; });
  ASSERT_FALSE(others.empty());
  EXPECT_TRUE(std::isnan(others[0].observed[0][4095]));
  EXPECT_FALSE(std::isnan(others[0].observed[0][3999]));
}

TEST(Figures, NumbersGetADensity) {
  std::vector<Bundle> examples;
  for (std::uint64_t i = 0; i < 90; ++i) {
    const at::Tensor y = random_normal({2}, Stream(5, i));
    examples.push_back({{"scores", y + 0.5 * random_normal({2}, Stream(6, i))}, {"labels", y}});
  }
  const auto result = evaluate(kCopy, std::make_shared<Table>(examples), {}, {.figures = true});
  EXPECT_FALSE(result.figures.binary);
  ASSERT_EQ(result.figures.outputs.size(), 3u);
  EXPECT_FALSE(result.figures.outputs[0].roc);
  const auto json = results::curves_to_json(result.figures);
  std::int64_t total = json["outputs"][0]["density"]["outside"];
  for (const auto& n : json["outputs"][0]["density"]["count"]) total += n.get<std::int64_t>();
  EXPECT_EQ(total, 180);
}

TEST(Figures, JsonHasColumnsOfOneLength) {
  const auto json = results::curves_to_json(evaluate(kCopy, labels_of(200, 2), {}, {.figures = true}).figures);
  EXPECT_EQ(json["schema"], "basewise.curves/1");
  const auto& roc = json["outputs"][1]["roc"];
  EXPECT_EQ(roc["x"].size(), roc["y"].size());
  EXPECT_EQ(roc["x"].size(), roc["threshold"].size());
  EXPECT_TRUE(roc["threshold"][0].is_null());
  EXPECT_EQ(roc["y"].back(), 1);
  const auto& bin = json["outputs"][0]["calibration"][0];
  EXPECT_LE(bin["observed_low"].get<double>(), bin["observed"].get<double>());
  EXPECT_GE(bin["observed_high"].get<double>(), bin["observed"].get<double>());
}

}  // namespace
}  // namespace basewise::evaluate
