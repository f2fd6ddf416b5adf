#include "basewise/run/run_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/clock.h"
#include "basewise/core/error.h"
#include "tests/support/error_text.h"
#include "tests/support/test_task.h"

namespace basewise::run {
namespace {

using ::testing::HasSubstr;
using Existing = RunFolder::Existing;
using train::testing::fresh_folder;

fs::path folder_with(const std::string& name, const std::string& status) {
  const fs::path path = fresh_folder(name);
  RunFolder folder(path, Existing::refuse);
  Manifest m;
  m.status = parse_choice<results::RunStatus>(status, "status");
  folder.write_manifest(m);
  for (const fs::path& file : {folder.config(), folder.model(), folder.weights()}) write_file(file, "name = \"x\"\n");
  write_file(path / "checkpoints" / "step-000000000001" / "state.json", "{}");
  return path;
}

std::string error_of(const fs::path& path, Existing existing) {
  return error_text<StateError>([&] { RunFolder folder(path, existing); });
}

TEST(RunFolder, FinishedRunIsKeptUnlessOverwritten) {
  const fs::path path = folder_with("finished_folder", "finished");
  write_file(path / "notes.txt", "mine");
  EXPECT_EQ(run_state(path), RunState::finished);
  EXPECT_THAT(error_of(path, Existing::refuse), HasSubstr("holds a finished run; give another folder, or --overwrite"));
  EXPECT_THAT(error_of(path, Existing::resume), HasSubstr("holds a finished run"));
  EXPECT_TRUE(fs::exists(path / "config.toml"));
  const RunFolder folder(path, Existing::overwrite);
  EXPECT_FALSE(fs::exists(path / "config.toml"));
  EXPECT_FALSE(fs::exists(path / "checkpoints"));
  EXPECT_TRUE(fs::exists(path / "notes.txt"));
}

TEST(RunFolder, OneThatWasBeingOverwrittenIsUnfinishedAndStartsAnew) {
  const fs::path path = folder_with("overwritten_folder", "finished");
  { const RunFolder killed(path, Existing::overwrite); }
  EXPECT_EQ(run_state(path), RunState::unfinished);
  EXPECT_THAT(error_of(path, Existing::refuse), HasSubstr("holds an unfinished run; --resume continues it"));
  EXPECT_TRUE(RunFolder(path, Existing::resume).resumed());
  EXPECT_FALSE(RunFolder(path, Existing::overwrite).resumed());
}

TEST(RunFolder, AFinishedRunThatCannotBeOpenedIsUnfinished) {
  for (const char* lost : {"config.toml", "model.toml", "weights.safetensors"}) {
    const fs::path path = folder_with("incomplete_folder", "finished");
    fs::remove(path / lost);
    EXPECT_EQ(run_state(path), RunState::unfinished) << lost;
    EXPECT_TRUE(RunFolder(path, Existing::resume).resumed()) << lost;
  }
}

TEST(RunFolder, WithoutACheckpointNothingOfTheSessionBeforeStays) {
  const fs::path path = folder_with("begun_folder", "running");
  write_file(path / "events" / "events.out.tfevents.1.0000.basewise", "x");
  write_file(path / "notes.txt", "mine");
  { const RunFolder folder(path, Existing::resume); }
  EXPECT_TRUE(fs::exists(path / "events")) << "there is a checkpoint";
  fs::remove_all(path / "checkpoints" / "step-000000000001");
  const RunFolder folder(path, Existing::resume);
  EXPECT_TRUE(folder.resumed());
  for (const char* gone : {"events", "config.toml", "weights.safetensors"}) EXPECT_FALSE(fs::exists(path / gone)) << gone;
  for (const char* kept : {"manifest.json", "notes.txt"}) EXPECT_TRUE(fs::exists(path / kept)) << kept;
}

TEST(RunFolder, ALockThatNobodyHoldsIsRemoved) {
  const fs::path path = folder_with("stale_lock", "finished");
  write_file(path / ".lock", "");
  remove_stale_lock(path);
  EXPECT_FALSE(fs::exists(path / ".lock"));
  const RunFolder held(path, Existing::overwrite);
  remove_stale_lock(path);
  EXPECT_TRUE(fs::exists(path / ".lock"));
}

TEST(RunFolder, UnfinishedRunIsResumedOnlyWhenAsked) {
  const fs::path path = folder_with("unfinished_folder", "interrupted");
  write_file(path / "checkpoints" / ".step-000000000002.tmp-77-0" / "state.json", "{");
  EXPECT_THAT(error_of(path, Existing::refuse), HasSubstr("holds an unfinished run; --resume continues it"));
  const RunFolder folder(path, Existing::resume);
  EXPECT_TRUE(folder.resumed());
  EXPECT_TRUE(fs::exists(path / "checkpoints" / "step-000000000001"));
  EXPECT_FALSE(fs::exists(path / "checkpoints" / ".step-000000000002.tmp-77-0"))
      << "what a killed process left behind is removed";
}

TEST(RunFolder, SecondProcessIsRefused) {
  const fs::path path = fresh_folder("locked_folder");
  const RunFolder folder(path, Existing::refuse);
  EXPECT_THAT(error_of(path, Existing::resume), HasSubstr("another process works in"));
}

TEST(RunFolder, ForeignFilesAreNeverTouched) {
  const fs::path path = fresh_folder("foreign_folder");
  write_file(path / "model.toml", "mine");
  EXPECT_THAT(error_of(path, Existing::overwrite), HasSubstr("is not empty and holds no run"));
  EXPECT_EQ(read_file(path / "model.toml"), "mine");
}

TEST(RunFolder, DamagedManifestIsNamed) {
  const fs::path path = folder_with("damaged_folder", "finished");
  write_file(path / "manifest.json", "{\"format\": ");
  EXPECT_THAT(error_of(path, Existing::resume), HasSubstr("manifest.json: not the manifest of a run"));
}

TEST(Manifest, HoldsFactsAndInputs) {
  const fs::path file = fresh_folder("inputs") / "x.fa";
  write_file(file, "abc");
  Manifest m;
  m.seed = 18446744073709551615u;
  m.inputs = input_facts({{"data:x", file}});
  const auto json = to_json(m);
  EXPECT_EQ(json["inputs"][0]["sha256"], "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(json["inputs"][0]["bytes"], 3);
  EXPECT_EQ(json["seed"], 18446744073709551615u);
  EXPECT_TRUE(json["build"].contains("version"));
  EXPECT_FALSE(json["torch"].empty());
  EXPECT_THAT(utc_now(), ::testing::MatchesRegex("20[0-9-]+T[0-9:]+Z"));
}

}  // namespace
}  // namespace basewise::run
