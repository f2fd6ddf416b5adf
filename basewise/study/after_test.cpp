// Runs that come after others: hashes, plans, scripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/study/configuration.h"
#include "basewise/study/detail/test_study.h"
#include "basewise/study/executor.h"
#include "basewise/study/runner.h"
#include "basewise/study/worker.h"
#include "tests/support/error_text.h"

namespace basewise::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Json;
using testing::write_notes;
using testing::write_study;

/// `first` and `second`: options of the two starts; `how`: more of the key after.
std::string text(const std::string& first = "", const std::string& second = "", const std::string& how = "") {
  return "recipe = \"demo\"\n[[axes]]\nname = \"start\"\n[[axes.values]]\nname = \"scratch\"\nset = [" + first +
         "]\n[[axes.values]]\nname = \"tuned\"\nset = [" + second + "]\nafter = [{ run = [\"start=scratch\"]" + how +
         " }]\n[[axes]]\nname = \"seed\"\nkey = \"seed\"\nnumbers = [7, 11]\n";
}

/// Hash of "tuned_seed7" and of its row.
std::pair<std::string, std::string> hashes(const std::string& study_text) {
  const Study study = write_study(study_text);
  const study::Run run = expand(study)[2];
  Configurations configurations(study);
  return {configurations.training(run), configurations.row(run, run.measurements.at(0))};
}

TEST(After, TheHashKnowsTheRunThatComesFirstAndHowItIsTaken) {
  const auto plain = hashes(text());
  EXPECT_EQ(hashes(text()), plain);
  for (const std::string& other : {text("\"train.epochs=3\""), text("", "\"train.epochs=3\""),
                                   text("", "", ", freeze = [\"motifs\"]"), text("", "", ", skip = [\"logits\"]")}) {
    EXPECT_NE(hashes(other).first, plain.first) << other;
    EXPECT_NE(hashes(other).second, plain.second) << other;
  }
  std::string renamed = text();
  for (std::size_t at = 0; (at = renamed.find("scratch", at)) != std::string::npos;) renamed.replace(at, 7, "anew");
  EXPECT_EQ(hashes(renamed), plain) << "names are no part of it";
}

TEST(After, RunsWithoutAreHashedAsBefore) {
  const Study study = write_study(text());
  const std::vector<study::Run> runs = expand(study);
  std::string without = text();
  const auto at = without.find("after = ");
  without.erase(at, without.find('\n', at) - at);
  Configurations configurations(study);
  const std::string scratch = configurations.training(runs[0]), tuned = configurations.training(runs[2]);
  const Study same = write_study(without);
  Configurations plain(same);
  EXPECT_EQ(plain.training(expand(same)[0]), scratch);
  EXPECT_NE(plain.training(expand(same)[2]), tuned);
  EXPECT_EQ(plain.training(expand(same)[2]), scratch) << "they differ in what they start with alone";
}

TEST(After, WeightsThatAreMissingJoinThePlan) {
  const Study study = write_study(text());
  const Plan plan = make_plan(study, {"start=tuned", "seed=7"});
  ASSERT_EQ(plan.runs.size(), 2u);
  EXPECT_EQ(plan.runs[1].run.name, "scratch_seed7");
  EXPECT_TRUE(plan.runs[1].awaited && plan.runs[1].to_do() && plan.runs[1].missing.empty());
  EXPECT_EQ(plan.rows, 1) << "nothing of it is measured";
  EXPECT_EQ(plan.pending(), 2);
  EXPECT_THAT(to_text(plan, 1), HasSubstr("scratch_seed7: new, its weights are waited for, time unknown"));
  EXPECT_EQ(make_plan(study, {"start=scratch"}).pending(), 2) << "who comes first waits for nobody";
  EXPECT_EQ(make_plan(study, {}).pending(), 4) << "each run is counted once";
}

TEST(After, AWorkerSaysWhoseWeightsAreMissing) {
  const Study study = write_study(text());
  const study::Run tuned = expand(study)[2];
  EXPECT_THAT(
      error_text<StateError>([&] { work_on(study, tuned, {.threads = 1}); }),
      HasSubstr("tuned_seed7 starts with the weights of scratch_seed7, which is not trained; do that run first"));
  write_notes(study, expand(study)[0].name, {{"training", ""}, {"failed", "no disk left"}, {"rows", Json::array()}});
  EXPECT_THAT(error_text<StateError>([&] { work_on(study, tuned, {.threads = 1}); }),
              HasSubstr("scratch_seed7, which failed: no disk left"));
}

/// The script that `write_script` writes.
std::string script_of(const Study& study, const RunRequest& request) {
  return read_file(write_script(study, request, 2).file);
}

TEST(After, ArrayJobsFollowEachOther) {
  const Study study = write_study(text());
  RunRequest request{.study = study.file.string(), .executor = Executor::slurm};
  const ClusterScript script = write_script(study, request, 2);
  EXPECT_EQ(script.start, "bash " + script.file.string());
  const std::string staged = read_file(script.file);
  EXPECT_THAT(staged, HasSubstr("job=$(sbatch --parsable --array=1-2 --export=ALL,BASEWISE_STAGE=1 "));
  EXPECT_THAT(staged, HasSubstr("BASEWISE_STAGE=2 ${job:+--dependency=afterok:${job%%;*}} \"$0\")"));
  EXPECT_THAT(staged, HasSubstr("1)\nRUNS=(\n  scratch_seed7\n  scratch_seed11\n)\ntasks=2\n;;\n"
                                "2)\nRUNS=(\n  tuned_seed7\n  tuned_seed11\n)\ntasks=2\n;;\n"));
  request.tasks = 1;
  EXPECT_THAT(script_of(study, request), HasSubstr("--array=1-1 --export=ALL,BASEWISE_STAGE=2"));
  request = {.study = study.file.string(), .where = {"start=scratch"}, .executor = Executor::slurm};
  EXPECT_THAT(script_of(study, request), HasSubstr("#SBATCH --array=1-2"));
  EXPECT_EQ(write_script(study, request, 2).start, "sbatch " + script.file.string());
  request.where = {"start=tuned"};
  EXPECT_THAT(error_text<ArgumentError>([&] { script_of(study, request); }),
              HasSubstr("weights of scratch_seed7, scratch_seed11, which --where leaves out"));
}

TEST(After, AWorkflowKeepsTheOrder) {
  const Study study = write_study(text());
  const std::string workflow = script_of(study, {.executor = Executor::snakemake});
  EXPECT_THAT(
      workflow,
      HasSubstr(
          "AFTER = {\n    \"tuned_seed7\": [\"scratch_seed7\"],\n    \"tuned_seed11\": [\"scratch_seed11\"],\n}"));
  EXPECT_THAT(workflow, HasSubstr("    input:\n        lambda w: ["));
  std::string without = text();
  const auto at = without.find("after = ");
  without.erase(at, without.find('\n', at) - at);
  EXPECT_THAT(script_of(write_study(without), {.executor = Executor::snakemake}), Not(HasSubstr("AFTER")));
}

}  // namespace
}  // namespace basewise::study
