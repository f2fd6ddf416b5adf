// Pages of folders that are no runs: what is drawn against what stands in the files.
#include "basewise/report/folder_page.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/report/detail/motif_rows.h"
#include "basewise/report/detail/test_folder.h"
#include "basewise/report/report.h"

namespace basewise::report {
namespace {

using testing::columns_of;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::write_discovery;
using Json = nlohmann::ordered_json;

Json block_of(const Json& document, const std::string& id) {
  for (const Json& section : document["sections"])
    for (const Json& block : section["blocks"])
      if (block.value("id", "") == id) return block;
  ADD_FAILURE() << "no block " << id;
  return {};
}

Json column_of(const Json& table, const std::string& name) {
  for (std::size_t c = 0; c < table["fields"].size(); ++c) {
    if (table["fields"][c]["name"] != name) continue;
    const Json& column = table["columns"][c];
    if (column.is_array()) return column;
    Json values = Json::array();
    for (const Json& code : column["codes"]) values.push_back(column["dictionary"][code.get<std::size_t>()]);
    return values;
  }
  ADD_FAILURE() << "no field " << name;
  return {};
}

/// Heights of a row of letters, "position letter" to height.
std::map<std::string, double> heights(const Json& figure, const std::string& row) {
  const Json &table = figure["data"][0], rows = column_of(table, "row"), positions = column_of(table, "position"),
             letters = column_of(table, "letter"), values = column_of(table, "height");
  std::map<std::string, double> found;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (rows[i] == row) found[format("{}{}", positions[i].get<int>(), letters[i].get<std::string>())] = values[i];
  return found;
}

TEST(Align, TurnsAndMovesAMotifToWhereColumnsAgree) {
  const motifs::MotifMatrix motif{.name = "m", .description = {}, .rows = columns_of("AGTTCC"), .url = {}};
  const detail::Alignment laid = detail::align(columns_of("NNNGGAACTNN"), motif);
  EXPECT_TRUE(laid.reverse);
  EXPECT_EQ(laid.offset, 3);
  EXPECT_EQ(detail::align(columns_of("TTCCNN"), motif).offset, -2);  // half of the columns may hang over
}

TEST(FolderPage, ADiscoveryHasPatternsMatchesAndPositions) {
  const fs::path folder = write_discovery("discovery");
  std::vector<std::string> notes;
  const Json document = build_folder_document(folder, "", notes);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(document["title"], "Motifs discovered in attributions");
  const Json rows = block_of(document, "patterns")["rows"];
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0][0], "positive");
  EXPECT_EQ(rows[0][2], 4);
  EXPECT_EQ(rows[0][5], 5.25);
  EXPECT_EQ(rows[0][6], "MA0001.1 Motif");
  EXPECT_EQ(rows[0][7], 1.5e-6);
  EXPECT_EQ(rows[1][0], "negative");
  EXPECT_TRUE(rows[1][7].is_null());

  const Json positive = block_of(document, "positive_0");
  EXPECT_NEAR(heights(positive, "contribution").at("8G"), 0.4, 1e-9);
  const double bits = 2 + 0.85 * std::log2(0.85) + 3 * 0.05 * std::log2(0.05);
  EXPECT_NEAR(heights(positive, "letters").at("8G"), 0.85 * bits, 1e-4);
  EXPECT_EQ(heights(positive, "letters").count("7G"), 0U);  // flat columns have no height
  // AGTTCC reads GGAACT on the other strand and lies at positions 8 to 13.
  EXPECT_NEAR(heights(positive, "match").at("8G"), 0.85 * bits, 1e-3);
  EXPECT_NEAR(heights(positive, "match").at("13T"), 0.85 * bits, 1e-3);
  EXPECT_THAT(positive["spec"].dump(), HasSubstr("MA0001.1 Motif, p 1.5e-06, E 0.003, q 0.002 (reverse complement)"));
  EXPECT_LT(heights(block_of(document, "negative_0"), "contribution").at("8T"), 0);

  const Json positions = block_of(document, "positions")["data"][0];
  EXPECT_EQ(column_of(positions, "count").size(), 8U);  // middles 20, 25, 30, 35 of both signs, bins of 2
  EXPECT_THAT(document.dump(), HasSubstr("pos_patterns.pattern_0.subpattern_0  4 seqlets"));
}

TEST(FolderPage, ADiscoveryWithoutPatternsSaysSo) {
  std::vector<std::string> notes;
  const Json document = build_folder_document(write_discovery("discovery_none", {.patterns = false}), "", notes);
  EXPECT_THAT(document.dump(), HasSubstr("No pattern was found"));
}

TEST(FolderPage, WhatLacksIsSaid) {
  const fs::path folder = write_discovery("discovery_bare");
  for (const char* file : {"patterns.tsv", "patterns.h5", "matches.meme"}) fs::remove(folder / file);
  std::vector<std::string> notes;
  const Json document = build_folder_document(folder, "", notes);
  EXPECT_THAT(notes, Contains(HasSubstr("patterns.h5 is missing")));
  EXPECT_THAT(notes, Contains(HasSubstr("patterns.tsv is missing")));
  EXPECT_THAT(document.dump(), HasSubstr("patterns.h5 is missing"));
}

