// What is written is what is read back; what is damaged is refused by name.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/results/figures.h"
#include "basewise/results/metrics_document.h"
#include "basewise/results/tracks.h"
#include "tests/support/error_text.h"

namespace basewise::results {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

MetricValue metric(const std::string& name, double value) {
  MetricValue m{.metric = name, .value = metrics::MetricResult::of(value)};
  m.interval = {.low = value - 0.125, .high = value + 0.25, .standard_error = 0.0625, .replicates = 37, .undefined = 2, .reason = ""};
  return m;
}

HeadEvaluation head(const std::string& output, double base) {
  HeadEvaluation h{.output = output, .target = "labels", .examples = 41};
  for (const char* name : {"a", "b", "c"}) {
    OutputEvaluation o{.name = name, .counts = {.examples = 40, .missing = 1, .positives = 10}};
    o.metrics = {metric("auroc", base), metric("recall_at_fdr:0.5", base / 2)};
    h.outputs.push_back(o);
    base += 0.0625;
  }
  h.outputs[2].metrics[0] = {.metric = "auroc", .value = metrics::MetricResult::undefined("no positive examples")};
  h.pooled = h.outputs[1];
  h.pooled.name = "pooled";
  h.pooled.metrics[0].bins = 512;
  h.mean = {metric("auroc", 0.5), metric("recall_at_fdr:0.5", 0.25)};
  for (MetricValue& m : h.mean) m.interval = {};
  h.blocks = "blocks of 128 bases (9)";
  h.bases_per_value = 128;
  return h;
}

MetricsDocument document() {
  MetricsDocument d{.split = Set::test,
                    .weights = "jsd",
                    .strands = Strands::mean,
                    .confidence = 0.9,
                    .references = {{"auroc", "published", 0.75}}};
  d.evaluation.heads = {head("logits", 0.625), head("other", 0.375)};
  d.evaluation.heads[0].tolerances = {{5, "pooled", metrics::MetricResult::of(0.5), 90, 1234, 71}};
  HeadEvaluation& profile = d.evaluation.heads[1];
  profile.profile = true;
  profile.strands = 2;
  profile.length = 37;
  profile.pooled.metrics[0].examples = ExampleFacts{metrics::MetricResult::of(0.25), 38, 3};
  profile.floor = Comparison{"mean profile", profile.pooled};
  d.evaluation.seconds_model = 1.5;
  return d;
}

TEST(Metrics, AreReadBackAsTheyWereWritten) {
  const Json json = to_json(document());
  const MetricsDocument back = metrics_from_json(json);
  EXPECT_EQ(to_json(back).dump(1), json.dump(1));
  ASSERT_EQ(back.evaluation.heads.size(), 2u);
  EXPECT_EQ(back.evaluation.heads[0].pooled.metrics[0].bins, 512);
  EXPECT_EQ(back.evaluation.heads[0].outputs[2].metrics[0].value.reason, "no positive examples");
  EXPECT_EQ(back.evaluation.heads[1].floor->what, "mean profile");
  EXPECT_EQ(back.evaluation.heads[1].pooled.metrics[0].examples->undefined, 3);
}

TEST(Metrics, OptionsInPlaceOfThoseOfTheRunAreKept) {
  MetricsDocument d = document();
  EXPECT_FALSE(to_json(d).contains("set"));
  d.set = {"data.fasta.file=other.fa"};
  d.inputs = {"other.fa"};
  const MetricsDocument back = metrics_from_json(to_json(d));
  EXPECT_EQ(back.set, d.set);
  EXPECT_TRUE(back.on_other_data());
}

TEST(Metrics, StrandsAreReadAsEarlierReleasesToldThem) {
  Json json = to_json(document());
  for (const char* word : {"mean", "average"}) {
    json["strands"] = word;
    EXPECT_EQ(metrics_from_json(json).strands, Strands::mean);
  }
  for (const Json& nothing : {Json(""), Json(nullptr), Json(2)}) {
    json["strands"] = nothing;
    EXPECT_EQ(metrics_from_json(json).strands, std::nullopt);
  }
}

TEST(Metrics, HaveTheirNames) {
  const EvaluationResult e = metrics_from_json(to_json(document())).evaluation;
  EXPECT_EQ(e.value("auroc").value, 0.5) << "bins are not bases: the mean over outputs";
  EXPECT_EQ(e.value("pooled.auroc").value, 0.6875);
  EXPECT_EQ(e.value("b.recall_at_fdr:0.5").value, 0.34375);
  EXPECT_EQ(e.value("other.a.auroc").value, 0.375);
  EXPECT_EQ(e.value("other.floor.auroc").value, e.head("other").floor->values.metrics[0].value.value);
  std::vector<std::string> names;
  for (const auto& [name, value] : e.values()) names.push_back(name);
  EXPECT_THAT(names, ElementsAre("auroc", "recall_at_fdr:0.5", "other.auroc", "other.recall_at_fdr:0.5", "other.floor.auroc",
                                 "other.floor.recall_at_fdr:0.5"));
  EXPECT_THAT(error_text([&] { (void)e.value("other.jsd"); }), HasSubstr("no value 'jsd'; its metrics are auroc, recall_at_fdr:0.5"));
  EXPECT_THAT(error_text([&] { (void)e.head("counts"); }), HasSubstr("no head 'counts'; its heads are logits, other"));
}

TEST(Metrics, TextSaysWhatIsApproximate) {
  const std::string text = to_text(document().evaluation);
  EXPECT_THAT(text, HasSubstr("auroc 0.6875 [0.5625, 0.9375] (from 512 bins)"));
  EXPECT_THAT(text, HasSubstr("recall_at_fdr:0.5 0.3438 [0.2188, 0.5938]\n"));
  EXPECT_THAT(text, HasSubstr("head other:\nother: 41 examples of 2 strands and 37 positions"));
}

TEST(Metrics, DamagedMembersAreNamed) {
  const Json whole = to_json(document());
  const auto with = [&](const char* place, const Json& value) {
    Json changed = whole;
    changed[Json::json_pointer(place)] = value;
    return maybe_error_text([&] { (void)metrics_from_json(changed); });
  };
  EXPECT_EQ(with("/schema", "basewise.metrics/7"), "the schema is 'basewise.metrics/7': expected basewise.metrics/1");
  EXPECT_EQ(with("/pooled/metrics/auroc/value", "high"), "'value' is \"high\": expected a number");
  EXPECT_EQ(with("/examples", 1e300), "'examples' is 1e+300: expected a whole number");
  EXPECT_EQ(with("/outputs", 3), "'outputs' is 3: expected a list");
  EXPECT_EQ(with("/mean", Json::array({1})), "'mean' is no object of metrics");
  EXPECT_EQ(with("/mean", nullptr), "");
  EXPECT_EQ(with("/split", "holdout"), "'split' is \"holdout\": expected one of train, validation, test");
  EXPECT_EQ(with("/strands", "both"), "'strands' is \"both\": expected one of single, mean, max, probability");
}

TEST(Curves, AreReadBackAsTheyWereWritten) {
  EvaluationFigures f{.binary = false};
  OutputFigures& o = f.outputs.emplace_back();
  o.name = "pooled";
  o.values = 31;
  o.roc = CurveFigure{{{0, 0.25, 1}, {0, 0.75, 1}, {INFINITY, 0.3f, -2}}, 17, {{"youden", 0.25, 0.75, 0.3f}}};
  o.calibration = {{.low = 0, .high = 0.05, .weight = 20, .mean_probability = 0.02, .fraction_positive = 0.1}};
  o.density = metrics::Density{.low = -1, .high = 2, .bins = 3, .counts = {0, 4, 0, 0, 0, 7, 1, 0, 0}, .outside = 2};
  f.examples = {{.metric = "jsd", .low = 0.1, .high = 0.7, .outside = 1, .counts = {3, 5}, .floor = {1, 7}}};
  const Json json = curves_to_json(f);
  const EvaluationFigures back = curves_from_json(json);
  EXPECT_EQ(curves_to_json(back).dump(1), json.dump(1));
  EXPECT_EQ(back.outputs[0].density->counts, o.density->counts);
  const auto with = [&](const char* place, const Json& value) {
    Json changed = json;
    changed[Json::json_pointer(place)] = value;
    return maybe_error_text([&] { (void)curves_from_json(changed); });
  };
  EXPECT_EQ(with("/outputs/0/roc/x", Json::array({1})), "a curve has 1 values of x and 3 of y");
  EXPECT_EQ(with("/outputs/0/density/observed/0", 3), "a density of 3 bins has a count at (3, 1)");
  EXPECT_EQ(with("/outputs/0/density/bins", 9e9), "a density has 9000000000 bins");
}

TEST(Tracks, AreReadBackAsTheyWereWritten) {
  TracksDocument t{.binary = true, .predicted = TrackValue::probability, .channels = {"forward", "reverse"}, .annotation = "genes.gff"};
  t.loci.push_back({.choice = "densest", .start = 256, .end = 640, .bases_per_value = 128, .target_sum = 2,
                    .predicted = {{0.125f, 0.5f, NAN}, {0, 1, 0.25f}}, .observed = {{0, 1, 0}, {0, 0, 1}},
                    .genes = {{"lacZ", 100, 300, "+"}}, .chromosome = "c", .chromosome_length = 4000});
  t.loci.push_back({.choice = "sparsest", .start = 0, .end = 3, .predicted = {{0, 0, 0}}, .observed = {{0, 0, 0}}, .example = 7});
  const Json json = to_json(t);
  EXPECT_EQ(json["loci"][0]["bases_per_value"], 128);
  EXPECT_FALSE(json["loci"][1].contains("bases_per_value"));
  const TracksDocument back = tracks_from_json(json);
  EXPECT_EQ(to_json(back).dump(1), json.dump(1));
  EXPECT_EQ(back.loci[1].example, 7);
  Json far = json;
  far["loci"][0]["end"] = 1e15;
  EXPECT_THAT(error_text([&] { (void)tracks_from_json(far); }),
              HasSubstr("'end' is 1000000000000000, which is no position of a chromosome"));
}

}  // namespace
}  // namespace basewise::results
