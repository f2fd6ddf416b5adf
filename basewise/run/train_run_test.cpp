#include "basewise/run/train_run.h"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "basewise/run/evaluate_run.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using train::testing::fresh_folder;

/// The built-in recipe, small enough for a test.
TrainRequest demo(const fs::path& out) {
  TrainRequest r;
  r.recipe = "demo";
  r.out = out;
  r.threads = 1;
  r.set = {"data.simulation.sequences=600", "train.epochs=2", "evaluate.bootstrap.replicates=20"};
  return r;
}

TEST(TrainRun, LeavesARunFolderThatEvaluates) {
  const fs::path out = fresh_folder("demo");
  const TrainResult r = train_run(demo(out));
  EXPECT_TRUE(r.finished());
  EXPECT_EQ(r.training.log.size(), 2u);
  for (const char* file : {"config.toml", "model.toml", "weights.safetensors", "log.tsv", "manifest.json"})
    EXPECT_TRUE(fs::exists(out / file)) << file;
  EXPECT_FALSE(fs::is_empty(out / "events"));
  EXPECT_EQ(read_manifest(out)["status"], "finished");
  EXPECT_THAT(read_file(out / "log.tsv"), HasSubstr("validation_loss\tvalidation_auroc\tvalidation_average_precision"));
  EXPECT_THAT(to_text(r), HasSubstr("run folder: " + out.string()));

  const EvaluateResult e = evaluate_run({.run = out, .threads = 1});
  const auto json = nlohmann::json::parse(read_file(out / "metrics.json"));
  EXPECT_EQ(json["split"], "test");
  EXPECT_TRUE(e.evaluation.value("auroc").defined());
  EXPECT_THAT(to_text(e), HasSubstr("auroc"));
  // The validation set measured again gives what the log says of the best epoch.
  const EvaluateResult v = evaluate_run({.run = out, .split = results::Set::validation, .threads = 1});
  const auto& best = r.training.log[static_cast<std::size_t>(r.training.best_epoch - 1)];
  EXPECT_DOUBLE_EQ(v.evaluation.value("auroc").value, train::value_of(best.validation, "auroc"));
  EXPECT_EQ(v.file, out / "metrics.validation.json");

  EXPECT_THAT(error_text<StateError>([&] { train_run(demo(out)); }), HasSubstr("holds a finished run"));
}

TEST(TrainRun, KeepsTheBestWeightsByOtherValuesAndMeasuresThem) {
  const fs::path out = fresh_folder("demo_also");
  TrainRequest request = demo(out);
  for (const char* option : {"train.epochs=4", "train.select.metric=mean.auroc", "train.select.stop_metric=loss",
                             "train.select.patience=3", "train.select.also=[\"loss\", \"recall_at_fdr:0.1\"]"})
    request.set.emplace_back(option);
  const TrainResult r = train_run(request);
  ASSERT_EQ(r.training.also.size(), 2u);
  EXPECT_TRUE(fs::exists(out / "weights.recall_at_fdr:0.1.safetensors"));
  EXPECT_THAT(to_text(r), HasSubstr("best epoch by loss: "));
  const EvaluateResult e = evaluate_run({.run = out, .split = results::Set::validation, .weights = "loss", .threads = 1});
  EXPECT_EQ(e.file, out / "metrics.loss.validation.json");
  EXPECT_EQ(nlohmann::json::parse(read_file(e.file))["weights"], "loss");
  const auto& row = r.training.log.at(static_cast<std::size_t>(r.training.also[0].epoch - 1));
  EXPECT_DOUBLE_EQ(e.evaluation.value("auroc").value, train::value_of(row.validation, "auroc"));
  EXPECT_EQ(train::value_of(row.validation, "loss"), r.training.also[0].value);
  EXPECT_THAT(error_text<StateError>([&] { evaluate_run({.run = out, .weights = "brier"}); }),
              HasSubstr("name it in train.select.also"));
  request.set.emplace_back("train.select.also=[\"los\"]");
  request.overwrite = true;
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(request); }), HasSubstr("train.select: unknown metric 'los'"));
  request.set.back() = "train.select.also=[]";
  train_run(request);
  for (const char* gone : {"weights.loss.safetensors", "metrics.loss.validation.json"})
    EXPECT_FALSE(fs::exists(out / gone)) << gone;
}

