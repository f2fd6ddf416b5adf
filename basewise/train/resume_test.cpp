// A process that is killed at any instant and resumed gives bit for bit what an uninterrupted one
// gives.
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basewise/tensor/scopes.h"
#include "basewise/train/tensor_file.h"
#include "basewise/train/trainer.h"
#include "tests/support/test_task.h"

extern char** environ;

namespace basewise::train {
namespace {

using testing::fresh_folder;
using testing::LetterModel;
using testing::LetterTask;

constexpr const char* kFolder = "BASEWISE_TEST_RUN_FOLDER";
constexpr const char* kKill = "BASEWISE_TEST_KILL_AT";  // "step:9", "example:150", "validation:1"
constexpr const char* kOptions = "BASEWISE_TEST_OPTIONS";  // "usual", "published"

/// Kills this process when something happened for the n-th time; what and n come from the
/// environment, so that every run of the test kills at the same places.
class Killer {
 public:
  explicit Killer(const std::string& what) {
    const char* wanted = std::getenv(kKill);
    const std::string text = wanted ? wanted : "";
    if (text.starts_with(what + ":")) left_ = std::stoll(text.substr(what.size() + 1));
  }
  void happened() {
    if (--left_ == 0) raise(SIGKILL);
  }

 private:
  std::atomic<std::int64_t> left_ = 0;  ///< 0: never
};

/// Killed while an example is made, which is in the middle of a batch and of a step.
class KilledTask final : public data::Dataset {
 public:
  std::int64_t size() const override { return task_.size(); }
  std::string summary() const override { return "letters"; }
  Bundle get(std::int64_t i, Stream draw) const override {
    killer_.happened();
    return task_.get(i, draw);
  }

 private:
  LetterTask task_{67, 5};
  mutable Killer killer_{"example"};
};

/// Killed behind an optimiser step.
class KilledModel final : public LetterModel {
 public:
  void constrain() override {
    LetterModel::constrain();
    killer_.happened();
  }

 private:
  Killer killer_{"step"};
};

NamedValues validate(nn::Model& model) {
  const LetterTask set(41, 99);
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < set.size(); ++i) examples.push_back(set.get(i, Stream(0)));
  const Bundle batch = stack(examples);
  const double loss = nn::TotalLoss({nn::LossOptions{}})(model.forward(batch), batch).item<double>();
  return {{"loss", loss}, {"falling", 2 - loss}, {"rising", loss / 3}};  // best where the loss is highest: two sets of weights are kept
}

/// Everything that remembers: rules, schedules and selections, as they are mostly used, and as
/// networks of this field were published with.
TrainOptions options_named(const std::string& name) {
  TrainOptions o;
  o.epochs = 5;
  o.loader = {.batch_size = 8, .workers = 0};
  o.average.decay = 0.9;
  o.checkpoint.every_steps = 4;
  o.select = {.metric = "falling", .stop_metric = "loss", .patience = 50, .also = {"loss"}};
  if (name == "usual") {
    o.optimizer = {.name = OptimizerKind::adamw, .learning_rate = 0.02, .weight_decay = 0.01};
    o.schedule.name = ScheduleKind::one_cycle;
    return o;
  }
  o.optimizer = {.name = OptimizerKind::rmsprop_tensorflow, .learning_rate = 0.02, .max_norm = 0.9, .momentum = 0.7, .smoothing = 0.9};
  o.schedule = {.name = ScheduleKind::stall, .factor = 0.5, .threshold = 0.2, .most_cuts = 2};
  o.clip = {.norm = 2, .each_norm = 1.5, .adaptive = 0.8};
  o.select.metric = "falling + 0.25 * rising";
  return o;
}

/// The process that is killed: trains in the folder that the environment names and saves the final
/// weights there.
TEST(KilledProcess, DISABLED_Trains) {
  const char* folder = std::getenv(kFolder);
  ASSERT_NE(folder, nullptr);
  const TensorThreadScope threads(1);
  const TrainOptions o = options_named(std::getenv(kOptions));
  TrainerContext c;
  c.seed = 7;
  c.folder = folder;
  c.resume = true;
  Killer killer("validation");
  c.validate = [&](nn::Model& m) {
    killer.happened();
    return validate(m);
  };
  KilledModel model;
  const TrainerResult result = train_model(model, nn::TotalLoss({nn::LossOptions{}}), std::make_shared<KilledTask>(), o, c);
  save_bundle(weights_of(model), c.folder / "weights.safetensors");
  save_bundle(result.also.at(0).weights, c.folder / "weights.loss.safetensors");
}

pid_t start_process(const fs::path& folder, const std::string& kill_at, const std::string& options) {
  setenv(kOptions, options.c_str(), 1);
  setenv(kFolder, folder.c_str(), 1);
  setenv(kKill, kill_at.c_str(), 1);
  setenv("BASEWISE_LOG", "silent", 1);
  setenv("BASEWISE_PROGRESS", "never", 1);
  std::string program = "/proc/self/exe", filter = "--gtest_filter=KilledProcess.DISABLED_Trains", also = "--gtest_also_run_disabled_tests",
              brief = "--gtest_brief=1";
  std::vector<char*> arguments{program.data(), filter.data(), also.data(), brief.data(), nullptr};
  pid_t pid = 0;
  const std::string own = fs::read_symlink("/proc/self/exe").string();
  EXPECT_EQ(posix_spawn(&pid, own.c_str(), nullptr, nullptr, arguments.data(), environ), 0);
  return pid;
}

/// True if the process was killed where it was told to be.
bool is_killed(const fs::path& folder, const std::string& at_place, const std::string& options) {
  const pid_t pid = start_process(folder, at_place, options);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void run_to_the_end(const fs::path& folder, const std::string& options) {
  const pid_t pid = start_process(folder, "", options);
  int status = 0;
  waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the process failed with status " << status;
}

/// Rows of log.tsv without the columns of time.
std::vector<std::string> log_rows(const fs::path& folder) {
  std::istringstream text(read_file(folder / "log.tsv"));
  std::vector<std::string> rows;
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    std::string row;
    int column = 0;
    for (std::string field; std::getline(fields, field, '\t'); ++column) {
      if (column != 2 && column != 8) row += field + " ";
    }
    rows.push_back(row);
  }
  return rows;
}

void check_resume(const std::string& options) {
  const fs::path whole = fresh_folder("kill_whole_" + options), killed = fresh_folder("kill_killed_" + options);
  run_to_the_end(whole, options);
  // 45 steps of 9 an epoch, a checkpoint after every fourth: before the first one, between two in
  // the middle of an epoch, in the middle of a batch, and at a validation.
  // Each counts from where it goes on.
  for (const char* place : {"step:3", "step:6", "example:150", "validation:1", "step:9"})
    EXPECT_TRUE(is_killed(killed, place, options)) << place;
  run_to_the_end(killed, options);
  EXPECT_EQ(read_file(whole / "weights.safetensors"), read_file(killed / "weights.safetensors"));
  EXPECT_EQ(read_file(whole / "weights.loss.safetensors"), read_file(killed / "weights.loss.safetensors"));
  EXPECT_NE(read_file(whole / "weights.loss.safetensors"), read_file(whole / "weights.safetensors"));
  EXPECT_EQ(log_rows(whole), log_rows(killed));
  EXPECT_EQ(log_rows(whole).size(), 6u);
}

TEST(KilledProcess, ResumesBitForBitWhereverItWasKilled) { check_resume("usual"); }

TEST(KilledProcess, ResumesBitForBitWithPublishedRules) { check_resume("published"); }

}  // namespace
}  // namespace basewise::train
