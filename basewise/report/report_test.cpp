#include "basewise/report/report.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/log.h"
#include "basewise/report/detail/test_run.h"
#include "basewise/report/document.h"
#include "tests/support/error_text.h"

namespace basewise::report {
namespace {

using testing::block_of;
using testing::column_of;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::Json;
using testing::TestRun;
using testing::write_run;

Json document_of(const std::vector<fs::path>& runs, const std::string& title = {}) {
  std::vector<std::string> notes;
  return build_document(runs, title, notes);
}

const TestRun kStrands{.name = "per base", .outputs = {"forward", "reverse"}, .tracks = true};

TEST(Document, KeyFiguresAreThoseOfTheMetrics) {
  const Json d = document_of({write_run("keys", kStrands)});
  Json keys;
  for (const Json& block : testing::blocks_of(d))
    if (block["type"] == "key_figures") keys = block["items"];
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[0]["name"], "AUROC");
  EXPECT_EQ(keys[0]["value"], 0.9137);
  EXPECT_EQ(keys[0]["interval"]["low"], 0.9137 - 0.01);
  EXPECT_EQ(keys[0]["interval"]["level"], 0.9);
  EXPECT_EQ(keys[0]["interval"]["method"], "37 bootstrap samples of examples");
  EXPECT_EQ(keys[0]["reference"]["value"], 0.872);
  EXPECT_EQ(keys[0]["better"], "higher");
  EXPECT_EQ(keys[2]["better"], "lower");
  EXPECT_EQ(keys[3]["name"], "Average precision within 5 bases");
  EXPECT_EQ(keys[3]["note"], "71 of 90 labels found among 1,234 candidates");
}

TEST(Document, ProfilesShowWhatTheyAreComparedWith) {
  const TestRun profile{.name = "reads", .outputs = {"forward", "reverse"}, .binary = false, .tracks = true, .profile = true};
  const Json d = document_of({write_run("profile", profile)});
  Json keys;
  for (const Json& block : testing::blocks_of(d))
    if (block["type"] == "key_figures") keys = block["items"];
  ASSERT_EQ(keys.size(), 4U);
  EXPECT_EQ(keys[0]["name"], "Jensen-Shannon divergence");
  EXPECT_EQ(keys[0]["value"], 0.21);
  EXPECT_EQ(keys[0]["note"], "median 0.1800; second measurement 0.1700; mean profile 0.4400; undefined in 3 of 300 examples");
  EXPECT_EQ(keys[2]["name"], "Pearson correlation, counts");
  EXPECT_EQ(keys[2]["note"], "second measurement 0.9300");
  const Json spread = block_of(d, "examples_1");
  EXPECT_EQ(spread["title"], "Jensen-Shannon divergence of single examples");
  EXPECT_THAT(column_of(spread, "curve", "share"), ElementsAre(0.3, 0.6, 0.1, 0.75, 0.25, 0, 0, 0, 1));
  EXPECT_EQ(column_of(spread, "curve", "series")[8], "mean profile");
  EXPECT_NEAR(column_of(spread, "curve", "value")[1].get<double>(), 0.3, 1e-9);
  EXPECT_EQ(column_of(block_of(d, "examples_2"), "curve", "share").size(), 6U) << "no floor there";
  const Json intervals = block_of(d, "intervals_1");
  EXPECT_THAT(column_of(intervals, "values", "name"), ElementsAre("model", "second measurement", "mean profile"));
  EXPECT_THAT(column_of(intervals, "values", "value"), ElementsAre(0.21, 0.17, 0.44));
  // Two runs side by side: one line for each.
  const TestRun other{.name = "other", .outputs = {"forward", "reverse"}, .binary = false, .tracks = true, .profile = true};
  const Json both = document_of({write_run("profile", profile), write_run("profile_other", other)});
  EXPECT_EQ(column_of(block_of(both, "examples_1"), "curve", "run").size(), 18U);
}

TEST(Document, CurvesAreThoseOfTheRunFolder) {
  const Json d = document_of({write_run("curves")});
  const Json roc = block_of(d, "roc");
  const std::vector<Json> x = column_of(roc, "curve", "fpr"), y = column_of(roc, "curve", "tpr"),
                          series = column_of(roc, "curve", "series");
  ASSERT_EQ(x.size(), 4U * 3U);
  for (std::size_t i = 0; i < x.size(); i += 3) {
    EXPECT_THAT((std::vector<Json>{x[i], x[i + 1], x[i + 2]}), ElementsAre(0, 0.125, 1));
    EXPECT_THAT((std::vector<Json>{y[i], y[i + 1], y[i + 2]}), ElementsAre(0, 0.8125, 1));
  }
  EXPECT_EQ(series[0], "all outputs pooled");
  EXPECT_EQ(series[11], "GATA1");
  const Json counts = block_of(d, "prediction_counts");
  EXPECT_THAT(column_of(counts, "curve", "count"), ElementsAre(3, 97, 45, 5));
  EXPECT_THAT(column_of(counts, "curve", "predicted"), ElementsAre(0.025, 0.025, 0.925, 0.925));
  EXPECT_EQ(roc["spec"]["layer"][1]["encoding"]["color"]["scale"]["domain"], Json({"all outputs pooled", "CTCF", "SPI1", "GATA1"}));
  EXPECT_THAT(column_of(block_of(d, "precision_recall"), "reference", "precision"), ElementsAre(0.3, 0.3));
  EXPECT_THAT(column_of(block_of(d, "calibration"), "curve", "observed"), ElementsAre(0.03, 0.9));
  EXPECT_THAT(roc["summary"].get<std::string>(), HasSubstr("CTCF 0.9500"));
}

TEST(Document, OutputsHaveARowEach) {
  const Json table = block_of(document_of({write_run("outputs")}), "outputs_table");
  ASSERT_EQ(table["rows"].size(), 3U);
  EXPECT_EQ(table["rows"][1][0], "SPI1");
  const Json stored = testing::metrics_json({})["outputs"][1]["metrics"]["auroc"];
  EXPECT_EQ(table["rows"][1][1], Json({stored["value"], stored["low"], stored["high"]}));
  EXPECT_EQ(table["columns"][1]["title"], "AUROC");
  EXPECT_EQ(table["rows"][2][4], 0.3);
}

TEST(Document, TrainingShowsTheLog) {
  const Json d = document_of({write_run("log")});
  EXPECT_THAT(column_of(block_of(d, "loss"), "curve", "value"), ElementsAre(0.7, 0.5, 0.4, 0.55, 0.45));
  EXPECT_THAT(column_of(block_of(d, "validation_1"), "curve", "epoch"), ElementsAre(2, 3));
  EXPECT_THAT(column_of(block_of(d, "epoch_time"), "time", "value"), ElementsAre(2, 0.5, 1.25, 0.25, 3, 0));
}

TEST(Document, NumbersGetADensity) {
  const Json d = document_of({write_run("density", {.outputs = {"activity"}, .binary = false})});
  const Json figure = block_of(d, "predicted_observed_1");
  EXPECT_THAT(column_of(figure, "cells", "x"), ElementsAre(-2, 0, 2.5));
  EXPECT_THAT(column_of(figure, "cells", "y2"), ElementsAre(-1, 0.5, 2.5));
  EXPECT_THAT(column_of(figure, "cells", "count"), ElementsAre(17, 230, 3));
  EXPECT_THAT(figure["caption"].get<std::string>(), HasSubstr("4 values lie beyond the axes"));
  EXPECT_TRUE(block_of(d, "roc").is_null());
}

TEST(Document, TracksHaveZoomLevelsStrandsGenesAndSites) {
  const Json d = document_of({write_run("tracks", kStrands)});
  const Json figure = block_of(d, "locus_1");
  EXPECT_EQ(figure["title"], "chr<1>:4,000-5,731, densest");
  EXPECT_EQ(block_of(d, "locus_2")["title"], "chr<1>:70,000-71,731, without a label");
  EXPECT_THAT(column_of(figure, "signals", "bin"), ElementsAre(1, 8, 1, 8, 1, 8, 1, 8));
  EXPECT_THAT(column_of(figure, "signals", "strand"), ElementsAre("+", "+", "-", "-", "+", "+", "-", "-"));
  const auto means = column_of(figure, "signals", "mean"), highs = column_of(figure, "signals", "high");
  const Json stored = testing::tracks_json(kStrands)["loci"][0]["predicted"];
  ASSERT_EQ(means[2].size(), 1731U);
  for (std::size_t i = 0; i < 1731; ++i) EXPECT_FLOAT_EQ(means[2][i].get<float>(), -stored[1][i].get<float>());
  EXPECT_EQ(highs[2].size(), 0U);
  EXPECT_EQ(means[1].size(), 217U);
  EXPECT_EQ(highs[1].size(), 217U);
  EXPECT_THAT(column_of(figure, "sites", "start"), ElementsAre(4100, 4101));
  EXPECT_THAT(column_of(figure, "sites", "strand"), ElementsAre("+", "-"));
  EXPECT_THAT(column_of(figure, "genes", "lane"), ElementsAre(0, 1));
  EXPECT_THAT(column_of(figure, "rows", "low"), ElementsAre(-1, -1));
  EXPECT_EQ(figure["zoom"]["extent"], Json({4000, 5731}));
}

TEST(Document, LogoHeightsAreWeightsLessTheirMean) {
  const Json d = document_of({write_run("logos")});
  const auto weights = testing::filter_weights();
  // Filter 5 has the largest weights and comes first.
  std::vector<std::string> order;
  for (const Json& block : testing::blocks_of(d))
    if (block.value("kind", "") == "logo") order.push_back(block["id"]);
  EXPECT_EQ(order[0], "filter_1_5");
  EXPECT_EQ(order.size(), 5U);
  const auto heights = column_of(block_of(d, "filter_1_5"), "letters", "height"),
             letters = column_of(block_of(d, "filter_1_5"), "letters", "letter");
  ASSERT_EQ(heights.size(), 28U);
  for (std::size_t p = 0; p < 7; ++p) {
    double mean = 0;
    for (std::size_t l = 0; l < 4; ++l) mean += weights[(4 * 4 + l) * 7 + p] / 4.0;
    for (std::size_t l = 0; l < 4; ++l) {
      EXPECT_NEAR(heights[4 * p + l].get<double>(), weights[(4 * 4 + l) * 7 + p] - mean, 1e-5 * 10);
      EXPECT_EQ(letters[4 * p + l], std::string(1, "ACGT"[l]));
    }
  }
}

TEST(Document, CardTableAndRecordTellWhatWasMadeOfWhat) {
  const Json d = document_of({write_run("card")});
  const std::string text = d.dump();
  for (const char* part :
       {"CC0-1.0", "Somebody 2020", "data:mine/x.tsv", "ab12", "3 rows skipped of tiny", "abacus", "basewise train tiny"})
    EXPECT_THAT(text, HasSubstr(part));
  const Json layers = block_of(d, "layers_1");
  EXPECT_EQ(layers["rows"][0], Json({"stem", "conv", "(N, 5, 200)", 145.0, 288000.0, 7.0}));
  EXPECT_EQ(layers["rows"][1][5], 200.0);
  EXPECT_EQ(block_of(d, "sets_1")["rows"][0][1], 2400.0);
  EXPECT_EQ(column_of(block_of(d, "balance"), "counts", "value")[0], 2400);
}

TEST(Document, SeveralRunsAreCompared) {
  const fs::path a = write_run("cmp_a", kStrands);
  TestRun other = kStrands;
  other.shift = -0.1;
  const fs::path b = write_run("cmp_b", other), c = write_run("cmp_c", {.name = "third", .evaluated = false});
  const Json d = document_of({a, b, c}, "Three");
  EXPECT_EQ(d["title"], "Three");
  EXPECT_EQ(d["runs"][0]["id"], "per base (cmp_a)");
  EXPECT_EQ(d["runs"][2]["id"], "third");
  const Json table = block_of(d, "comparison");
  EXPECT_EQ(table["rows"][1][1][0], 0.9137 - 0.1);
  EXPECT_TRUE(table["rows"][2][1].is_null());
  EXPECT_EQ(table["rows"][2].back(), "not evaluated");
  const Json roc = block_of(d, "roc");
  EXPECT_EQ(roc["spec"]["layer"][1]["encoding"]["color"]["scale"]["domain"], Json({"per base (cmp_a)", "per base (cmp_b)"}));
  // The same stretch of both is one figure with a row of predictions each.
  EXPECT_EQ(column_of(block_of(d, "locus_1"), "rows", "row").size(), 3U);
  EXPECT_TRUE(block_of(d, "locus_3").is_null());
  EXPECT_EQ(error_text<ArgumentError>([&] { document_of({a, b, a / "."}); }), (a / ".").string() + " is given twice");
}

TEST(Document, WhatIsMissingIsSaidWithTheCommandThatAddsIt) {
  const fs::path run = write_run("missing");
  fs::remove(run / "curves.json");
  fs::remove(run / "model.json");
  write_file(run / "data.json", "{ damaged");
  std::vector<std::string> notes;
  const Json d = build_document({run}, "", notes);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0], "There are no curves and tracks of tiny; `basewise evaluate " + run.string() + "` adds them.");
  EXPECT_THAT(notes[1], HasSubstr("data.json is damaged"));
  EXPECT_THAT(notes[2], HasSubstr("layer table or the data card"));
  EXPECT_TRUE(block_of(d, "roc").is_null());
  EXPECT_FALSE(block_of(d, "outputs_table").is_null());
  const fs::path bare = write_run("bare", {.evaluated = false});
  for (const char* file : {"log.tsv", "model.json", "data.json", "weights.safetensors", "config.toml", "model.toml"})
    fs::remove(bare / file);
  notes.clear();
  build_document({bare}, "", notes);
  EXPECT_EQ(notes[0], "There are no metrics of tiny yet; `basewise evaluate " + bare.string() + "` adds them.");
}

