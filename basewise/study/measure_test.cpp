// Evaluations that are measures: what the file may say, and what their rows depend on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/run/measure.h"
#include "basewise/study/configuration.h"
#include "basewise/study/detail/needed_files.h"
#include "basewise/study/detail/test_study.h"
#include "basewise/study/expand.h"
#include "basewise/study/table.h"
#include "tests/support/error_text.h"

namespace basewise::study {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::fresh_folder;

class Count final : public run::Measure {
 public:
  void describe_options(Visitor& v) override {
    v("factor", factor_, "of the number", positive());
    v("file", file_, "some file");
  }
  run::MeasureNumbers measure(const run::OpenRun&, const data::DatasetPtr&) const override { return {{"counted", factor_}}; }

 private:
  double factor_ = 1;
  fs::path file_ = {};
};

class StudyMeasure : public ::testing::Test {
 protected:
  static Study load(const std::string& evaluation, const std::string& more = "") {
    const fs::path folder = fresh_folder();
    write_file(folder / "a.txt", "a");
    write_file(folder / "same.txt", "a");
    write_file(folder / "b.txt", "b");
    write_file(folder / "study.toml", "recipe = \"demo\"\n" + more + "[[axes]]\nname = \"seed\"\nkey = \"seed\"\nnumbers = [7]\n"
                                          "[[evaluations]]\nname = \"it\"\n" + evaluation);
    return load_study(folder.string());
  }
  /// The hash of the row.
  static std::string hash(const std::string& evaluation) {
    const Study study = load(evaluation);
    const study::Run run = expand(study).front();
    return Configurations(study).row(run, run.measurements.front());
  }
  static std::string error(const std::string& evaluation) {
    return error_text<ArgumentError>([&] { return load(evaluation); });
  }

  run::MeasureScope scope_{{{.name = "count",
                             .help = "a number",
                             .values = {{"counted", false}},
                             .make = [] { return std::make_unique<Count>(); }}}};
};

TEST_F(StudyMeasure, RowsDependOnTheMeasureAndItsOptions) {
  const std::string plain = hash("measure = \"count\"");
  EXPECT_NE(hash(""), plain);
  EXPECT_EQ(hash("measure = \"count\"\noptions = [\"factor=1\"]"), plain) << "a default is left out";
  EXPECT_EQ(hash("measure = \"count\"\noptions = [\"factor=1.0\", \"file=\"]"), plain);
  EXPECT_NE(hash("measure = \"count\"\noptions = [\"factor=2\"]"), plain);
  const std::string a = hash("measure = \"count\"\noptions = [\"file=a.txt\"]");
  EXPECT_EQ(hash("measure = \"count\"\noptions = [\"file=same.txt\"]"), a) << "files count by their contents";
  EXPECT_NE(hash("measure = \"count\"\noptions = [\"file=b.txt\"]"), a);
}

TEST_F(StudyMeasure, FilesAreBesideTheStudy) {
  const Study study = load("measure = \"count\"\noptions = [\"file=a.txt\"]");
  const Measurement m = expand(study).front().measurements.front();
  EXPECT_EQ(m.measure, "count");
  EXPECT_THAT(m.options, ElementsAre("file=" + (study.file.parent_path() / "a.txt").string()));
}

TEST_F(StudyMeasure, MistakesAreFoundWhenTheFileIsRead) {
  EXPECT_THAT(error("measure = \"cout\""), HasSubstr("there is no measure 'cout' (did you mean 'count'?)"));
  EXPECT_THAT(error("measure = \"count\"\noptions = [\"factor=0\"]"), HasSubstr("factor"));
  EXPECT_THAT(error("measure = \"count\"\noptions = [\"fctor=2\"]"), HasSubstr("did you mean"));
  EXPECT_THAT(error("measure = \"count\"\noptions = [\"factor\"]"), HasSubstr("expected PATH=VALUE"));
  EXPECT_THAT(error("options = [\"factor=2\"]"), HasSubstr("options go with a measure"));
  EXPECT_THAT(error("measure = \"count\"\noptions = [\"file=nofile.txt\"]"),
              ::testing::AllOf(HasSubstr("evaluation 'it'"), HasSubstr("there is no file"), HasSubstr("nofile.txt")));
}

TEST_F(StudyMeasure, ReferencesAreLookedUpBeforeTraining) {
  const Study study = load("measure = \"count\"\noptions = [\"file=data:nosuch/file.txt\"]");
  const std::vector<study::Run> runs = expand(study);
  EXPECT_THAT(error_text([&] { return detail::require_data(study, {&runs.front()}), 0; }), HasSubstr("nosuch"));
}

TEST_F(StudyMeasure, TheTableKnowsItsNumbers) {
  const Study study = load("measure = \"count\"", "metrics = [\"counted\"]\n");
  EXPECT_THAT(make_table(study).metrics, ElementsAre("counted"));
}

}  // namespace
}  // namespace basewise::study
