// A recipe with two data sets whose targets differ: one trunk learns from both in turn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/run/detail/test_runs.h"
#include "basewise/run/evaluate_run.h"
#include "basewise/run/open_run.h"
#include "basewise/run/try_run.h"
#include "tests/support/error_text.h"

namespace basewise::run {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kTwoHeads = R"(
[[heads]]
name = "one"
[[heads.layers]]
type = "dense"
units = 3
[[heads.layers]]
type = "batch_norm"
[[heads]]
name = "two"
[[heads.layers]]
type = "dense"
units = 2
)";

TrainRequest two_sets(const fs::path& out) {
  const fs::path recipe = out.string() + ".toml";
  write_file(out.string() + ".model.toml", kInput + trunk_text("dna", 6) + kTwoHeads);
  write_file(recipe, "model_file = \"" + out.filename().string() + ".model.toml\"\n" + R"(
[data]
kind = "several"
  [[data.sets]]
  name = "first"
  target = "one"
    [data.sets.simulation]
    sequences = 200
    length = 40
  [[data.sets]]
  target = "two"
  seed = 9
    [data.sets.simulation]
    sequences = 100
    length = 40
      [[data.sets.simulation.motifs]]
      name = "box"
      consensus = "TATAAA"
      [[data.sets.simulation.motifs]]
      name = "core"
      consensus = "GGGCGG"
      [[data.sets.simulation.tasks]]
      name = "a"
      motifs = ["box"]
      [[data.sets.simulation.tasks]]
      name = "b"
      motifs = ["core"]
[[loss]]
type = "binary_cross_entropy"
output = "one"
target = "one"
[[loss]]
type = "binary_cross_entropy"
output = "two"
target = "two"
[train]
epochs = 2
[train.loader]
batch_size = 16
workers = 0
[evaluate.bootstrap]
replicates = 10
)");
  TrainRequest request;
  request.recipe = recipe.string();
  request.out = out;
  request.threads = 1;
  return request;
}

TEST(SeveralRun, TwoSetsTrainOneTrunkInTurn) {
  const fs::path out = fresh_folder("several");
  const TrainResult result = train_run(two_sets(out));
  EXPECT_TRUE(result.finished());
  const auto run = open_run(out);
  EXPECT_THAT(run.names.at("two"), ElementsAre("a", "b"));
  EXPECT_THAT(run.schema.names(Role::target), ElementsAre("one", "two"));
  const EvaluateResult test = evaluate_run({.run = out, .out = out / "again.json", .threads = 1});
  ASSERT_EQ(test.evaluation.heads.size(), 2U);
  EXPECT_EQ(test.evaluation.heads[0].examples, 20) << "a tenth of its own set";
  EXPECT_EQ(test.evaluation.heads[1].examples, 10);
  EXPECT_EQ(test.evaluation.heads[1].output, "two");
  EXPECT_EQ(test.evaluation.heads[1].outputs[0].name, "a");
}

TEST(SeveralRun, ADryRunTakesAStepOnEachSetWithItsOwnLosses) {
  TrainRequest request = two_sets(fresh_folder("several_dry"));
  EXPECT_GT(try_run(request).loss, 0);
  // Batches in turn are full: none has the one example that is left of 160,
  // nor as few as the second set has.
  for (const char* size : {"53", "159"}) {
    request.set = {format("train.loader.batch_size={}", size), "train.loader.drop_last=true"};
    EXPECT_GT(try_run(request).loss, 0);
    request.set.pop_back();
    EXPECT_GT(try_run(request).loss, 0);
  }
}

// What training refuses of all sets, a dry run refuses, too.
TEST(SeveralRun, ADryRunRefusesWhatTrainingWould) {
  const auto refused = [](const std::string& set) {
    TrainRequest request = two_sets(fresh_folder("several_refused"));
    request.set = {set};
    const std::string dry = error_text<ArgumentError>([&] { try_run(request); });
    EXPECT_EQ(dry, error_text<ArgumentError>([&] { train_run(request); }));
    return dry;
  };
  EXPECT_THAT(refused("train.loader.sampling=balanced"), HasSubstr("2 data sets take turns"));
  EXPECT_THAT(refused("loss.1.target=three"), HasSubstr("none of the data sets has a 'three'; there are: one, two"));
}

}  // namespace
}  // namespace basewise::run