TEST(Document, RefusesWhatIsNoRun) {
  const fs::path empty = fs::path(::testing::TempDir()) / "basewise_report" / "empty";
  fs::create_directories(empty);
  EXPECT_THAT(error_text<StateError>([&] { document_of({empty}); }), HasSubstr("is no run folder: it has no manifest.json"));
  EXPECT_EQ(error_text<ArgumentError>([&] { document_of({}); }), "no run folder given; name one or several");
  const fs::path run = write_run("wrong");
  write_file(run / "curves.json", R"({"schema": "basewise.curves/1", "outputs": [{"name": "pooled", "roc": {"x": 3}}]})");
  EXPECT_THAT(error_text<DataError>([&] { document_of({run}); }), HasSubstr("its files are not what basewise writes"));
}

TEST(Page, ReplacesNothingThatTheRunHolds) {
  const fs::path run = write_run("kept");
  const std::string before = read_file(run / "manifest.json");
  EXPECT_THAT(error_text<ArgumentError>([&] { write_report({run}, {.out = run / "manifest.json"}); }),
              HasSubstr("would replace the input"));
  EXPECT_THAT(error_text<ArgumentError>([&] { write_report({run}, {.document = run / "metrics.validation.json"}); }),
              HasSubstr("is a name that the run keeps for files of its own"));
  EXPECT_EQ(read_file(run / "manifest.json"), before);
  for (int i = 0; i < 2; ++i) write_report({run}, {.out = run / "report.html", .document = run / "document.json"});
  EXPECT_TRUE(fs::exists(run / "document.json"));
}

TEST(Page, AFailureIsAWarningAfterTraining) {
  set_log_level(LogLevel::silent);
  EXPECT_TRUE(try_page(fs::path(::testing::TempDir()) / "basewise_report" / "nowhere").empty());
  set_log_level(LogLevel::info);
  const fs::path run = write_run("page");
  EXPECT_EQ(try_page(run), run / "report.html");
  EXPECT_TRUE(fs::exists(run / "report.html"));
}

}  // namespace
}  // namespace basewise::report
