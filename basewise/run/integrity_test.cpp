#include "basewise/run/integrity.h"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/run/detail/test_runs.h"
#include "basewise/run/run_folder.h"

namespace basewise::run {
namespace {

using testing::fresh_folder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kSumOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2, B.1

/// A folder with weights "abc" and a manifest of this text behind the format.
fs::path folder_with_weights(const std::string& name, const std::string& members) {
  const fs::path folder = fresh_folder(name);
  write_file(folder / "weights.safetensors", "abc");
  write_file(folder / "manifest.json", R"({"format": "basewise run")" + members + "}");
  return folder;
}

TEST(WeightsFacts, AreThoseOfAllWeights) {
  const fs::path folder = folder_with_weights("weights_facts", "");
  write_file(folder / "weights.mean.auroc.safetensors", "");
  EXPECT_THAT(weights_facts(folder),
              ElementsAre(std::pair<const std::string, std::string>(
                              "weights.mean.auroc.safetensors",
                              "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                          std::pair<const std::string, std::string>("weights.safetensors", kSumOfAbc)));
}

TEST(CheckWeights, RefusesOtherBytes) {
  const fs::path folder = folder_with_weights(
      "changed_weights", R"(, "weights": {"weights.safetensors": ")" + std::string(kSumOfAbc) + "\"}");
  const fs::path file = folder / "weights.safetensors";
  check_weights(folder, file);
  write_file(file, "abd");
  EXPECT_THAT(error_text<StateError>([&] { check_weights(folder, file); return 0; }),
              HasSubstr("weights.safetensors: its SHA-256 is not that in manifest.json"));
}

TEST(CheckWeights, LetsFoldersWithoutSumsBe) {
  for (const char* members : {"", R"(, "weights": {"weights.other.safetensors": "00"})", R"(, "weights": 7)"}) {
    const fs::path folder = folder_with_weights("weights_without_sum", members);
    check_weights(folder, folder / "weights.safetensors");
  }
  const fs::path bare = fresh_folder("weights_without_manifest");
  write_file(bare / "weights.safetensors", "abc");
  check_weights(bare, bare / "weights.safetensors");
}

TEST(ChangedInputs, AreThoseWithOtherContents) {
  const fs::path data = fresh_folder("changed_inputs_data"), folder = fresh_folder("changed_inputs");
  for (const char* name : {"same.fa", "touched.fa", "longer.fa", "other.fa"}) write_file(data / name, "abc");
  Manifest m;
  std::vector<std::pair<std::string, fs::path>> files;
  for (const char* name : {"same.fa", "touched.fa", "longer.fa", "other.fa"}) files.emplace_back(name, data / name);
  m.inputs = input_facts(files);
  write_file(folder / "manifest.json", to_json(m).dump());
  EXPECT_THAT(changed_inputs(folder, files), IsEmpty());

  const auto later = fs::last_write_time(data / "same.fa") + std::chrono::seconds(5);
  fs::last_write_time(data / "touched.fa", later);
  write_file(data / "longer.fa", "abcd");
  write_file(data / "other.fa", "abd");
  fs::last_write_time(data / "other.fa", later);
  files.emplace_back("unknown.fa", data / "longer.fa");  // the same path under another name
  files.emplace_back("new.fa", data / "new.fa");
  EXPECT_THAT(changed_inputs(folder, files),
              ElementsAre(HasSubstr("longer.fa is not what"), HasSubstr("other.fa is not what"), HasSubstr("longer.fa is not what")));
}

TEST(ChangedInputs, OfAManifestWithoutTimesAreFoundByTheirSum) {
  const fs::path data = fresh_folder("old_inputs_data"), folder = fresh_folder("old_inputs");
  write_file(data / "x.fa", "abd");
  write_file(folder / "manifest.json",
             R"({"format": "basewise run", "inputs": [{"reference": "x.fa", "path": "", "bytes": 3, "sha256": ")" +
                 std::string(kSumOfAbc) + "\"}]}");
  EXPECT_THAT(changed_inputs(folder, {{"x.fa", data / "x.fa"}}), ElementsAre(HasSubstr("x.fa is not what")));
  write_file(data / "x.fa", "abc");
  EXPECT_THAT(changed_inputs(folder, {{"x.fa", data / "x.fa"}}), IsEmpty());
  EXPECT_THAT(changed_inputs(data, {{"x.fa", data / "x.fa"}}), IsEmpty());  // no manifest there
}

}  // namespace
}  // namespace basewise::run