TEST(TrainRun, MeasurementsShareDataWhereTheyAreTheSame) {
  const fs::path out = fresh_folder("demo_kept");
  train_run(demo(out));
  KeptData kept;
  const auto train_set = [&](std::vector<std::string> set) {
    const LoadedRecipe loaded = load_recipe(out.string(), set);
    return kept.of(loaded.recipe).train;
  };
  const data::DatasetPtr first = train_set({});
  EXPECT_EQ(train_set({"strand.predict=conjoined", "evaluate.metrics=auroc"}), first)
      << "the strategy is no part of the data";
  EXPECT_NE(train_set({"data.train_label_noise=0.3"}), first);
  EXPECT_NE(train_set({"seed=99"}), train_set({})) << "data without a seed of their own follow the run's";
  EXPECT_EQ(train_set({"data.seed=5"}), train_set({"data.seed=5", "seed=99"})) << "and others do not";

  // What is measured is what a call of its own measures, whatever was measured before.
  const auto value = [&](const EvaluateResult& r) { return r.evaluation.value("auroc").value; };
  for (const results::Set split : {results::Set::test, results::Set::train})
    for (const char* noise : {"data.train_label_noise=0", "data.train_label_noise=0.3"}) {
      const EvaluateRequest request{.run = out, .split = split, .set = {noise}, .threads = 1};
      EXPECT_DOUBLE_EQ(value(evaluate_run(request, kept)), value(evaluate_run(request))) << to_word(split) << noise;
    }
}

TEST(TrainRun, InterruptedRunResumesFromItsFolderAlone) {
  const fs::path whole = fresh_folder("demo_whole"), part = fresh_folder("demo_part");
  train_run(demo(whole));
  // SIGTERM as soon as the run folder shows a log: after the first of two epochs.
  TrainRequest request = demo(part);
  const auto signal_later = std::jthread([&](const std::stop_token& stop) {
    while (!stop.stop_requested() && !fs::exists(part / "log.tsv"))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (!stop.stop_requested()) kill(getpid(), SIGTERM);
  });
  const TrainResult first = train_run(request);
  ASSERT_EQ(first.training.reason, train::StopReason::interrupted);
  EXPECT_THAT(to_text(first), HasSubstr("basewise train --out " + part.string() + " --resume"));
  EXPECT_FALSE(fs::exists(part / "weights.safetensors"));
  EXPECT_THAT(error_text<StateError>([&] { evaluate_run({.run = part}); }), HasSubstr("the run is not finished"));
  EXPECT_THAT(error_text<StateError>([&] { train_run(request); }), HasSubstr("--resume continues it"));
  TrainRequest again;
  again.out = part;
  again.resume = true;
  again.threads = 1;
  EXPECT_TRUE(train_run(again).finished());
  EXPECT_EQ(read_file(whole / "weights.safetensors"), read_file(part / "weights.safetensors"));
  EXPECT_EQ(read_manifest(part)["sessions"], 2);
}

TEST(TrainRun, WhatARunFolderLacksIsWrittenOnResume) {
  const fs::path whole = fresh_folder("described_whole");
  train_run(demo(whole));
  const std::vector<std::string> description = {"model.toml", "model.json", "data.json", "schema.json", "config.toml"};
  for (std::size_t there = 0; there <= description.size(); ++there) {  // killed after so many of them
    const fs::path part = fresh_folder("described_part");
    auto manifest = read_manifest(whole);
    manifest["status"] = "running";
    write_file(part / "manifest.json", manifest.dump());
    for (std::size_t i = 0; i < there; ++i) write_file(part / description[i], "of the session before");
    TrainRequest request = demo(part);
    request.resume = true;
    EXPECT_TRUE(train_run(request).finished());
    for (const std::string& file : description) EXPECT_EQ(read_file(part / file), read_file(whole / file)) << file;
    EXPECT_EQ(read_file(part / "weights.safetensors"), read_file(whole / "weights.safetensors"));
    EXPECT_EQ(std::distance(fs::directory_iterator(part / "events"), fs::directory_iterator()), 1);
  }
}

