// Every committed row of a study has the hash that the study would give it now. A row whose hash
// changes is lost: its run would be done again.
//
// tests/golden/study_rows.json holds what the hashes are made of, for one seed of each combination,
// so that a change can be named. It is written anew by basewise_pins_test
// --gtest_also_run_disabled_tests --gtest_filter=DISABLED_StudyRows.Write
#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/files.h"
#include "basewise/interpret/measures.h"
#include "basewise/study/configuration.h"
#include "basewise/study/expand.h"
#include "basewise/study/record.h"
#include "basewise/study/study.h"

namespace basewise::study {
namespace {

using Json = nlohmann::json;

const run::MeasureScope kMeasures(interpret::measures());

constexpr const char* kGolden = "tests/golden/study_rows.json";

/// Where the record of a study lies: beside study.toml, or in the folder that <name>.study.toml
/// gives its name to.
fs::path record_of(const fs::path& file) {
  const std::string name = file.filename().string();
  if (name == "study.toml") return file.parent_path() / "results.tsv";
  return file.parent_path() / name.substr(0, name.find(".study.toml")) / "results.tsv";
}

/// Studies whose record is committed. Called before main: what cannot be read is left to the tests.
std::vector<fs::path> studies() {
  std::vector<fs::path> files;
  if (!fs::is_directory("recipes")) return files;
  for (const auto& entry : fs::recursive_directory_iterator("recipes")) {
    const std::string name = entry.path().filename().string();
    if ((name == "study.toml" || name.ends_with(".study.toml")) && fs::exists(record_of(entry.path()))) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// Values of all axes but the one that is averaged over:
/// what rows share whose text differs in the seed alone.
std::string combination(const Study& study, const Run& run) {
  std::string name;
  for (std::size_t a = 0; a < run.values.size(); ++a)
    if (study.options.axes[a].name != study.options.over) name += (name.empty() ? "" : " ") + run.values[a];
  return name;
}

/// What a hash of training is made of; the model, which is a text in it, taken apart.
Json description(Configurations& configurations, const Run& run) {
  Json json = Json::parse(configurations.describe_training(run));
  json["model"] = Json::parse(json.at("model").get<std::string>());
  return json;
}

/// By combination. They have much in common, so that all but the first are kept as changes of the
/// first (RFC 6902).
Json descriptions(const Study& study) {
  Configurations configurations(study);
  Json told = Json::object();
  Json first;
  for (const Run& run : expand(study)) {
    const std::string name = combination(study, run);
    if (told.contains("first") && (told["first"]["name"] == name || told["others"].contains(name))) continue;
    const Json now = description(configurations, run);
    if (!told.contains("first")) {
      told = {{"first", {{"name", name}, {"configuration", now}}}, {"others", Json::object()}};
      first = now;
    } else {
      told["others"][name] = Json::diff(first, now);
    }
  }
  return told;
}

/// What the description of a run was, with the seed of this run.
Json described_before(const Json& golden, const std::string& name, const Json& now) {
  Json before = golden.at("first").at("configuration");
  if (golden["first"]["name"] != name) before = before.patch(golden.at("others").at(name));
  if (now.contains("seed")) before["seed"] = now["seed"];
  return before;
}

/// "/train/epochs was 3, is 4" for each difference.
std::string changes(const Json& before, const Json& now) {
  std::string text;
  for (const Json& step : Json::diff(before, now)) {
    const std::string path = step["path"];
    const auto value = [&](const Json& of) {
      const Json::json_pointer at(path);
      return of.contains(at) ? of.at(at).dump() : std::string("not there");
    };
    text += format("\n    {}: was {}, is {}", path, value(before), value(now));
  }
  return text.empty() ? "\n    training is described as before: what is measured, or how the hash is made, has changed" : text;
}

/// Reference of a file whose contents nobody knows here: neither the registry nor this machine.
std::string absent_file(const std::string& text) {
  const auto at = text.find("absent:");
  return at == std::string::npos ? "" : text.substr(at, text.find('"', at) - at);
}

class StudyRows : public ::testing::TestWithParam<fs::path> {};

TEST_P(StudyRows, HaveTheHashThatTheStudyGivesThemNow) {
  const Study study = load_study(GetParam().string());
  const Record record = Record::read(study, study.record());
  const Json golden = Json::parse(read_file(kGolden)).at(GetParam().generic_string());
  Configurations configurations(study);
  std::size_t checked = 0, changed = 0;
  std::map<std::string, std::size_t> absent;
  for (const study::Run& run : expand(study))
    for (const Measurement& m : run.measurements) {
      const Row* row = record.find(run, m);
      if (row == nullptr) continue;
      const std::string lacking = absent_file(configurations.describe_training(run));
      if (!lacking.empty()) {
        ++absent[lacking];
        continue;
      }
      ++checked;
      const std::string now = configurations.row(run, m);
      if (now == row->hash || ++changed > 3) continue;
      const Json description_now = description(configurations, run);
      ADD_FAILURE() << run.name << ", " << m.label() << ": the hash was " << row->hash << ", is " << now
                    << changes(described_before(golden, combination(study, run), description_now), description_now);
    }
  RecordProperty("rows", std::to_string(checked));
  EXPECT_EQ(changed, 0u) << "of " << checked << " rows; they would all be computed again";
  std::size_t left_out = 0;
  for (const auto& [file, rows] : absent) left_out += rows;
  EXPECT_EQ(checked + left_out, record.rows().size()) << "rows that are none of the study's";
  if (left_out > 0) GTEST_SKIP() << left_out << " rows were not checked: " << absent.begin()->first;
  EXPECT_GT(checked, 0u) << "the record is empty";
}

INSTANTIATE_TEST_SUITE_P(Committed, StudyRows, ::testing::ValuesIn(studies()), [](const auto& file) {
  std::string name = file.param.generic_string();
  std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

TEST(StudyRowsAsAWhole, EveryCommittedRecordHasItsStudy) {
  std::vector<fs::path> with_study, found;
  for (const fs::path& file : studies()) {
    with_study.push_back(record_of(file));
    EXPECT_EQ(fs::weakly_canonical(load_study(file.string()).record()), fs::weakly_canonical(record_of(file)));
  }
  for (const auto& entry : fs::recursive_directory_iterator("recipes"))
    if (entry.path().filename() == "results.tsv") found.push_back(entry.path());
  EXPECT_THAT(with_study, ::testing::UnorderedElementsAreArray(found));
  EXPECT_GE(found.size(), 6u);
}

TEST(StudyRowsAsAWhole, AChangeIsNamed) {
  const Json before = {{"train", {{"epochs", 3}, {"clip", 1}}}}, now = {{"train", {{"epochs", 4}}}, {"seed", 7}};
  EXPECT_THAT(changes(before, now), ::testing::AllOf(::testing::HasSubstr("/train/epochs: was 3, is 4"),
                                                     ::testing::HasSubstr("/train/clip: was 1, is not there"),
                                                     ::testing::HasSubstr("/seed: was not there, is 7")));
  const Json golden = {{"first", {{"name", "a"}, {"configuration", before}}}, {"others", {{"b", Json::diff(before, now)}}}};
  EXPECT_EQ(described_before(golden, "b", {{"seed", 9}}), Json({{"train", {{"epochs", 4}}}, {"seed", 9}}));
}

TEST(DISABLED_StudyRows, Write) {
  Json all = Json::object();
  for (const fs::path& file : studies()) all[file.generic_string()] = descriptions(load_study(file.string()));
  std::string text;  // a line for each combination
  for (const auto& [study, told] : all.items()) {
    text += format("{}{}: {{\"first\": {},\n\"others\": {{", text.empty() ? "{\n" : ",\n", Json(study).dump(), told["first"].dump());
    for (std::string comma; const auto& [name, patch] : told["others"].items())
      text += format("{}\n  {}: {}", std::exchange(comma, ","), Json(name).dump(), patch.dump());
    text += "\n}}";
  }
  write_file(kGolden, text + "\n}\n");
  EXPECT_EQ(Json::parse(read_file(kGolden)), all);
}

}  // namespace
}  // namespace basewise::study
