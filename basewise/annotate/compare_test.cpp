// What the verb motifs compare does with files, and values of another program.
#include "basewise/annotate/compare.h"

#include <cmath>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/annotate/collections.h"
#include "basewise/core/files.h"
#include "basewise/core/json.h"
#include "basewise/corpus/registry.h"
#include "basewise/io/meme.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::annotate {
namespace {

using namespace testing_files;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kHead = "MEME version 4\nALPHABET= ACGT\n";

std::string matrix(const std::string& name, const std::string& letters) {
  std::string text = "MOTIF " + name + "\nletter-probability matrix: alength= 4 w= " + std::to_string(letters.size()) + " nsites= 20\n";
  for (const char letter : letters)
    for (const char c : std::string("ACGT")) text += (letter == c ? "0.97" : "0.01") + std::string(c == 'T' ? "\n" : " ");
  return text;
}

/// The registered file, or none where it is not on this machine.
std::optional<std::filesystem::path> registered(const char* set, const char* file) {
  try {
    return corpus::Registry().resolve(set, file);
  } catch (const DataError&) {
    return std::nullopt;
  }
}

// Scores, offsets and strands as the tests of memesuite-lite (commit f880914c) expect them; their
// p-values were made with like columns merged, ours are of the columns as they are.
TEST(CompareVerb, GoldenHits) {
  const auto query = registered("tomtom_golden", "test2.meme"), target = registered("tomtom_golden", "test.meme");
  if (!query || !target) GTEST_SKIP() << "tomtom_golden is not in BASEWISE_DATA or ../shared/data";
  CompareRequest request;
  request.query = query->string();
  request.target = target->string();
  const CompareResult result = compare_motifs(request);
  struct Expected {
    const char* query;
    const char* target;
    double p_value;
    std::int64_t score, offset, overlap;
    bool reverse;
  };
  const Expected expected[] = {{"MA0636.1", "FOSL2+JUND_MA1145.1", 0.004507, 717, 3, 10, true},
                               {"MA0636.1", "Hes1_MA1099.1", 0.001244, 722, 0, 10, false},
                               {"MA0042.2", "FOXQ1_MOUSE.H11MO.0.C", 0.000673, 604, 2, 7, true},
                               {"MA0033.2", "FOXQ1_MOUSE.H11MO.0.C", 0.000241, 594, 2, 7, true}};
  EXPECT_EQ(result.pairs.size(), std::size(expected));
  EXPECT_EQ(result.matched, 3);
  for (const Expected& e : expected) {
    bool found = false;
    for (const ComparedPair& pair : result.pairs) {
      if (pair.query != e.query || pair.target != e.target) continue;
      found = true;
      EXPECT_EQ(pair.match.score, e.score);
      EXPECT_EQ(pair.match.offset, e.offset);
      EXPECT_EQ(pair.match.overlap, e.overlap);
      EXPECT_EQ(pair.match.reverse, e.reverse);
      EXPECT_NEAR(pair.match.p_value, e.p_value, 0.005 * e.p_value);
      EXPECT_DOUBLE_EQ(pair.match.e_value, 12 * pair.match.p_value);
    }
    EXPECT_TRUE(found) << e.target;
  }
  EXPECT_THAT(result.notes.at(0), HasSubstr("has 12 motifs: p-values are made from the columns of the targets"));
}

// tests/golden/tomtom.json is made by tests/golden/tomtom_golden.py (versions and seed inside).
TEST(CompareVerb, GoldenValuesOfMemelite) {
  const auto golden = parse_json(read_file("tests/golden/tomtom.json"), "tests/golden/tomtom.json");
  std::vector<motifs::MotifMatrix> all;
  for (const auto& rows : golden["motifs"]) {
    motifs::MotifMatrix motif;
    motif.name = "m" + std::to_string(all.size());
    for (const auto& row : rows) motif.rows.push_back({row[0], row[1], row[2], row[3]});
    all.push_back(motif);
  }
  const motifs::MotifComparison comparison(all);
  for (std::size_t q = 0; q < golden["p_values"].size(); ++q) {
    const auto matches = comparison.matches(all[q]);
    for (std::size_t t = 0; t < all.size(); ++t) {
      const double p = golden["p_values"][q][t];
      EXPECT_EQ(matches[t].score, golden["scores"][q][t].get<std::int64_t>()) << q << " " << t;
      EXPECT_NEAR(matches[t].p_value, p, 1e-7 * p) << q << " " << t;
    }
  }
}

TEST(CompareVerb, TableHasTheColumnsOfTomtom) {
  const Folder folder;
  CompareRequest request;
  request.query = folder.file("q.meme", kHead + matrix("q", "TGACTCA")).string();
  request.target =
      folder.file("t.meme", kHead + matrix("far", "GGGGGGGG") + matrix("near alt", "ATTTGAGTCAC") + matrix("q2", "CCCTTT")).string();
  request.out = folder.path() / "out" / "matches.tsv";
  const CompareResult result = compare_motifs(request);
  ASSERT_EQ(result.pairs.size(), 1u);
  EXPECT_EQ(result.pairs[0].target, "near");
  EXPECT_EQ(result.pairs[0].target_description, "alt");
  const std::string text = read_file(request.out);
  EXPECT_THAT(text, testing::StartsWith("Query_ID\tTarget_ID\tOptimal_offset\tp-value\tE-value\tq-value\tOverlap\tQuery_consensus\t"
                                        "Target_consensus\tOrientation\nq\tnear\t"));
  EXPECT_THAT(text, testing::EndsWith("\t7\tTGACTCA\tGTGACTCAAAT\t-\n"));
}

TEST(CompareVerb, ThresholdsAndBest) {
  const Folder folder;
  CompareRequest request;
  request.query = request.target =
      folder.file("t.meme", kHead + matrix("a", "TGACTCA") + matrix("b", "TGACTCAT") + matrix("c", "CCGGAAGT")).string();
  request.threshold = 1;
  request.by = Significance::p_value;
  EXPECT_EQ(compare_motifs(request).pairs.size(), 9u);
  request.best = 1;
  const CompareResult best = compare_motifs(request);
  ASSERT_EQ(best.pairs.size(), 3u);
  for (const ComparedPair& pair : best.pairs) EXPECT_EQ(pair.query, pair.target);
  request.threshold = 0;
  const CompareResult none = compare_motifs(request);
  EXPECT_THAT(none.pairs, IsEmpty());
  EXPECT_THAT(none.notes.back(), HasSubstr("no match has a p-value <= 0"));
}

TEST(Collections, NamesAndFiles) {
  const corpus::Registry registry;
  for (const MotifCollection& collection : motif_collections()) {
    EXPECT_NO_THROW(registry.find(collection.set).file(collection.file)) << collection.name;
    EXPECT_EQ(find_collection(collection.name), &collection);
  }
  EXPECT_EQ(find_collection("JASPAR2024"), &motif_collections()[0]);
  EXPECT_EQ(find_collection("jaspar"), nullptr);
  std::vector<std::string> notes;
  EXPECT_THAT(error_text([&] { return load_motifs("Jaspar2023", notes); }),
              HasSubstr("is neither a file nor a collection of motifs; did you mean jaspar2024?"));
  EXPECT_THAT(error_text([&] { return load_motifs("no/such.meme", notes); }), HasSubstr("the collections are jaspar2024, jaspar2018"));
  EXPECT_THAT(error_text([&] { return load_motifs("", notes); }), HasSubstr("no motifs are named"));
  const Folder folder;
  const std::string file = folder.file("jaspar2024", kHead + matrix("mine", "ACGT") + matrix("mine", "ACGTT")).string();
  const LoadedMotifs loaded = load_motif_source(file, notes);
  EXPECT_EQ(loaded.motifs.size(), 2u);
  EXPECT_THAT(notes.back(), HasSubstr("1 names belong to several motifs, the first is 'mine'"));
}

}  // namespace
}  // namespace basewise::annotate
