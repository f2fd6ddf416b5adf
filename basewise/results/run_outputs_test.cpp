#include "basewise/results/run_outputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise::results {
namespace {

TEST(RunOutputs, AFileOfARunIsOneByNameAndFolder) {
  const fs::path run = fs::path(::testing::TempDir()) / "run_outputs";
  fs::create_directories(run);
  EXPECT_TRUE(is_file_of(run, run / "metrics.json")) << "which is not there";
  EXPECT_TRUE(is_file_of(run, run / ".." / "run_outputs" / "model.toml"));
  EXPECT_FALSE(is_file_of(run, run / "mine.json"));
  EXPECT_FALSE(is_file_of(run, run.parent_path() / "metrics.json"));
  EXPECT_FALSE(is_file_of(run, "metrics.json"));
  EXPECT_FALSE(is_file_of(run, ""));
  EXPECT_THAT(error_text<ArgumentError>([&] { require_no_run_file(run, {{"out", ""}, {"arrays", run / "config.toml"}}); }),
              ::testing::HasSubstr("is a name that the run keeps for files of its own"));
  EXPECT_NO_THROW(require_no_toml({"out", run / "none.toml"}));
  write_file(run / "a.toml", "");
  EXPECT_THAT(error_text<ArgumentError>([&] { require_no_toml({"out", run / "a.toml"}); }),
              ::testing::HasSubstr("would replace a TOML file"));
}

TEST(RunOutputs, NothingJoinsARunThatItDoesNotReplace) {
  const fs::path run = fs::path(::testing::TempDir()) / "run_outputs_other";
  fs::remove_all(run);
  const std::vector<fs::path> written = {run / "model.toml", run / "weights.safetensors"};
  EXPECT_NO_THROW(require_no_other_run(run, written)) << "a folder that is not there";
  fs::create_directories(run);
  for (const char* name : {"model.toml", "weights.safetensors", "mine.txt"}) write_file(run / name, "");
  EXPECT_NO_THROW(require_no_other_run(run, written)) << "these are replaced, or of no run";
  fs::create_directories(run / "checkpoints");
  for (const char* name : {"manifest.json", "metrics.train.json"}) write_file(run / name, "{}");
  EXPECT_THAT(error_text<ArgumentError>([&] { require_no_other_run(run, written); }),
              ::testing::HasSubstr("run_outputs_other holds a run, whose checkpoints, manifest.json, metrics.train.json would stay"));
  fs::remove_all(run);
  fs::create_directories(run);
  write_file(run / "weights.safetensors", "");
  EXPECT_THAT(error_text<ArgumentError>([&] { require_no_other_run(run, {run / "model.toml"}); }),
              ::testing::HasSubstr("whose weights.safetensors would stay"));
}

}  // namespace
}  // namespace basewise::results
