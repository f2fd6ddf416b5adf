#include "basewise/motifs/annotate_seqlets.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/motif.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

AttributionSet set_of(const std::vector<std::string>& letters) {
  AttributionSet set;
  set.examples = static_cast<std::int64_t>(letters.size());
  set.length = static_cast<std::int64_t>(letters.front().size());
  for (const std::string& row : letters)
    for (const seq::Token t : seq::encode(row)) set.tokens.push_back(t);
  set.contributions.assign(set.tokens.size(), 0.0f);
  return set;
}

MotifMatrix motif_of(const std::string& name, const std::string& word) {
  MotifMatrix motif;
  motif.name = name;
  for (const seq::Token t : seq::encode(word)) {
    BaseVector row = {0.01, 0.01, 0.01, 0.01};
    row[t] = 0.97;
    motif.rows.push_back(row);
  }
  return motif;
}

std::vector<MotifMatrix> some_motifs() {
  return {motif_of("gata", "AGATAAG"), motif_of("ebox", "CACGTGAC"), motif_of("poly", "TTTTTTTT"), motif_of("gcgc", "GCGCATGCAC")};
}

Seqlet seqlet(std::int64_t example, std::int64_t start, std::int64_t end) { return {.example = example, .start = start, .end = end}; }

TEST(AnnotateSeqlets, NamesTheMotifAndItsStrand) {
  //                                    0         1         2         3
  const AttributionSet set = set_of({"CCCAGATAAGCCCCCCCCGTCACGTGCCCCCCCC", "CCCCCCTTATCTCCCCCCCCCTTTTTTTTCCCCC"});
  const std::vector<Seqlet> seqlets = {seqlet(1, 21, 29), seqlet(0, 3, 10), seqlet(0, 18, 26), seqlet(1, 5, 12)};
  const std::vector<MotifMatrix> motifs = some_motifs();
  const std::vector<SeqletMatch> matches = annotate_seqlets(set, seqlets, motifs);
  ASSERT_EQ(matches.size(), 4u);
  EXPECT_EQ(matches[0].motif, 2);
  EXPECT_EQ(matches[1].motif, 0);
  EXPECT_FALSE(matches[1].reverse);
  EXPECT_EQ(matches[2].motif, 1);
  EXPECT_TRUE(matches[2].reverse);
  EXPECT_EQ(matches[3].motif, 0);
  EXPECT_TRUE(matches[3].reverse);
  for (const SeqletMatch& m : matches) EXPECT_LT(m.p_value, 0.05);
}

TEST(AnnotateSeqlets, WordsThatAreSharedAndThreadsDoNotMatter) {
  const AttributionSet set = set_of({"AGATAAGNNACGTAGATAAGCACGTGACTTTTT", "AGATAAGTTTTTTTTGCGCATGCACCCGTACGT"});
  std::vector<Seqlet> seqlets;
  for (std::int64_t start = 0; start + 7 <= 33; ++start)
    for (std::int64_t example = 0; example < 2; ++example) seqlets.push_back(seqlet(example, start, start + 7));
  const std::vector<MotifMatrix> motifs = some_motifs();
  set_threads(1);
  const std::vector<SeqletMatch> all = annotate_seqlets(set, seqlets, motifs);
  set_threads(3);
  for (std::size_t i = 0; i < seqlets.size(); ++i) {
    const SeqletMatch alone = annotate_seqlets(set, std::span(seqlets).subspan(i, 1), motifs).front();
    EXPECT_EQ(all[i].motif, alone.motif) << i;
    EXPECT_EQ(all[i].reverse, alone.reverse) << i;
    EXPECT_EQ(all[i].p_value, alone.p_value) << i;
  }
  set_threads(0);
}

// tests/golden/seqlets.json, made by tests/golden/seqlets_golden.py (versions and seed inside).
TEST(AnnotateSeqlets, EqualsTangermemeOnExactColumns) {
  const auto g = read_json("tests/golden/seqlets.json")["names"];
  const AttributionSet set = set_of(g["letters"].get<std::vector<std::string>>());
  std::vector<MotifMatrix> motifs;
  for (const auto& [name, rows] : g["motifs_times_8"].items()) {
    MotifMatrix motif;
    motif.name = name;
    for (const auto& eighths : rows) {
      BaseVector row{};
      for (std::size_t c = 0; c < 4; ++c) row[c] = eighths[c].get<double>() / 8;
      motif.rows.push_back(row);
    }
    motifs.push_back(motif);
  }
  std::vector<Seqlet> seqlets;
  for (const auto& place : g["places"]) seqlets.push_back(seqlet(place[0], place[1], place[2]));
  const std::vector<SeqletMatch> matches = annotate_seqlets(set, seqlets, motifs);
  for (std::size_t i = 0; i < matches.size(); ++i) {
    EXPECT_EQ(matches[i].motif, g["motif"][i].get<std::int64_t>()) << i;
    EXPECT_NEAR(std::log10(matches[i].p_value), std::log10(g["p"][i].get<double>()), 0.05) << i;
  }
}

TEST(AnnotateSeqlets, LettersAreAMotifAndNIsEqualShares) {
  const MotifMatrix motif = letters_of(set_of({"ACGNT"}), seqlet(0, 1, 4));
  EXPECT_EQ(motif.name, "CGN");
  EXPECT_EQ(motif.rows, (std::vector<BaseVector>{{0, 1, 0, 0}, {0, 0, 1, 0}, kUniform}));
}

TEST(AnnotateSeqlets, NothingToCompare) {
  const AttributionSet set = set_of({"ACGTACGT"});
  const std::vector<Seqlet> one = {seqlet(0, 0, 5)};
  EXPECT_EQ(annotate_seqlets(set, one, {}).front().motif, -1);
  EXPECT_TRUE(annotate_seqlets(set, {}, some_motifs()).empty());
  const std::vector<Seqlet> outside = {seqlet(0, 4, 9)};
  EXPECT_EQ(error_text<ArgumentError>([&] { return annotate_seqlets(set, outside, some_motifs()); }),
            "a seqlet is [4, 9) of example 0; there are 1 examples of 8 positions");
}

}  // namespace
}  // namespace basewise::motifs