TEST(FolderPage, ReportKnowsTheFolderByItsFile) {
  const fs::path folder = write_discovery("discovery_page");
  const auto result = write_report({folder});
  EXPECT_EQ(result.page, folder / "report.html");
  EXPECT_EQ(write_folder_page(folder), folder / "report.html");
  try {
    write_report({folder, folder});
    FAIL();
  } catch (const ArgumentError& e) {
    EXPECT_THAT(e.what(), HasSubstr("has a page of its own; give it alone"));
  }
  write_file(folder / "discovery.json", R"({"schema":"basewise/discovery/9"})");
  EXPECT_THROW(write_folder_page(folder), DataError);
  EXPECT_EQ(try_folder_page(folder), fs::path());
  EXPECT_THROW(write_folder_page(testing::fresh_folder("nothing")), StateError);
}

TEST(FolderPage, AttributionsHaveLogosTracksAndNamesOfSeqlets) {
  std::vector<std::string> notes;
  const Json document = build_folder_document(testing::write_attribution("attribution"), "", notes);
  EXPECT_THAT(notes, IsEmpty());
  EXPECT_EQ(document["title"], "Attributions of peak");
  EXPECT_THAT(document.dump(), HasSubstr("In 1 of 14 examples the attributions miss the difference of outputs by more than 0.001"));
  const Json convergence = block_of(document, "convergence")["rows"];
  EXPECT_EQ(convergence[1][1], 13);
  EXPECT_EQ(convergence[3][1], 1);
  const Json rows = block_of(document, "examples_drawn")["rows"];
  ASSERT_EQ(rows.size(), 12U);  // of 14, strongest first
  EXPECT_EQ(rows[0][0], 14);
  EXPECT_EQ(rows[0][1], "chr1:13,000-13,150 (-)");
  EXPECT_EQ(rows[0][4], 6 * 14 - 0.5);
  EXPECT_EQ(rows[11][0], 3);

  const Json strongest = block_of(document, "example_1");
  const auto table = [&](const std::string& name) {
    for (const Json& t : strongest["data"])
      if (t["name"] == name) return t;
    ADD_FAILURE() << name;
    return Json();
  };
  const Json track = table("track"), letters = table("letters"), spans = table("spans");
  EXPECT_EQ(column_of(track, "value").size(), 150U);
  EXPECT_EQ(column_of(track, "value")[72], 14);
  EXPECT_EQ(column_of(letters, "position"), Json({71, 72, 73, 74, 75, 76, 81}));
  EXPECT_EQ(column_of(letters, "height").back(), -0.5);
  EXPECT_EQ(column_of(letters, "letter")[0], std::string(1, "ACGT"[(70 + 13) % 4]));
  EXPECT_EQ(column_of(spans, "start"), Json({71}));  // of an example that reads the other strand
  EXPECT_EQ(column_of(spans, "end"), Json({76}));
  EXPECT_EQ(column_of(spans, "name"), Json({"peak"}));
}

TEST(FolderPage, MutagenesisHasCellsOfWhatAMutationChanges) {
  std::vector<std::string> notes;
  const Json document =
      build_folder_document(testing::write_attribution("mutagenesis", {.method = "mutagenesis", .seqlets = false}), "", notes);
  const Json figure = block_of(document, "example_1"), cells = figure["data"].back();
  ASSERT_EQ(cells["name"], "cells");
  const Json values = column_of(cells, "value"), there = column_of(cells, "there");
  ASSERT_EQ(values.size(), 400U);  // 4 letters at 100 positions
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], there[i] == Json(true) ? 0.0 : -0.25) << i;
  EXPECT_EQ(std::count(there.begin(), there.end(), Json(true)), 100);
  EXPECT_EQ(document.dump().find("Convergence"), std::string::npos);  // nothing was compared
}

TEST(FolderPage, AttributionsWithoutExamplesOrArraysSaySo) {
  std::vector<std::string> notes;
  const fs::path folder = testing::write_attribution("attribution_bare", {.examples = 1});
  for (const char* file : {"loci.tsv", "attributions.npz"}) fs::remove(folder / file);
  build_folder_document(folder, "", notes);
  EXPECT_THAT(notes, Contains(HasSubstr("loci.tsv is missing")));
  EXPECT_THAT(notes, Contains(HasSubstr("are not both there")));
}

TEST(FolderPage, FiltersAreSortedByInformationAndStatesCounted) {
  std::vector<std::string> notes;
  const Json document = build_folder_document(testing::write_filters("filters"), "", notes);
  const Json rows = block_of(document, "filters")["rows"];
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows[0][0], "filter_3");
  EXPECT_EQ(rows[1][0], "filter_1");
  EXPECT_EQ(rows[1][5], "NGGAACT");
  EXPECT_EQ(rows[3][2], "few sites");
  EXPECT_THAT(document["facts"].dump(), HasSubstr(R"({"name":"State: dead","value":1)"));
  EXPECT_THAT(document["facts"].dump(), HasSubstr(R"({"name":"State: kept","value":2)"));
  const Json matched = block_of(document, "filter_2");  // the second in rank
  EXPECT_EQ(heights(matched, "match").count("2G"), 1U);
  EXPECT_THAT(block_of(document, "filter_1")["spec"].dump(), HasSubstr("(matrix not at hand)"));
}

}  // namespace
}  // namespace basewise::report