TEST(TrainRun, AFinishedRunThatIsResumedStaysAsItIs) {
  const fs::path out = fresh_folder("demo_twice");
  const TrainResult first = train_run(demo(out));
  const std::string manifest = read_file(out / "manifest.json");
  TrainRequest alone;
  alone.out = out;
  alone.resume = true;
  TrainRequest same = demo(out);
  same.resume = true;
  for (const TrainRequest& request : {alone, same}) {
    const TrainResult again = train_run(request);
    EXPECT_TRUE(again.finished());
    EXPECT_EQ(again.training.epochs, 2);
    EXPECT_EQ(again.training.steps, first.training.steps);
    EXPECT_EQ(again.parameters, first.parameters);
  }
  EXPECT_EQ(read_file(out / "manifest.json"), manifest);
  same.set.emplace_back("train.epochs=3");
  EXPECT_THAT(error_text<StateError>([&] { train_run(same); }), HasSubstr("holds a finished run"));
}

TEST(TrainRun, NothingIsLeftBehindWhenTheModelDoesNotFit) {
  const fs::path folder = fresh_folder("misfit"), out = folder / "run";
  write_file(folder / "r.toml",
             "[data.simulation]\nsequences = 50\nlength = 90\n[model]\nformat = 1\n[model.inputs.sequence]\nchannels = "
             "4\nlength = 200\n"
             "[[model.layers]]\ntype = \"flatten\"\n[[model.heads]]\nname = \"logits\"\n[[model.heads.layers]]\ntype = "
             "\"dense\"\nunits = 3\n");
  TrainRequest r;
  r.recipe = (folder / "r.toml").string();
  r.out = out;
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(r); }),
              HasSubstr("input 'sequence' is declared as (N, 4, 200), but the data gives (2, 4, 90)"));
  EXPECT_FALSE(fs::exists(out));
}

TEST(TrainRun, LettersTrainTheSameModelAsOneHotRows) {
  const fs::path folder = fresh_folder("encodings");
  for (const char* encoding : {"one_hot", "tokens"}) {
    TrainRequest r = demo(folder / encoding);
    r.set.push_back(format("data.encoding={}", encoding));
    train_run(r);
  }
  EXPECT_EQ(read_file(folder / "tokens" / "weights.safetensors"),
            read_file(folder / "one_hot" / "weights.safetensors"));
  const EvaluateResult letters = evaluate_run({.run = folder / "tokens", .threads = 1}),
                       rows = evaluate_run({.run = folder / "one_hot", .threads = 1});
  EXPECT_EQ(letters.evaluation.value("auroc").value, rows.evaluation.value("auroc").value);
}

TEST(TrainRun, RequestedDeviceMustBeThere) {
  TrainRequest r = demo(fresh_folder("device"));
  r.device = "cuda:77";
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(r); }), HasSubstr("cuda:77"));
  EXPECT_FALSE(fs::exists(r.out));
}

TEST(TrainRun, ResumeAndOverwriteExcludeEachOther) {
  TrainRequest r = demo(fresh_folder("both"));
  r.resume = r.overwrite = true;
  EXPECT_THAT(error_text<ArgumentError>([&] { train_run(r); }), HasSubstr("resume and overwrite exclude each other"));
}

TEST(EvaluateRun, FolderWithoutRunIsNamed) {
  const fs::path folder = fresh_folder("no_run");
  fs::create_directories(folder);
  EXPECT_THAT(error_text<StateError>([&] { evaluate_run({.run = folder}); }),
              HasSubstr("is no run folder: it has no manifest.json"));
}

}  // namespace
}  // namespace basewise::run
