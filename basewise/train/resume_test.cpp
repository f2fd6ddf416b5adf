// A process that is killed at any instant and resumed gives bit for bit what an uninterrupted one
// gives.
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "basewise/tensor/scopes.h"
#include "basewise/train/detail/checkpoint_folder.h"
#include "basewise/train/tensor_file.h"
#include "basewise/train/trainer.h"
#include "tests/support/test_task.h"

extern char** environ;

namespace basewise::train {
namespace {

using std::chrono::milliseconds;
using testing::fresh_folder;
using testing::LetterModel;
using testing::LetterTask;

constexpr const char* kFolder = "BASEWISE_TEST_RUN_FOLDER";

/// Slow enough to be hit: under one second for all steps.
class SlowTask final : public data::Dataset {
 public:
  std::int64_t size() const override { return task_.size(); }
  std::string summary() const override { return "slow letters"; }
  Bundle get(std::int64_t i, Stream draw) const override {
    std::this_thread::sleep_for(milliseconds(2));
    return task_.get(i, draw);
  }

 private:
  LetterTask task_{67, 5};
};

NamedValues validate(nn::Model& model) {
  const LetterTask set(41, 99);
  std::vector<Bundle> examples;
  for (std::int64_t i = 0; i < set.size(); ++i) examples.push_back(set.get(i, Stream(0)));
  const Bundle batch = stack(examples);
  const double loss = nn::TotalLoss({nn::LossOptions{}})(model.forward(batch), batch).item<double>();
  return {{"loss", loss}, {"falling", 2 - loss}};  // best where the loss is highest: two sets of weights are kept
}

/// The process that is killed: trains in the folder that the environment names and saves the final
/// weights there.
TEST(KilledProcess, DISABLED_Trains) {
  const char* folder = std::getenv(kFolder);
  ASSERT_NE(folder, nullptr);
  const TensorThreadScope threads(1);
  TrainOptions o;
  o.epochs = 5;
  o.loader = {.batch_size = 8, .workers = 1};
  o.optimizer = {.name = OptimizerKind::adamw, .learning_rate = 0.02, .weight_decay = 0.01};
  o.schedule.name = ScheduleKind::one_cycle;
  o.average.decay = 0.9;
  o.checkpoint.every_steps = 4;
  o.select = {.metric = "falling", .stop_metric = "loss", .patience = 50, .also = {"loss"}};
  TrainerContext c;
  c.seed = 7;
  c.folder = folder;
  c.resume = true;
  c.validate = validate;
  LetterModel model;
  const TrainerResult result = train_model(model, nn::TotalLoss({nn::LossOptions{}}), std::make_shared<SlowTask>(), o, c);
  save_bundle(weights_of(model), c.folder / "weights.safetensors");
  save_bundle(result.also.at(0).weights, c.folder / "weights.loss.safetensors");
}

pid_t start_process(const fs::path& folder) {
  setenv(kFolder, folder.c_str(), 1);
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

bool ended(pid_t pid, int& status) { return waitpid(pid, &status, WNOHANG) == pid; }

std::string newest(const fs::path& folder) {
  const auto all = detail::list_checkpoints(folder / "checkpoints");
  return all.empty() ? "" : all.front().filename().string();
}

/// Waits for a checkpoint of this process, then a little longer, then kills.
/// False if it ended before.
bool kill_at_some_instant(const fs::path& folder, milliseconds delay) {
  const std::string before = newest(folder);
  const pid_t pid = start_process(folder);
  int status = 0;
  while (newest(folder) == before) {
    if (ended(pid, status)) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  std::this_thread::sleep_for(delay);
  kill(pid, SIGKILL);
  waitpid(pid, &status, 0);
  return WIFSIGNALED(status);
}

void run_to_the_end(const fs::path& folder) {
  const pid_t pid = start_process(folder);
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
      if (column != 2 && column != 7) row += field + " ";
    }
    rows.push_back(row);
  }
  return rows;
}

TEST(KilledProcess, ResumesBitForBitAfterThreeKills) {
  const fs::path whole = fresh_folder("kill_whole"), killed = fresh_folder("kill_killed");
  run_to_the_end(whole);
  const auto seed = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  SCOPED_TRACE("seed " + std::to_string(seed));
  Stream draw(seed);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(kill_at_some_instant(killed, milliseconds(draw.integer(0, 120)))) << "kill " << i << " came too late";
  }
  run_to_the_end(killed);
  EXPECT_EQ(read_file(whole / "weights.safetensors"), read_file(killed / "weights.safetensors"));
  EXPECT_EQ(read_file(whole / "weights.loss.safetensors"), read_file(killed / "weights.loss.safetensors"));
  EXPECT_NE(read_file(whole / "weights.loss.safetensors"), read_file(whole / "weights.safetensors"));
  EXPECT_EQ(log_rows(whole), log_rows(killed));
  EXPECT_EQ(log_rows(whole).size(), 6u);
}

}  // namespace
}  // namespace basewise::train
