#include "basewise/train/checkpoint.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "basewise/core/files.h"
#include "basewise/train/detail/checkpoint_folder.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::train {
namespace {

using ::testing::HasSubstr;
using testing::fresh_folder;

TrainingState example(std::int64_t step) {
  TrainingState s;
  s.step = step;
  s.epoch = 3;
  s.batch = 5;
  s.loss_sum = 0.1 + 0.2;
  s.learning_rate = 1.0 / 3;
  s.plateau = {.factor = 0.5, .best = 0.7, .without_improvement = 2};
  s.selection = {.best = {.best = std::nullopt, .best_epoch = -1, .without_improvement = 1},
                 .stop = {.best = 0.1 + 0.2, .best_epoch = 2, .without_improvement = 3},
                 .also = {{"mean.auroc", {.best = 0.75, .best_epoch = 1, .without_improvement = 4}}}};
  s.log.push_back({.epoch = 1, .step = 4, .train_loss = 0.25, .validation = {{"loss", std::nan("")}, {"auroc", 0.9}}});
  s.config = R"({"train":{"epochs":7}})";
  s.machine = "cpu, 2 threads";
  s.tensors = {
      {"model/w", at::rand({3, 5})}, {"model/n", at::tensor(std::vector<std::int64_t>{step})}, {"best/flag", at::ones({7}, at::kBool)}};
  return s;
}

template <class E = StateError>
std::string error_of(const std::function<void()>& f) {
  return error_text<E>(f);
}

/// Files of this process cannot grow beyond so many bytes while it lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

void flip_byte(const fs::path& file) {
  std::string bytes = read_file(file);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_file(file, bytes);
}

TEST(Checkpoint, RoundTripIsExact) {
  const fs::path folder = fresh_folder("roundtrip");
  const TrainingState s = example(12);
  save_checkpoint(folder, s, 2);
  const TrainingState t = load_newest_checkpoint(folder).value();
  EXPECT_EQ(t.step, 12);
  EXPECT_EQ(t.epoch, 3);
  EXPECT_EQ(t.batch, 5);
  EXPECT_EQ(t.loss_sum, s.loss_sum);
  EXPECT_EQ(t.learning_rate, s.learning_rate);
  EXPECT_EQ(t.plateau.best, 0.7);
  EXPECT_FALSE(t.selection.best.best.has_value());
  EXPECT_EQ(t.selection.stop.best, 0.1 + 0.2);
  EXPECT_EQ(t.selection.stop.without_improvement, 3);
  ASSERT_EQ(t.selection.also.size(), 1u);
  EXPECT_EQ(t.selection.also[0].first, "mean.auroc");
  EXPECT_EQ(t.selection.also[0].second.best, 0.75);
  EXPECT_EQ(t.selection.also[0].second.best_epoch, 1);
  EXPECT_TRUE(std::isnan(t.log.at(0).validation.at(0).second));
  EXPECT_EQ(t.log.at(0).validation.at(1).second, 0.9);
  EXPECT_EQ(t.config, s.config);
  for (const auto& [name, tensor] : s.tensors) EXPECT_TRUE(at::equal(tensor, t.tensors.at(name))) << name;
}

TEST(Checkpoint, KeepsTheNewest) {
  const fs::path folder = fresh_folder("keep");
  for (const std::int64_t step : {9, 10, 100, 11}) save_checkpoint(folder, example(step), 2);
  std::vector<std::string> names;
  for (const fs::path& p : detail::list_checkpoints(folder)) names.push_back(p.filename().string());
  EXPECT_THAT(names, ::testing::ElementsAre("step-000000000100", "step-000000000011"));
}

TEST(Checkpoint, DamagedNewestGivesWayToTheOneBefore) {
  for (const std::string file : {"tensors.safetensors", "state.json"}) {
    const fs::path folder = fresh_folder("damaged");
    save_checkpoint(folder, example(5), 2);
    save_checkpoint(folder, example(6), 2);
    flip_byte(folder / "step-000000000006" / file);
    ::testing::internal::CaptureStderr();
    EXPECT_EQ(load_newest_checkpoint(folder).value().step, 5);
    EXPECT_THAT(::testing::internal::GetCapturedStderr(), HasSubstr("step-000000000006/" + file));
    save_checkpoint(folder, example(6), 2);  // trained again: takes the place of the damaged one
    EXPECT_EQ(load_newest_checkpoint(folder).value().step, 6);
  }
}

TEST(Checkpoint, AllDamagedNamesTheFiles) {
  const fs::path folder = fresh_folder("all_damaged");
  save_checkpoint(folder, example(5), 2);
  save_checkpoint(folder, example(6), 2);
  write_file(folder / "step-000000000005" / "state.json", "{\"version\": 2");
  fs::remove(folder / "step-000000000006" / "tensors.safetensors");
  const std::string text = error_of([&] { load_newest_checkpoint(folder); });
  EXPECT_THAT(text, HasSubstr("step-000000000005/state.json: no JSON object"));
  EXPECT_THAT(text, HasSubstr("step-000000000006/tensors.safetensors: the file is missing"));
  EXPECT_THAT(text, HasSubstr("no checkpoint can be used"));
}

TEST(Checkpoint, AFullDiskNamesTheFileAndLeavesTheOlderOne) {
  const fs::path folder = fresh_folder("full_disk");
  save_checkpoint(folder, example(5), 2);
  for (const auto& [bytes, file] : {std::pair<rlim_t, std::string>{50, "tensors.safetensors"}, {600, "state.json"}}) {
    std::string text;
    {
      const FileSizeLimit limit(bytes);
      text = error_of<DataError>([&] { save_checkpoint(folder, example(6), 2); });
    }
    EXPECT_THAT(text, HasSubstr(file + ": cannot write all of it; is the disk full?"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
    EXPECT_EQ(load_newest_checkpoint(folder).value().step, 5);
  }
}

TEST(Checkpoint, LaterVersionIsNoReasonToFallBack) {
  const fs::path folder = fresh_folder("version");
  save_checkpoint(folder, example(5), 2);
  save_checkpoint(folder, example(6), 2);
  const fs::path file = folder / "step-000000000006" / "state.json";
  std::string text = read_file(file);
  text.replace(text.find("\"version\": 2"), 12, "\"version\": 9");
  write_file(file, text);
  EXPECT_THAT(error_of([&] { load_newest_checkpoint(folder); }), HasSubstr("checkpoint version 9, this program reads version 2"));
}

TEST(Checkpoint, NoneIsNoError) { EXPECT_FALSE(load_newest_checkpoint(fresh_folder("none")).has_value()); }

}  // namespace
}  // namespace basewise::train
