#include "basewise/motifs/motif.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/seq/reverse_complement.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;

MotifMatrix counts() {
  MotifMatrix motif;
  motif.name = "m";
  motif.values = MotifValues::counts;
  motif.rows = {{8, 0, 0, 0}, {0, 2, 6, 0}, {1, 1, 1, 5}};
  return motif;
}

TEST(Motif, ProbabilitiesWithPseudocounts) {
  MotifMatrix motif = counts();
  motif.background = {0.1, 0.2, 0.3, 0.4};
  EXPECT_THAT(probabilities(motif)[1], ElementsAre(0, 0.25, 0.75, 0));
  EXPECT_THAT(probabilities(motif, 2)[0],
              ElementsAre(DoubleNear(8.2 / 10, 1e-12), DoubleNear(0.04, 1e-12), DoubleNear(0.06, 1e-12), DoubleNear(0.08, 1e-12)));
  const MotifMatrix p = as_probabilities(motif);
  EXPECT_EQ(p.nsites, 8);
  EXPECT_EQ(probabilities(p, 2), probabilities(motif, 2));
  EXPECT_THAT(error_text([&] { probabilities(motif, -1); }), HasSubstr("pseudocount = -1"));
}

TEST(Motif, InformationContent) {
  // Two bits, 2 - H(1/4, 3/4) and 2 - H(1/8, 1/8, 1/8, 5/8).
  EXPECT_THAT(information_content(counts()),
              ElementsAre(DoubleNear(2, 1e-12), DoubleNear(2 - 0.8112781244591328, 1e-12), DoubleNear(2 - 1.5487949406953985, 1e-12)));
  EXPECT_NEAR(total_information(counts()), 3.6399269348454686, 1e-12);
  EXPECT_EQ(consensus(counts()), "AGT");
}

TEST(Motif, ReverseComplement) {
  const MotifMatrix other = reverse_complement(counts());
  EXPECT_THAT(other.rows[0], ElementsAre(5, 1, 1, 1));
  EXPECT_THAT(other.rows[2], ElementsAre(0, 0, 0, 8));
  EXPECT_EQ(reverse_complement(other).rows, counts().rows);
}

TEST(Motif, LogOddsByHand) {
  const Pwm pwm = log_odds(counts(), LogOddsOptions{.pseudocount = 0, .background = {0.5, 0.25, 0.125, 0.125}});
  EXPECT_FLOAT_EQ(pwm.rows[0][0], 1.0f);
  EXPECT_FLOAT_EQ(pwm.rows[1][1], 0.0f);
  EXPECT_FLOAT_EQ(pwm.rows[1][2], static_cast<float>(std::log2(6.0)));
  EXPECT_EQ(pwm.rows[0][1], -std::numeric_limits<float>::infinity());
  EXPECT_THAT(error_text([] {
                log_odds(counts(), LogOddsOptions{.background = {0.5, 0.5}});
              }),
              HasSubstr("background = [0.5, 0.5]; expected four"));
}

TEST(Motif, ScanSkipsWindowsWithN) {
  const Pwm pwm{"p", {{1, 2, 3, 4}, {10, 20, 30, 40}}};
  const auto scores = scan(seq::encode("ACGNT"), pwm);
  const float none = -std::numeric_limits<float>::infinity();
  EXPECT_THAT(scores, ElementsAre(21, 32, none, none));
  EXPECT_TRUE(scan(seq::encode("A"), pwm).empty());
  EXPECT_EQ(pwm.best(), 44);
  EXPECT_EQ(pwm.worst(), 11);
}

RC_GTEST_PROP(MotifLaws, ScanOfTheOtherStrandMirrorsTheScan, ()) {
  const auto letters = *rc::gen::container<std::string>(37, rc::gen::element('A', 'C', 'G', 'T', 'N'));
  const auto tokens = seq::encode(letters);
  const Pwm pwm = log_odds(counts());
  auto mirrored = scan(seq::reverse_complement(std::span<const seq::Token>(tokens)), reverse_complement(pwm));
  std::reverse(mirrored.begin(), mirrored.end());
  const auto scores = scan(tokens, pwm);
  for (std::size_t i = 0; i < scores.size(); ++i) RC_ASSERT(scores[i] == mirrored[i] || std::abs(scores[i] - mirrored[i]) < 1e-4f);
}

TEST(Motif, SamplesFollowTheRows) {
  Stream stream(5);
  int g = 0;
  for (int k = 0; k < 4000; ++k) {
    const auto site = sample(counts(), stream);
    ASSERT_EQ(site.size(), 3u);
    EXPECT_EQ(site[0], seq::kA);
    g += site[1] == seq::kG;
  }
  EXPECT_NEAR(g, 3000, 120);
}

TEST(Motif, CheckNamesTheRow) {
  MotifMatrix motif = counts();
  motif.rows[1] = {0, 0, 0, 0};
  EXPECT_THAT(error_text([&] { check(motif); }), HasSubstr("motif 'm', row 2: all four numbers are zero"));
  motif.rows[1] = {0, -1, 2, 0};
  EXPECT_THAT(error_text([&] { check(motif); }), HasSubstr("row 2: [0, -1, 2, 0] holds a negative"));
  motif.values = MotifValues::probabilities;
  EXPECT_THAT(error_text([&] { check(motif); }), HasSubstr("row 1: the probabilities sum to 8"));
  motif.rows.clear();
  EXPECT_THAT(error_text([&] { check(motif); }), HasSubstr("has no rows"));
}

}  // namespace
}  // namespace basewise::motifs
