// Strings of files are data, wherever they end up.
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/error.h"
#include "basewise/report/detail/embeddable.h"
#include "basewise/report/detail/page_template.h"
#include "basewise/report/detail/test_folder.h"
#include "basewise/report/detail/test_run.h"
#include "basewise/report/document.h"
#include "basewise/report/page.h"

namespace basewise::report {
namespace {

using ::testing::HasSubstr;
using testing::Json;
using ::testing::Not;
using testing::TestRun;
using testing::write_run;

const std::string kEvil = "</script><script>alert(1)</script><!-- & \u2028\u2029 ' \" \\ ${x} {{y}}";

TestRun evil() { return {.name = kEvil, .outputs = {kEvil, "forward\n" + kEvil, "N<b>"}, .tracks = true}; }

std::string page_json(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"report\">";
  const auto begin = page.find(open) + open.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

/// Every string under a key that Vega evaluates.
void expressions(const Json& json, std::vector<std::string>& found, bool inside = false) {
  if (json.is_string() && inside) found.push_back(json);
  if (!json.is_structured()) return;
  for (const auto& [key, value] : json.items()) {
    const bool evaluated =
        json.is_object() && (key == "expr" || key == "signal" || key == "update" || key == "init" || key == "filter" || key == "calculate");
    expressions(value, found, evaluated && value.is_string());
  }
}

TEST(Safety, NoStringOfARunIsMarkup) {
  std::vector<std::string> notes;
  const Json document = build_document({write_run("evil", evil())}, kEvil, notes);
  const std::string page = fill_page(document);
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</")));
  const std::string json = page_json(page);
  for (const char* bad : {"<", ">", "&", "\u2028", "\u2029"}) EXPECT_EQ(json.find(bad), std::string::npos) << bad;
  EXPECT_EQ(Json::parse(json), document);
  EXPECT_THAT(document.dump(), HasSubstr("alert(1)"));
}

TEST(Safety, NoStringOfARunIsAnExpression) {
  std::vector<std::string> notes, found;
  const Json document = build_document({write_run("evil_spec", evil()), write_run("evil_other", evil())}, kEvil, notes);
  for (const Json& block : testing::blocks_of(document))
    if (block["type"] == "figure") expressions(block["spec"], found);
  EXPECT_GT(found.size(), 20U);
  for (const std::string& text : found) EXPECT_THAT(text, Not(HasSubstr("alert")));
  for (const Json& block : testing::blocks_of(document))
    EXPECT_THAT(block.value("id", "none"), ::testing::MatchesRegex("[a-z][a-z0-9_-]*"));
}

TEST(Safety, NoStringOfAFolderIsMarkupOrAnExpression) {
  for (const fs::path& folder : {testing::write_discovery("evil_discovery", {.input = kEvil, .match = kEvil, .note = kEvil}),
                                 testing::write_attribution("evil_attribution", {.method = "mutagenesis", .name = kEvil}),
                                 testing::write_filters("evil_filters", kEvil)}) {
    std::vector<std::string> notes, found;
    const Json document = build_document({folder}, "", notes);
    EXPECT_THAT(document.dump(), HasSubstr("alert(1)"));
    const std::string json = page_json(fill_page(document));
    for (const char* bad : {"<", ">", "&", "\u2028", "\u2029"}) EXPECT_EQ(json.find(bad), std::string::npos) << bad;
    for (const Json& block : testing::blocks_of(document))
      if (block["type"] == "figure") expressions(block["spec"], found);
    EXPECT_GT(found.size(), 20U);
    for (const std::string& text : found) EXPECT_THAT(text, Not(HasSubstr("alert")));
  }
}

TEST(Safety, BytesThatAreNoTextBecomeReplacementCharacters) {
  const std::string safe = detail::embeddable({{"name", "a\xff\xfe z"}});
  EXPECT_EQ(Json::parse(safe)["name"], "a\ufffd\ufffd z");
  EXPECT_EQ(detail::embeddable({{"x", "<&>\u2028"}}), R"({"x":"\u003c\u0026\u003e\u2028"})");
}

/// Places in a document: every member and the first element of every array.
void places(const Json& json, const Json::json_pointer& here, std::vector<Json::json_pointer>& found) {
  if (!here.empty()) found.push_back(here);
  if (json.is_array() && !json.empty()) places(json[0], here / 0, found);
  if (!json.is_object()) return;
  for (const auto& [key, value] : json.items()) places(value, here / key, found);
}

/// Puts something else in the place of each value of these files in turn.
void damage(const fs::path& run, const std::vector<const char*>& files, int& refused, int& told) {
  for (const char* file : files) {
    const std::string whole = read_file(run / file);
    std::vector<Json::json_pointer> found;
    places(Json::parse(whole), Json::json_pointer(), found);
    for (const auto& place : found)
      for (const Json& other :
           {Json(nullptr), Json("x"), Json(-1.5), Json(1e300), Json::array(), Json::object(), Json::array({Json::object()})}) {
        Json changed = Json::parse(whole);
        changed[place] = other;
        std::ofstream(run / file) << changed;  // write_file would wait for the disk each time
        try {
          std::vector<std::string> notes;
          detail::embeddable(build_document({run}, "", notes));
          ++told;
        } catch (const Error&) {
          ++refused;
        }
      }
    write_file(run / file, whole);
  }
}

TEST(Safety, DamagedFilesAreErrorsOrLeftOut) {
  const TestRun small{.name = "damaged", .outputs = {"forward", "reverse"}, .tracks = true, .locus = 17};
  int refused = 0, told = 0;
  damage(write_run("damaged", small), {"manifest.json", "metrics.json", "curves.json", "tracks.json", "data.json", "model.json"}, refused,
         told);
  EXPECT_GT(refused, 100);
  EXPECT_GT(told, 100);
}

TEST(Safety, DamagedProfilesAreErrorsOrLeftOut) {
  const TestRun profile{.name = "damaged", .outputs = {"forward", "reverse"}, .binary = false, .profile = true};
  int refused = 0, told = 0;
  damage(write_run("damaged_profile", profile), {"metrics.json", "curves.json"}, refused, told);
  EXPECT_GT(refused, 10);
  EXPECT_GT(told, 100);
}

TEST(Safety, DamagedFoldersAreErrorsOrLeftOut) {
  int refused = 0, told = 0;
  damage(testing::write_discovery("damaged_discovery"), {"discovery.json"}, refused, told);
  damage(testing::write_attribution("damaged_attribution", {.examples = 2}), {"attribute.json"}, refused, told);
  damage(testing::write_filters("damaged_filters"), {"filters.json"}, refused, told);
  EXPECT_GT(refused, 10);
  EXPECT_GT(told, 50);
}

TEST(Safety, OnlyTheRecordSaysWhereFilesLay) {
  std::vector<std::string> told;
  const Json document = build_document({write_run("paths")}, "", told);
  bool named = false;
  for (const Json& section : document["sections"]) {
    const std::string text = section.dump();
    named = named || text.find("data:mine/x.tsv and data:mine/x.tsv again") != std::string::npos;
    const bool record = section["id"] == "record";
    EXPECT_TRUE(record || text.find("/home/somebody") == std::string::npos) << section["id"];
  }
  EXPECT_TRUE(named);
}

TEST(Safety, TheTemplateHasOnePlaceForTheDocument) {
  const std::string_view page = detail::page_template();
  EXPECT_NE(page.find(detail::kDocumentMark), std::string_view::npos);
  EXPECT_EQ(page.find(detail::kDocumentMark), page.rfind(detail::kDocumentMark));
  // A document that holds the mark itself is put in once all the same.
  const std::string filled = fill_page({{"title", std::string(detail::kDocumentMark)}});
  EXPECT_EQ(Json::parse(page_json(filled))["title"], std::string(detail::kDocumentMark));
}

}  // namespace
}  // namespace basewise::report
