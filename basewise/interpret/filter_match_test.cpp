#include "basewise/interpret/filter_match.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise::interpret {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<ExpectedMotif> kExpected = {{"A", {"A.1", "A.2"}}, {"B", {"B.1"}}, {"C", {"C.1"}}};
const std::vector<std::string> kIgnored = {"X.9"};

TEST(FilterMatch, SharesAreOfAllFilters) {
  const std::vector<std::vector<FilterHit>> hits = {
      {},                                // nothing
      {{"X.9", 0.01}},                   // the ignored one alone
      {{"X.9", 0.01}, {"Y.1", 0.02}},    // not alone
      {{"Y.1", 0.01}, {"A.2", 0.03}},    // A, though not best of all
      {{"B.1", 0.02}, {"A.1", 0.01}},    // A by its q-value
  };
  const MatchSummary summary = summarise(hits, kExpected, kIgnored);
  EXPECT_DOUBLE_EQ(summary.matched, 2.0 / 5);
  EXPECT_DOUBLE_EQ(summary.any, 3.0 / 5);
  EXPECT_DOUBLE_EQ(summary.coverage, 1.0 / 3);
}

TEST(FilterMatch, WithoutExpectedMotifsTheirSharesAreUndefined) {
  const MatchSummary summary = summarise(std::vector<std::vector<FilterHit>>{{{"A.1", 0.1}}}, {}, {});
  EXPECT_TRUE(std::isnan(summary.matched) && std::isnan(summary.coverage));
  EXPECT_EQ(summary.any, 1);
}

motifs::MotifMatrix motif(const std::string& name, const std::string& letters, double sure) {
  motifs::MotifMatrix m;
  m.name = name;
  for (const char c : letters) {
    motifs::BaseVector row;
    row.fill((1 - sure) / 3);
    row[std::string("ACGT").find(c)] = sure;
    m.rows.push_back(row);
  }
  return m;
}

TEST(FilterMatch, HitsAreThoseOfSmallEValue) {
  std::vector<motifs::MotifMatrix> targets;
  const char* letters[] = {"TGACTCAGCA", "CCGGAAGTGA", "GATTACAGAT", "CACGTGACCT", "AATTTCCCGG", "GGGCGGGGCT", "TTATTTATAG"};
  for (const char* text : letters) targets.push_back(motif(format("T{}", targets.size()), text, 0.97));
  const motifs::MotifComparison comparison(targets);
  std::vector<motifs::MotifMatrix> queries = {motif("q", "TGACTCAGCA", 0.93), motif("uniform", std::string(20, 'A'), 0.25)};
  const auto hits = filter_hits(queries, comparison, 0.1);
  ASSERT_EQ(hits.size(), 2u);
  ASSERT_EQ(hits[0].size(), 1u);
  EXPECT_EQ(hits[0][0].target, "T0");
  EXPECT_LT(hits[0][0].q_value, 0.1);
  EXPECT_TRUE(hits[1].empty());
  EXPECT_EQ(filter_hits(queries, comparison, 1e9)[0].size(), 7u);
}

class ExpectedMotifs : public ::testing::Test {
 protected:
  void TearDown() override { fs::remove(file_); }
  std::string error(const std::string& text) const {
    write_file(file_, text);
    return error_text<DataError>([&] { return read_expected_motifs(file_); });
  }
  fs::path file_ = fs::path(::testing::TempDir()) / "basewise_expected.tsv";
};

TEST_F(ExpectedMotifs, AreATable) {
  write_file(file_, "name\tidentifiers\nA\tA.1, A.2\nB\tB.1\n");
  const auto all = read_expected_motifs(file_);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "A");
  EXPECT_THAT(all[0].identifiers, ElementsAre("A.1", "A.2"));
  EXPECT_THAT(error("name\tidentifiers\nA\tA.1\nA\tA.2\n"), HasSubstr(":3: the name 'A' is given twice"));
  EXPECT_THAT(error("name\tidentifiers\nA\tA.1\nB\tB.1,A.1\n"), HasSubstr(":3: the identifier 'A.1' is given twice"));
  EXPECT_THAT(error("name\tidentifiers\nA\tA.1,,\n"), HasSubstr("empty identifier"));
  EXPECT_THAT(error("name\tidentifiers\n"), HasSubstr("the table has no rows"));
  EXPECT_THAT(error("name\tmotifs\nA\tA.1\n"), HasSubstr("identifiers"));
}

TEST_F(ExpectedMotifs, OfTheRecipeAreThere) {
  const auto all = read_expected_motifs("recipes/exponential_activations/expected_motifs.tsv");
  EXPECT_EQ(all.size(), 12u);
  std::size_t identifiers = 0;
  for (const ExpectedMotif& motif : all) identifiers += motif.identifiers.size();
  EXPECT_EQ(identifiers, 32u);
}

}  // namespace
}  // namespace basewise::interpret
