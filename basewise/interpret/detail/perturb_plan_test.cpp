#include "basewise/interpret/detail/perturb_plan.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::interpret::detail {
namespace {

using ::testing::HasSubstr;

Tokens tokens_of(const std::string& letters) {
  Tokens tokens;
  for (const char c : letters) tokens.push_back(static_cast<seq::Token>(std::string("ACGTN").find(c)));
  return tokens;
}

std::string letters_of(const Tokens& tokens) {
  std::string letters;
  for (const seq::Token t : tokens) letters += "ACGTN"[t];
  return letters;
}

TEST(PerturbPlan, MotifsGoIntoTheMiddleAndNLeavesTheBase) {
  const auto inserts = inserts_of({"GNG"}, {});
  const auto conditions = conditions_of({}, inserts, 8);
  ASSERT_EQ(conditions.size(), 1);
  EXPECT_EQ(conditions[0].placed[0].start, 3);
  Stream stream(1);
  EXPECT_EQ(letters_of(with_motifs(tokens_of("ACACACAC"), conditions[0], inserts, false, false, stream)), "ACAGAGAC");
}

TEST(PerturbPlan, PairsHaveDistancesAndOrientations) {
  PerturbOptions o;
  o.experiment = Experiment::space;
  o.distances = {2};
  const auto inserts = inserts_of({"AC", "GGT"}, {});
  const auto conditions = conditions_of(o, inserts, 12);
  ASSERT_EQ(conditions.size(), 4);
  Stream stream(1);
  std::vector<std::string> made;
  for (const Condition& c : conditions)
    made.push_back(letters_of(with_motifs(tokens_of("TTTTTTTTTTTT"), c, inserts, false, false, stream)));
  EXPECT_THAT(made, ::testing::ElementsAre("TTTACTTGGTTT", "TTTACTTACCTT", "TTTGTTTGGTTT", "TTTGTTTACCTT"));
}

TEST(PerturbPlan, ProductsAreAllCombinations) {
  PerturbOptions o;
  o.experiment = Experiment::product;
  std::vector<std::string> texts;
  for (const Condition& c : conditions_of(o, inserts_of({"A", "C", "G"}, {}), 90)) texts.push_back(c.text);
  EXPECT_THAT(texts, ::testing::ElementsAre("A", "C", "A + C", "G", "A + G", "C + G", "A + C + G"));
}

TEST(PerturbPlan, HitsLieOnBothStrandsAndAreJoinedWhereTheyOverlap) {
  const auto inserts = inserts_of({"GAC"}, {});
  const Condition condition{.hits = 0};
  EXPECT_EQ(spans_of(condition, inserts, tokens_of("TTGACTTGTCTGACGAC"), 1), (Spans{{2, 5}, {7, 10}, {11, 14}, {14, 17}}));
  EXPECT_EQ(spans_of(condition, inserts, tokens_of("GACAGTCC"), 1), (Spans{{0, 3}, {4, 7}}));
  EXPECT_EQ(spans_of(condition, inserts, tokens_of("AAAAAA"), 1), Spans{});
}

TEST(PerturbPlan, ShufflesChangeTheirSpanAlone) {
  const Tokens tokens = tokens_of("AAAACGTCGTAAAATTTTT");
  Stream stream(4);
  const auto changed = without_spans(tokens, {{4, 10}}, false, stream);
  ASSERT_TRUE(changed);
  EXPECT_EQ(letters_of(*changed).substr(0, 4), "AAAA");
  EXPECT_EQ(letters_of(*changed).substr(10), "AAAATTTTT");
  Tokens a = tokens, b = *changed;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  EXPECT_EQ(a, b);
  const auto control = without_spans(tokens, {{4, 10}}, true, stream);
  ASSERT_TRUE(control);
  EXPECT_EQ(letters_of(*control).substr(4, 6), "CGTCGT");
  EXPECT_FALSE(without_spans(tokens_of("ACGT"), {{0, 3}}, true, stream));
}

TEST(PerturbPlan, Errors) {
  const auto message = [](PerturbOptions o, const std::vector<std::string>& motifs, std::int64_t length) {
    return error_text<ArgumentError>([&] { conditions_of(o, inserts_of(motifs, {}), length); });
  };
  PerturbOptions o;
  EXPECT_THAT(message(o, {}, 9), HasSubstr("marginalize needs motifs"));
  EXPECT_THAT(message(o, {"CTCF"}, 9), HasSubstr("motif 'CTCF' is neither letters"));
  EXPECT_THAT(message(o, {"ACGTACGTAC"}, 9), HasSubstr("outside of the sequences, which have 9 bases"));
  o.experiment = Experiment::space;
  EXPECT_THAT(message(o, {"A"}, 9), HasSubstr("space needs two motifs; 1 are given"));
  o.experiment = Experiment::ablate;
  EXPECT_THAT(message(o, {}, 9), HasSubstr("either a span, or motifs"));
  o.span = "5-3";
  EXPECT_THAT(message(o, {}, 9), HasSubstr("span is \"5-3\"; expected begin-end"));
  o.span = "5-30";
  EXPECT_THAT(message(o, {}, 9), HasSubstr("which have 9 bases"));
}

}  // namespace
}  // namespace basewise::interpret::detail
