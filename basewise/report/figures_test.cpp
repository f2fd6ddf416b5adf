// Figures as files.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/report/detail/pictures.h"
#include "basewise/report/detail/test_run.h"
#include "basewise/report/report.h"
#include "tests/support/error_text.h"

namespace basewise::report {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using testing::Json;
using testing::TestRun;
using testing::write_run;

/// Another PATH for as long as this lives.
class PathScope {
 public:
  explicit PathScope(const std::string& path) : before_(std::getenv("PATH")) { setenv("PATH", path.c_str(), 1); }
  ~PathScope() { setenv("PATH", before_.c_str(), 1); }
  PathScope(const PathScope&) = delete;
  PathScope& operator=(const PathScope&) = delete;

 private:
  std::string before_;
};

fs::path fresh(const std::string& name) {
  const fs::path folder = fs::path(::testing::TempDir()) / "basewise_report" / name;
  fs::remove_all(folder);
  return folder;
}

const TestRun kStrands{.name = "per base", .outputs = {"forward", "reverse"}, .tracks = true, .locus = 900};

TEST(FigureFiles, SpecificationsHoldTheirData) {
  const fs::path folder = fresh("figures");
  const PathScope path("/nowhere");
  const auto result = write_report({write_run("files", kStrands)}, {.figures = folder});
  ASSERT_EQ(result.notes.size(), 1U);
  EXPECT_THAT(result.notes[0], HasSubstr("python3 -m pip install vl-convert-python"));
  const Json lite = Json::parse(read_file(folder / "roc.vl.json"));
  EXPECT_EQ(lite["width"], 640);
  EXPECT_EQ(lite["datasets"]["curve"][1]["fpr"], 0.125);
  EXPECT_EQ(lite["datasets"]["reference"].size(), 2U);
  const Json vega = Json::parse(read_file(folder / "locus_1.vg.json"));
  EXPECT_EQ(vega["width"], 960);
  Json sites;
  for (const Json& table : vega["data"])
    if (table["name"] == "sites") sites = table["values"];
  EXPECT_EQ(sites[1]["start"], 4101);
  EXPECT_THAT(result.files, Contains(folder / "roc.curve.tsv"));
  const std::string tsv = read_file(folder / "roc.reference.tsv");
  EXPECT_EQ(tsv, "fpr\ttpr\n0.0\t0.0\n1.0\t1.0\n");
  EXPECT_EQ(result.files.back(), result.page);
}

TEST(FigureFiles, PicturesThatCannotBeMadeSayWhatToDo) {
  const fs::path run = write_run("no_pictures"), folder = fresh("no_figures");
  const PathScope path("/nowhere");
  EXPECT_THAT(error_text<StateError>([&] {
                write_report({run}, {.figures = folder, .format = {PictureFormat::svg, PictureFormat::pdf}});
              }),
              HasSubstr("no svg, pdf of the figures in " + folder.string() +
                        ": pictures are made by vl-convert: python3 -m pip install vl-convert-python"));
  EXPECT_TRUE(fs::exists(run / "report.html"));
  EXPECT_TRUE(fs::exists(folder / "loss.vl.json"));
  EXPECT_THAT(error_text<ArgumentError>([&] {
    ReportRequest request;
    assign(described(request), "format=gif");
  }), HasSubstr("\"gif\"; it must be one of svg, png, pdf"));
}

TEST(FigureFiles, EveryFigureBecomesAPicture) {
  const PathScope path(fs::absolute("build/py/bin").string() + ":" + std::getenv("PATH"));
  if (std::system("python3 -c 'import vl_convert' >/dev/null 2>&1") != 0) GTEST_SKIP() << "no Python with vl-convert-python in build/py";
  const fs::path folder = fresh("pictures");
  const TestRun numbers{.name = "</svg>", .outputs = {"a<b", "&"}, .binary = false};
  write_report({write_run("pictures_a", kStrands)}, {.figures = folder / "a", .format = {PictureFormat::svg}});
  write_report({write_run("pictures_b", numbers)}, {.figures = folder / "b", .format = {PictureFormat::svg}});
  std::size_t pictures = 0;
  for (const fs::path& part : {folder / "a", folder / "b"})
    for (const auto& entry : fs::directory_iterator(part)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".vl.json") && !name.ends_with(".vg.json")) continue;
      const fs::path picture = part / (name.substr(0, name.size() - 8) + ".svg");
      ASSERT_TRUE(fs::exists(picture)) << picture;
      const std::string svg = read_file(picture);
      EXPECT_THAT(svg, HasSubstr("<svg"));
      EXPECT_GT(svg.size(), 1500U) << picture;
      ++pictures;
    }
  EXPECT_GE(pictures, 20U);
}

}  // namespace
}  // namespace basewise::report
