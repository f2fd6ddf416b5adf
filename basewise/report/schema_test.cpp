// Documents of every kind against report.schema.json, by Python's jsonschema.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/report/detail/test_folder.h"
#include "basewise/report/detail/test_run.h"
#include "basewise/report/report.h"

namespace basewise::report {
namespace {

using testing::Json;
using testing::TestRun;
using testing::write_run;

/// Exit code of the validator for these files: 0 valid, 1 not, 77 when it is not there.
/// What it says goes into `said`.
int validate(const std::vector<fs::path>& files, std::string& said) {
  const char* given = std::getenv("BASEWISE_TEST_PYTHON");
  const fs::path log = fs::path(::testing::TempDir()) / "basewise_report" / "validator.log";
  std::string command =
      format("{} tests/support/validate_json.py basewise/report/report.schema.json", given ? given : "build/py/bin/python");
  for (const fs::path& file : files) command += " '" + file.string() + "'";
  const int status = std::system((command + " > '" + log.string() + "' 2>&1").c_str());
  said = read_file(log);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Schema, EveryKindOfDocumentIsValid) {
  const TestRun strands{.name = "per base", .outputs = {"forward", "reverse"}, .tracks = true};
  const fs::path tiny = write_run("valid_tiny"), tracks = write_run("valid_tracks", strands),
                 bare = write_run("valid_bare", {.name = "", .evaluated = false});
  for (const char* file : {"log.tsv", "model.json", "data.json", "weights.safetensors"}) fs::remove(bare / file);
  const fs::path numbers = write_run("valid_numbers", {.name = "<b>", .outputs = {"", "x\ty"}, .binary = false});
  const fs::path single = write_run("valid_single", {.outputs = {"only"}});
  std::vector<fs::path> files;
  const auto add = [&](const std::vector<fs::path>& runs) {
    const fs::path file = fs::path(::testing::TempDir()) / "basewise_report" / format("valid_{}.json", files.size());
    write_report(runs, {.out = fs::path(file).replace_extension(".html"), .document = file});
    files.push_back(file);
  };
  add({tiny});
  add({tracks});
  add({bare});
  add({numbers});
  add({single});
  const fs::path profile =
      write_run("valid_profile", {.name = "reads", .outputs = {"forward", "reverse"}, .binary = false, .tracks = true, .profile = true});
  add({profile});
  add({tiny, tracks, bare, numbers, single, profile});
  add({testing::write_discovery("valid_discovery")});
  add({testing::write_discovery("valid_discovery_none", {.patterns = false})});
  add({testing::write_attribution("valid_attribution")});
  add({testing::write_attribution("valid_mutagenesis", {.method = "mutagenesis", .name = "<b>"})});
  add({testing::write_filters("valid_filters", "<i>")});
  std::string said;
  const int code = validate(files, said);
  if (code == 77 || code == 127) GTEST_SKIP() << "no Python with jsonschema; set BASEWISE_TEST_PYTHON or make build/py";
  EXPECT_EQ(code, 0) << said;
  // The validator does look: a document with a block of another kind is refused.
  Json broken = Json::parse(read_file(files[0]));
  broken["sections"][0]["blocks"][0]["type"] = "film";
  write_file(files[0], broken.dump());
  EXPECT_EQ(validate({files[0]}, said), 1);
  EXPECT_THAT(said, ::testing::HasSubstr("/sections/0/blocks/0"));
}

TEST(Schema, TheExampleOfThePageIsValid) {
  if (!fs::exists("web/test/example.report.json")) GTEST_SKIP() << "web/test/example.report.json is missing";
  std::string said;
  const int code = validate({"web/test/example.report.json"}, said);
  if (code == 77 || code == 127) GTEST_SKIP() << "no Python with jsonschema; set BASEWISE_TEST_PYTHON or make build/py";
  EXPECT_EQ(code, 0) << said;
}

}  // namespace
}  // namespace basewise::report
