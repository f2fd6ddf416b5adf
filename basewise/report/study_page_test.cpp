// The page of a study against the numbers of study.json.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/report/detail/study_document.h"
#include "basewise/report/page.h"
#include "tests/support/error_text.h"

namespace basewise::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::ordered_json;

const std::string kEvil = "</script><b>${x}'\"";

Json values(double mean) {
  Json list = Json::array();
  for (const int seed : {7, 11, 13}) list.push_back({std::to_string(seed), mean + 0.001 * (seed - 10)});
  return list;
}

Json metric(double mean, bool published) {
  Json m = {{"n", 3},
            {"mean", mean},
            {"sd", 0.003},
            {"median", mean + 0.001},
            {"minimum", mean - 0.003},
            {"maximum", mean + 0.003},
            {"low", mean - 0.002},
            {"high", mean + 0.002}};
  m["values"] = values(mean);
  if (published) m["bounds"] = {{"ceiling", 0.97}, {"floor", 0.5}};
  if (published) m["published"] = {{"mean", 0.9}, {"sd", nullptr}, {"source", "a paper"}, {"difference_in_sd", nullptr}};
  return m;
}

/// Two methods at two scales on the test set, one of them on the training set;
/// a third group is missing altogether.
Json study() {
  Json s = {{"schema", "basewise.study/1"}, {"name", "tiny"}, {"title", kEvil}, {"over", "seed"}, {"confidence", 0.95}};
  const auto named = [](const char* name) { return Json{{"name", name}, {"title", name}}; };
  s["axes"] = {{{"name", "training"}, {"title", "training"}, {"values", {named("plain"), named("both")}}},
               {{"name", "scale"}, {"title", "factor s"}, {"values", {named("1"), named("0.1")}}},
               {{"name", "seed"}, {"title", "seed"}, {"values", {named("7"), named("11"), named("13")}}}};
  s["metrics"] = {{{"name", "auroc"}, {"higher_is_better", true}}, {{"name", "log_loss"}, {"higher_is_better", false}}};
  s["rows"] = {{"expected", 18}, {"present", 15}, {"stale", 0}, {"unknown", 0}};
  s["notes"] = {"3 of 18 rows are missing"};
  const auto group = [&](const std::string& name, const char* scale, const char* split, double mean, bool published) {
    Json g = {{"name", name},  {"title", "the method " + name}, {"variant", std::string("scale ") + scale},
              {"expected", 3}, {"missing", Json::array()},      {"parameters", "17"},
              {"epochs", 4},   {"train_seconds", 2.5}};
    g["labels"] = {{"training", name}, {"scale", scale}, {"split", split}, {"weights", "best"}};
    g["metrics"] = {{"auroc", metric(mean, published)}, {"log_loss", metric(1 - mean, false)}};
    return g;
  };
  s["groups"] = {group("plain", "1", "test", 0.81, true), group("plain", "0.1", "test", 0.83, false),
                 group(kEvil, "1", "test", 0.85, false), group("plain", "1", "train", 0.95, false)};
  Json missing = group(kEvil, "0.1", "test", 0.5, false);
  missing["missing"] = {"7", "11", "13"};
  for (auto& m : missing["metrics"])
    m = {{"n", 0},         {"mean", nullptr}, {"sd", nullptr},          {"median", nullptr}, {"minimum", nullptr}, {"maximum", nullptr},
         {"low", nullptr}, {"high", nullptr}, {"values", Json::array()}};
  s["groups"].push_back(missing);
  Json c = metric(0.04, false);
  c.erase("values");
  c.update({{"name", "both above plain"},
            {"metric", "auroc"},
            {"a", kEvil},
            {"b", "plain"},
            {"shared", {{"scale", "1"}}},
            {"split", "test"},
            {"weights", "best"},
            {"unpaired", 0},
            {"differences", values(0.04)}});
  c["wilcoxon"] = {{"p", 0.25}, {"p_greater", 0.125}, {"rank_sum", 6}, {"zeros", 0}, {"exact", true}, {"reason", ""}};
  Json t = c;
  t.erase("wilcoxon");
  t.update({{"name", "again"}, {"test", "welch"}, {"t_test", {{"title", "Welch's t-test"}, {"p", 0.01}, {"reason", ""}}}});
  s["comparisons"] = Json::array({c, t});
  s["relations"] = {{{"name", "seen and told"},
                     {"x", "auroc"},
                     {"y", "log_loss"},
                     {"across", {{"value", -0.5}, {"low", -0.75}, {"high", 0.125}}},
                     {"within", {{"value", nullptr}, {"low", nullptr}, {"high", nullptr}}},
                     {"points", {{"run1", kEvil, 0.8, 0.3}, {"run2", "plain", 0.7, 0.4}}}}};
  return s;
}

Json document() { return detail::build_study_document(study().dump(), "study.json"); }

const Json& block(const Json& document, const std::string& id) {
  for (const Json& section : document["sections"])
    for (const Json& b : section["blocks"])
      if (b.value("id", "") == id) return b;
  throw std::runtime_error("no block " + id);
}

const Json& column(const Json& figure, const std::string& table, const std::string& field) {
  for (const Json& data : figure["data"]) {
    if (data["name"] != table) continue;
    for (std::size_t f = 0; f < data["fields"].size(); ++f)
      if (data["fields"][f]["name"] == field) return data["columns"][f];
  }
  throw std::runtime_error("no field " + table + "." + field);
}

