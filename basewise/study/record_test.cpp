#include "basewise/study/record.h"

#include <algorithm>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/study/configuration.h"
#include "basewise/study/detail/test_study.h"
#include "basewise/study/runner.h"
#include "basewise/study/worker.h"
#include "tests/support/error_text.h"

namespace basewise::study {
namespace {

using ::testing::HasSubstr;
using testing::kSmall;
using ::testing::StartsWith;
using testing::write_study;

Row row_of(const study::Run& run, const Measurement& m, const std::string& hash, double auroc) {
  return {.run = run.name,
          .values = run.values,
          .evaluation = m.evaluation,
          .split = std::string(to_word(m.split)),
          .weights = m.weights,
          .hash = hash,
          .facts = {{"train_seconds", "2.5"}, {"seconds", "0.5"}, {"version", "0.1.0"}},
          .metrics = {{"auroc", format("{}", auroc)}}};
}

TEST(Record, LinesAreInTheOrderOfTheStudyWhateverTheOrderOfRuns) {
  const Study study = write_study();
  const std::vector<study::Run> runs = expand(study);
  std::vector<Row> rows;
  for (std::size_t r = 0; r < runs.size(); ++r)
    for (const Measurement& m : runs[r].measurements)
      rows.push_back(row_of(runs[r], m, "h", 0.5 + 0.01 * static_cast<double>(r)));
  Record forward(study), backward(study);
  for (const Row& row : rows) forward.put(row);
  std::reverse(rows.begin(), rows.end());
  for (const Row& row : rows) backward.put(row);
  const std::string text = forward.text(runs);
  EXPECT_EQ(text, backward.text(runs));
  EXPECT_THAT(
      text, StartsWith("run\ttraining\twidth\tseed\tevaluation\tsplit\tweights\thash\tauroc\tparameters\tepochs\ttrain_"
                       "seconds\tseconds\tthreads\tdevice\t"
                       "machine\tversion\nplain_width200_seed7\tplain\t200\t7\tsingle\ttest\tbest\th\t0.5\tNA\tNA\t2."
                       "5\t0.5\tNA\tNA\tNA\t0.1.0\n"));
}

TEST(Record, ThereAndBack) {
  const Study study = write_study();
  const std::vector<study::Run> runs = expand(study);
  Record record(study);
  record.put(row_of(runs[3], runs[3].measurements[1], "abc", 0.25));
  Row odd = row_of(runs[9], runs[9].measurements[0], "def", 0.75);
  odd.metrics["recall_at_fdr:0.1"] = "0.5";
  odd.run = "of_an_older_study";
  record.put(odd);
  write_file(study.record(), record.text(runs));
  const Record read = Record::read(study, study.record());
  ASSERT_EQ(read.rows().size(), 2u);
  EXPECT_EQ(read.text(runs), record.text(runs));
  ASSERT_NE(read.find(runs[3], runs[3].measurements[1]), nullptr);
  EXPECT_EQ(read.find(runs[3], runs[3].measurements[1])->metrics,
            (std::map<std::string, std::string>{{"auroc", "0.25"}}));
  EXPECT_EQ(read.find(runs[3], runs[3].measurements[0]), nullptr);
  EXPECT_EQ(read.rows()[1].run, "of_an_older_study");
  EXPECT_EQ(to_json(row_from_json(to_json(odd))).dump(), to_json(odd).dump());
}

TEST(Record, ARowOfTheSameKeyIsReplaced) {
  const Study study = write_study();
  const study::Run run = expand(study)[0];
  Record record(study);
  record.put(row_of(run, run.measurements[0], "old", 0.1));
  record.put(row_of(run, run.measurements[0], "new", 0.2));
  ASSERT_EQ(record.rows().size(), 1u);
  EXPECT_EQ(record.rows()[0].hash, "new");
  record.erase(run, run.measurements[0]);
  EXPECT_EQ(record.find(run, run.measurements[0]), nullptr);
}

TEST(Record, DamageIsNamed) {
  const Study study = write_study();
  write_file(study.record(), "run\tevaluation\tsplit\tweights\thash\na\tb\tc\td\n");
  EXPECT_THAT(error_text<DataError>([&] { Record::read(study, study.record()); }), HasSubstr("results.tsv:2"));
  write_file(study.record(), "run\tevaluation\tsplit\tweights\nplain\ta\ttest\tbest\n");
  EXPECT_THAT(error_text<DataError>([&] { Record::read(study, study.record()); }),
              HasSubstr("a record has the columns run, evaluation, split, weights and hash"));
}

TEST(Record, WritersWaitForEachOther) {
  const Study study = write_study();
  const std::vector<study::Run> runs = expand(study);
  std::vector<std::thread> writers;
  for (const study::Run& run : runs)
    writers.emplace_back([&] {
      update_record(study, runs, [&](Record& record) { record.put(row_of(run, run.measurements[0], "h", 0.5)); });
    });
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(Record::read(study, study.record()).rows().size(), runs.size());
}

/// Gives every row of the study its true hash.
void fill(const Study& study, const std::vector<std::string>& where = {}) {
  Configurations configurations(study);
  update_record(study, expand(study), [&](Record& record) {
    for (const study::Run& run : select(study, expand(study), where))
      for (const Measurement& m : run.measurements) record.put(row_of(run, m, configurations.row(run, m), 0.5));
  });
}

TEST(Plan, WhatIsInTheRecordIsDone) {
  const Study study = write_study();
  EXPECT_EQ(make_plan(study, {}).pending(), 15);
  EXPECT_FALSE(make_plan(study, {}).seconds(1));
  fill(study, {"seed!=7"});
  const Plan plan = make_plan(study, {});
  EXPECT_EQ(plan.pending(), 3);
  EXPECT_EQ(plan.rows, 40);
  EXPECT_EQ(plan.rows_done, 32);
  EXPECT_EQ(plan.rows_stale, 0);
  ASSERT_TRUE(plan.seconds(1));
  EXPECT_DOUBLE_EQ(*plan.seconds(1), 3 * 2.5 + 8 * 0.5);
  EXPECT_DOUBLE_EQ(*plan.seconds(3), (3 * 2.5 + 8 * 0.5) / 3 > 4.0 ? (3 * 2.5 + 8 * 0.5) / 3 : 4.0);
  EXPECT_THAT(
      to_text(plan, 1),
      HasSubstr("plain_width200_seed7: new, 2 of 2 measurements missing, about 4 s (4 runs that share 2 of 2 axes)"));
  fill(study);
  EXPECT_EQ(make_plan(study, {}).pending(), 0);
}

TEST(Plan, RowsOfAnotherConfigurationAreNotDone) {
  const Study study = write_study();
  fill(study);
  const Study longer = load_study(study.folder.string(), {}, {"train.epochs=2"});
  const Plan plan = make_plan(longer, {});
  EXPECT_EQ(plan.pending(), 15);
  EXPECT_EQ(plan.rows_stale, 40);
  EXPECT_THAT(to_text(plan, 1), HasSubstr("40 more are of another configuration"));
}

TEST(Plan, WhatAFinishedRunLeftBehindIsCollected) {
  const Study study = write_study();
  const study::Run run = expand(study)[0];
  Configurations configurations(study);
  fs::create_directories(study.folder / "work");
  const testing::Json rows = {
      to_json(row_of(run, run.measurements[1], configurations.row(run, run.measurements[1]), 0.625)),
      to_json(row_of(run, run.measurements[0], "of another configuration", 0.5))};
  testing::write_notes(study, run.name, {{"training", ""}, {"failed", ""}, {"rows", rows}});
  EXPECT_EQ(make_plan(study, {}).rows_done, 1);
  EXPECT_EQ(Record::read(study, study.record()).find(run, run.measurements[1])->metrics.at("auroc"), "0.625");
  write_file(study.work(run.name, ".json"), "{ damaged");
  EXPECT_EQ(make_plan(study, {}).rows_done, 1);
}

TEST(Merge, ShardsOfTwoMachinesMakeOneRecord) {
  const Study study = write_study();
  fill(study, {"seed=7,11"});
  const Study other = load_study(study.file.string(), study.folder / "other");
  fill(other, {"seed=11,13,17,19"});
  EXPECT_EQ(merge_records(study, {other.folder}), 24);
  EXPECT_EQ(make_plan(study, {}).pending(), 0);
  EXPECT_EQ(merge_records(study, {other.record()}), 0);
  EXPECT_EQ(error_text<DataError>([&] { merge_records(study, {"/nowhere.tsv"}); }), "/nowhere.tsv: no such record");
}

TEST(Merge, ARunOfAnotherStudyIsFoundByItsHash) {
  const Study study = write_study();
  const fs::path beside = study.folder / "one.study.toml";
  write_file(beside,
             "recipe = \"demo\"\nset = [\"train.epochs=1\", \"data.simulation.length=200\"]\n[[axes]]\nname = "
             "\"number\"\nkey = "
             "\"seed\"\nnumbers = [7, 23]\n"
             "[[evaluations]]\nname = \"plainly\"\n");
  const Study one = load_study(beside.string());
  fill(one);
  EXPECT_EQ(merge_records(study, {one.folder}), 1);
  const Record record = Record::read(study, study.record());
  ASSERT_EQ(record.rows().size(), 1u);
  EXPECT_EQ(record.rows()[0].run, "plain_width200_seed7");
  EXPECT_EQ(record.rows()[0].evaluation, "single");
}

TEST(Merge, ForgottenRunsAreDoneAgain) {
  const Study study = write_study();
  fill(study);
  write_file(study.run("plain_width200_seed7") / "weights.safetensors", "x");
  EXPECT_EQ(forget_runs(study, {"run=plain_width200_seed7"}), 1);
  EXPECT_FALSE(fs::exists(study.run("plain_width200_seed7")));
  const Plan plan = make_plan(study, {});
  EXPECT_EQ(plan.pending(), 1);
  EXPECT_EQ(plan.rows_done, 38);
}

TEST(Duration, Text) {
  EXPECT_EQ(duration_text(11.6), "12 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(3900), "1 h 05 min");
}

}  // namespace
}  // namespace basewise::study
