#include "basewise/train/event_file.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/core/format.h"
#include "basewise/io/tfrecord.h"
#include "basewise/train/detail/event_records.h"

namespace basewise::train {
namespace {

using detail::scalar_event;
using io::tf_record;

fs::path fresh_folder(const std::string& name) {
  const fs::path folder = fs::path(testing::TempDir()) / ("basewise_events_" + name);
  fs::remove_all(folder);
  return folder;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += basewise::format("{:02x}", static_cast<unsigned char>(c));
  return text;
}

/// A Python that has tensorboard, or nothing.
std::string python_with_tensorboard() {
  std::vector<std::string> candidates;
  if (const char* given = std::getenv("BASEWISE_TEST_PYTHON")) candidates.emplace_back(given);
  candidates.emplace_back("build/py/bin/python");
  for (const std::string& python : candidates) {
    if (std::system((python + " -c 'import tensorboard' >/dev/null 2>&1").c_str()) == 0) return python;
  }
  return "";
}

TEST(EventFile, RecordEqualsTheOneOfTensorBoard) {
  // Written by tensorboard 2.21.0: RecordWriter of Event(wall_time=1700000000.25, step=300, summary
  // of the two values below).
  EXPECT_EQ(
      hex(tf_record(scalar_event(1700000000.25, 300, {{"train/loss", 0.3125}, {"validation/auroc", -2.5}}))),
      "3a000000000000001295eae20900001040fc54d94110ac022a2c0a110a0a747261696e2f6c6f7373150000a03e0a170a1076616c69646174696f6e2f6175726f63"
      "15000020c0eb351371");
}

TEST(EventFile, SessionsHaveFilesInOrderOfName) {
  const fs::path folder = fresh_folder("sessions");
  const fs::path first = EventFile(folder, 0).path(), second = EventFile(folder, 7).path();
  EXPECT_LT(first.filename().string(), second.filename().string());
  EXPECT_NE(second.filename().string().find("tfevents"), std::string::npos);
}

TEST(EventFile, TensorBoardReadsItBackWithoutTheStepsTrainedAgain) {
  const std::string python = python_with_tensorboard();
  if (python.empty()) GTEST_SKIP() << "no Python with tensorboard; set BASEWISE_TEST_PYTHON or make build/py";
  const fs::path folder = fresh_folder("read");
  {
    EventFile events(folder, 0);
    for (std::int64_t step = 1; step <= 5; ++step) events.write(step, {{"train/loss", 1.0 / static_cast<double>(step)}});
  }
  {
    EventFile events(folder, 4);  // killed after step 5, resumed from step 3
    events.write(4, {{"train/loss", 40}, {"learning_rate", 0.5}});
  }
  const fs::path out = folder.string() + ".json";
  ASSERT_EQ(
      std::system((python + " tests/golden/tensorboard_events.py " + folder.string() + " > " + out.string() + " 2>/dev/null").c_str()), 0);
  const auto rows = nlohmann::json::parse(read_file(out));
  EXPECT_EQ(rows.dump(), R"([["learning_rate",4,0.5],["train/loss",1,1.0],["train/loss",2,0.5],["train/loss",3,0.3333333432674408],["train/loss",4,40.0]])");
}

}  // namespace
}  // namespace basewise::train