TEST(StudyPage, DotsAreTheSeedsAndTheMeanHasItsInterval) {
  const Json d = document();
  const Json& figure = block(d, "dots_1_1");
  EXPECT_EQ(figure["title"], "AUROC, Test set");
  EXPECT_EQ(column(figure, "seeds", "value").size(), 9u);  // three groups of three seeds; the missing one has none
  EXPECT_EQ(column(figure, "seeds", "value")[1], 0.811);
  EXPECT_EQ(column(figure, "means", "mean"), Json::parse("[0.81, 0.83, 0.85]"));
  EXPECT_EQ(column(figure, "means", "low"), Json::parse("[0.808, 0.828, 0.848]"));
  EXPECT_EQ(column(figure, "published", "published"), Json::parse("[0.9]"));
  EXPECT_EQ(column(figure, "bounds", "value"), Json::parse("[0.97, 0.5]"));
  EXPECT_EQ(column(figure, "published", "sd"), Json::parse("[null]"));
  EXPECT_EQ(column(figure, "published", "from"), Json::parse("[0.9]"));
}

TEST(StudyPage, ANumberThatIsVariedHasAFigureAlongIt) {
  const Json d = document();
  const Json& figure = block(d, "trend_1_1");
  EXPECT_EQ(figure["title"], "AUROC by factor s, Test set");
  EXPECT_EQ(column(figure, "means", "x"), Json::parse("[1, 0.1, 1]"));
  EXPECT_EQ(figure["spec"]["layer"][0]["encoding"]["x"]["scale"]["type"], "log");
}

TEST(StudyPage, TablesSayWhatIsMissing) {
  const Json d = document();
  const Json& rows = block(d, "table_1_1")["rows"];
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0][0], "plain");
  EXPECT_EQ(rows[0][4], Json::parse("[0.81, 0.808, 0.812]"));
  EXPECT_EQ(rows[0][9], 0.9);
  EXPECT_EQ(rows[3][2], 0);
  EXPECT_EQ(rows[3][3], 3);
  EXPECT_TRUE(rows[3][4].is_null());
  EXPECT_EQ(d["sections"][0]["blocks"][0]["tone"], "warning");
  EXPECT_EQ(block(d, "table_2_1")["title"], "AUROC, Training set");
}

TEST(StudyPage, PairedTests) {
  const Json d = document();
  const Json& row = block(d, "tests")["rows"][0];
  EXPECT_EQ(row[5], 3);
  EXPECT_EQ(row[6], Json::parse("[0.04, 0.038, 0.042]"));
  EXPECT_EQ(row[7], 3);
  EXPECT_EQ(row[8], 0.25);
  EXPECT_EQ(row[9], "exact");
  EXPECT_EQ(column(block(d, "differences_1_1"), "zero", "value"), Json::parse("[0]"));
}

TEST(StudyPage, TTestsAndRelations) {
  const Json d = document();
  const Json& row = block(d, "tests")["rows"][1];
  EXPECT_EQ(row[8], 0.01);
  EXPECT_EQ(row[9], "Welch's t-test");
  const Json& figure = block(d, "relation_1");
  EXPECT_EQ(figure["title"], "seen and told");
  EXPECT_THAT(figure["caption"].get<std::string>(),
              ::testing::AllOf(HasSubstr("-0.50 (-0.75 to 0.12) over all runs"), HasSubstr("not defined within groups")));
  EXPECT_EQ(column(figure, "runs", "y"), Json::parse("[0.3, 0.4]"));
}

TEST(StudyPage, NoStringIsMarkupOrAnExpression) {
  const Json d = document();
  EXPECT_THAT(fill_page(d), Not(HasSubstr("</script><b>")));
  for (const Json& section : d["sections"])
    for (const Json& b : section["blocks"]) {
      if (b["type"] != "figure") continue;
      for (const Json& layer : b["spec"]["layer"]) EXPECT_THAT(layer["mark"].dump(), Not(HasSubstr("${x}")));
    }
}

TEST(StudyPage, TheDocumentFitsTheSchema) {
  if (!fs::exists("build/py/bin/python") || std::system("build/py/bin/python -c 'import jsonschema' 2>/dev/null") != 0)
    GTEST_SKIP() << "no Python with jsonschema in build/py";
  const fs::path file = fs::path(::testing::TempDir()) / "basewise_study_document.json";
  write_file(file, document().dump());
  EXPECT_EQ(std::system(("build/py/bin/python tests/support/validate_json.py basewise/report/report.schema.json " + file.string()).c_str()),
            0);
}

TEST(StudyPage, OtherFilesAreRefused) {
  for (const char* text : {"{}", "[1]", "{\"schema\": \"basewise.study/2\"}", "no json"}) {
    EXPECT_THAT(error_text<DataError>([&] { detail::build_study_document(text, "x.json"); }),
                HasSubstr("x.json: no study of the schema basewise.study/1"));
  }
  EXPECT_THROW(detail::build_study_document("{\"schema\": \"basewise.study/1\"}", "x.json"), DataError);
}

}  // namespace
}  // namespace basewise::report
