// Discovery on attributions with planted motifs, and what must not change its result.
#include "basewise/motifs/discovery.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/aligned_seqlets.h"
#include "basewise/motifs/detail/discovery_test_support.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::letters_of;
using testing::Planted;
using testing::simulate;
using testing::Simulated;
using testing::turned_letters;

const std::vector<Planted>& planted() {
  static const std::vector<Planted> motifs = {{.letters = "TGACTCAGCA", .share = 0.6, .effect = 1, .turned = 0.5},
                                              {.letters = "CCACGTGACC", .share = 0.5, .effect = 0.8},
                                              {.letters = "GATAAGGCTT", .share = 0.5, .effect = -1, .turned = 0.3}};
  return motifs;
}

/// Small enough for a test of a second or two.
DiscoveryOptions small() {
  DiscoveryOptions options;
  options.neighbors = 100;
  options.subcluster_perplexity = 20;
  options.merge_sample = 100;
  return options;
}

Simulated small_simulation(std::uint64_t seed = 7) { return simulate(350, 220, planted(), seed); }

/// The pattern that reads as the letters on either strand.
const Pattern* find_pattern(const DiscoveryResult& result, const std::string& letters) {
  for (const Pattern& pattern : result.patterns) {
    const std::string text = letters_of(pattern);
    if (text.find(letters) != std::string::npos || text.find(turned_letters(letters)) != std::string::npos) return &pattern;
  }
  return nullptr;
}

/// Example and position of the middle, to find seqlets again.
std::set<std::pair<std::int64_t, std::int64_t>> places(const Pattern& pattern) {
  std::set<std::pair<std::int64_t, std::int64_t>> result;
  for (const Seqlet& s : pattern.seqlets) result.emplace(s.example, s.start);
  return result;
}

void expect_equal(const DiscoveryResult& a, const DiscoveryResult& b) {
  ASSERT_EQ(a.patterns.size(), b.patterns.size());
  for (std::size_t i = 0; i < a.patterns.size(); ++i) {
    EXPECT_EQ(a.patterns[i].name, b.patterns[i].name);
    EXPECT_EQ(a.patterns[i].contributions, b.patterns[i].contributions);
    EXPECT_EQ(places(a.patterns[i]), places(b.patterns[i]));
    EXPECT_EQ(a.patterns[i].subpatterns.size(), b.patterns[i].subpatterns.size());
  }
  EXPECT_EQ(a.notes, b.notes);
}

TEST(Discovery, FindsWhatWasPlantedWhereItWasPlanted) {
  const Simulated simulated = small_simulation();
  const DiscoveryResult result = discover(simulated.set, small());
  for (std::size_t m = 0; m < planted().size(); ++m) {
    const Pattern* pattern = find_pattern(result, planted()[m].letters);
    ASSERT_NE(pattern, nullptr) << planted()[m].letters;
    EXPECT_EQ(pattern->positive, planted()[m].effect > 0);
    const std::string text = letters_of(*pattern);
    const bool turned = text.find(planted()[m].letters) == std::string::npos;
    const auto at = static_cast<std::int64_t>(text.find(turned ? turned_letters(planted()[m].letters) : planted()[m].letters));
    std::int64_t right = 0, sites = 0;
    for (const Seqlet& s : pattern->seqlets)
      for (const testing::Site& site : simulated.sites)
        if (site.motif == m && site.example == s.example) {
          const std::int64_t start = s.reverse ? s.end - at - 10 : s.start + at;
          right += start == site.start && s.reverse == (site.reverse != turned);
        }
    for (const testing::Site& site : simulated.sites) sites += site.motif == m;
    EXPECT_GT(right, 0.9 * static_cast<double>(pattern->seqlets.size()));
    EXPECT_GT(right, 0.4 * static_cast<double>(sites));  // others are at edges, or disagree (min_agreement)
  }
}

TEST(Discovery, MeansAreThoseOfTheSeqlets) {
  const Simulated simulated = small_simulation();
  const DiscoveryResult result = discover(simulated.set, small());
  ASSERT_FALSE(result.patterns.empty());
  for (const Pattern& pattern : result.patterns) {
    std::size_t in_parts = 0;
    for (const Pattern& part : pattern.subpatterns) in_parts += part.seqlets.size();
    EXPECT_EQ(in_parts, pattern.seqlets.size());
    for (std::int64_t p = 0; p < pattern.width(); ++p) {
      double sum = 0, share = 0;
      for (const Seqlet& s : pattern.seqlets) {
        ASSERT_EQ(s.end - s.start, pattern.width());
        const std::int64_t at = s.example * simulated.set.length + (s.reverse ? s.end - 1 - p : s.start + p);
        sum += simulated.set.contributions[at];
      }
      for (std::size_t c = 0; c < 4; ++c) share += pattern.sequence[p][c];
      EXPECT_NEAR(share, 1, 1e-9);
      const BaseVector& row = pattern.contributions[p];
      EXPECT_NEAR(row[0] + row[1] + row[2] + row[3], sum / static_cast<double>(pattern.seqlets.size()), 1e-5);
    }
  }
}

TEST(Discovery, DoesNotDependOnThreads) {
  const Simulated simulated = small_simulation();
  set_threads(1);
  const DiscoveryResult one = discover(simulated.set, small());
  set_threads(3);
  const DiscoveryResult three = discover(simulated.set, small());
  set_threads(0);
  expect_equal(one, three);
}

TEST(Discovery, TheSameSeedGivesTheSame) {
  const Simulated simulated = small_simulation();
  DiscoveryOptions options = small();
  options.seed = 5;
  expect_equal(discover(simulated.set, options), discover(simulated.set, options));
  EXPECT_NE(find_pattern(discover(simulated.set, options), "CCACGTGACC"), nullptr);
}

TEST(Discovery, NegatedAttributionsSwapTheSigns) {
  Simulated simulated = small_simulation();
  const DiscoveryResult before = discover(simulated.set, small());
  for (float& x : simulated.set.contributions) x = -x;
  for (float& x : simulated.set.hypothetical) x = -x;
  const DiscoveryResult after = discover(simulated.set, small());
  for (const Planted& motif : planted()) {
    const Pattern *a = find_pattern(before, motif.letters), *b = find_pattern(after, motif.letters);
    ASSERT_TRUE(a && b) << motif.letters;
    EXPECT_NE(a->positive, b->positive);
    EXPECT_NEAR(static_cast<double>(a->seqlets.size()), static_cast<double>(b->seqlets.size()),
                0.15 * static_cast<double>(a->seqlets.size()));
  }
}

TEST(Discovery, TurnedExamplesGiveTheSamePatterns) {
  Simulated simulated = small_simulation();
  const DiscoveryResult before = discover(simulated.set, small());
  AttributionSet& set = simulated.set;
  for (std::int64_t e = 0; e < set.examples; e += 2) {
    std::reverse(set.tokens.begin() + e * set.length, set.tokens.begin() + (e + 1) * set.length);
    for (std::int64_t p = 0; p < set.length; ++p)
      set.tokens[e * set.length + p] = static_cast<seq::Token>(3 - set.tokens[e * set.length + p]);
    std::reverse(set.contributions.begin() + e * set.length, set.contributions.begin() + (e + 1) * set.length);
    std::reverse(set.hypothetical.begin() + e * 4 * set.length, set.hypothetical.begin() + (e + 1) * 4 * set.length);
  }
  const DiscoveryResult after = discover(set, small());
  for (const Planted& motif : planted()) {
    const Pattern *a = find_pattern(before, motif.letters), *b = find_pattern(after, motif.letters);
    ASSERT_TRUE(a && b) << motif.letters;
    EXPECT_NEAR(static_cast<double>(a->seqlets.size()), static_cast<double>(b->seqlets.size()),
                0.15 * static_cast<double>(a->seqlets.size()));
  }
}

TEST(Discovery, ShortExamplesWork) {
  const Simulated simulated = simulate(500, 60, {{.letters = "CCACGTGACC", .share = 0.9}}, 3);
  const DiscoveryResult result = discover(simulated.set, small());
  EXPECT_NE(find_pattern(result, "CCACGTGACC"), nullptr);
  EXPECT_THAT(
      result.notes,
      Contains(HasSubstr("examples of 60 bases are short for patterns of 30 bases with 10 on each side: patterns are cut to their cores")));
  for (const Pattern& pattern : result.patterns)
    for (const Seqlet& s : pattern.seqlets) EXPECT_TRUE(s.start >= 0 && s.end <= 60 && s.end - s.start == pattern.width());
}

TEST(Discovery, WithoutHypotheticalAttributionsItSaysSo) {
  Simulated simulated = small_simulation();
  simulated.set.hypothetical.clear();
  const DiscoveryResult result = discover(simulated.set, small());
  EXPECT_NE(find_pattern(result, "CCACGTGACC"), nullptr);
  EXPECT_THAT(result.notes, Contains(HasSubstr("there are no hypothetical attributions")));
}

TEST(Discovery, FewSeqletsAreSaid) {
  const DiscoveryResult none = discover({});
  EXPECT_TRUE(none.patterns.empty());
  EXPECT_THAT(none.notes, Contains("no seqlets: 0 examples of 0 bases, but a seqlet has 30 with its flanks"));

  const DiscoveryResult few = discover(simulate(3, 100, planted(), 1).set);
  EXPECT_TRUE(few.patterns.empty());
  EXPECT_THAT(few.notes, Contains(HasSubstr("with no more than 100 (min_seqlets) no positive patterns are looked for")));

  AttributionSet zero = simulate(20, 100, {}, 1).set;
  std::fill(zero.contributions.begin(), zero.contributions.end(), 0.0f);
  std::fill(zero.hypothetical.begin(), zero.hypothetical.end(), 0.0f);
  EXPECT_TRUE(discover(zero).patterns.empty());
}

TEST(Discovery, TooManySeqletsAreCut) {
  const Simulated simulated = small_simulation();
  DiscoveryOptions options = small();
  options.max_seqlets = 120;
  const DiscoveryResult result = discover(simulated.set, options);
  EXPECT_EQ(result.positive.used, 120);
  EXPECT_THAT(result.notes, Contains(HasSubstr("the first 120 (max_seqlets) are used")));
}

TEST(Discovery, PatternsThatAreTooSmallAreSaid) {
  const Simulated simulated = small_simulation();
  DiscoveryOptions options = small();
  options.min_cluster_size = 1000;
  const DiscoveryResult result = discover(simulated.set, options);
  EXPECT_TRUE(result.patterns.empty());
  EXPECT_THAT(result.notes, Contains(HasSubstr("no positive pattern is reported")));
}

TEST(Discovery, TinySetsOfSeqletsDoNotFail) {
  const AttributionSet set = simulate(6, 90, planted(), 2).set;
  for (std::int64_t n = 0; n <= 6; ++n) {
    std::vector<Seqlet> seqlets;
    for (std::int64_t i = 0; i < n; ++i) seqlets.push_back({.example = i, .start = 20 + i, .end = 50 + i});
    DiscoveryCounts counts;
    std::vector<std::string> notes;
    EXPECT_TRUE(patterns_of(set, seqlets, true, {}, counts, notes).empty());
    EXPECT_EQ(notes.empty(), n == 0);
  }
}

TEST(Discovery, ErrorsNameWhatIsWrong) {
  AttributionSet set = simulate(4, 50, {}, 1).set;
  DiscoveryOptions options;
  options.min_k = 7;
  EXPECT_EQ(error_text<ArgumentError>([&] { discover(set, options); }), "min_k = 7 is more than max_k = 6");
  DiscoveryCounts counts;
  std::vector<std::string> notes;
  const auto error_of = [&](const std::vector<Seqlet>& seqlets) {
    return error_text<ArgumentError>([&] { patterns_of(set, seqlets, true, {}, counts, notes); });
  };
  EXPECT_EQ(error_of({{.example = 4, .start = 0, .end = 9}}), "seqlet 0: [0, 9) of example 4 lies outside of 4 examples of 50 positions");
  EXPECT_EQ(error_of({{.example = 1, .start = 0, .end = 9}, {.example = 1, .start = 0, .end = 8}}),
            "seqlet 1 has 8 positions, the first one 9; expected one width");
  set.contributions[50 + 7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_text<DataError>([&] { discover(set); }), "the attribution of example 1, position 7 is nan; expected finite numbers");
  set.contributions.pop_back();
  EXPECT_EQ(error_text<DataError>([&] { discover(set); }),
            "4 examples of 50 positions need 200 letters and contributions; there are 200 and 199");
}

TEST(Core, IsWhereContributionsAreHigh) {
  Pattern pattern;
  pattern.name = "pos_patterns.pattern_0";
  pattern.sequence.assign(20, kUniform);
  pattern.sequence[8] = {};  // N in all
  pattern.contributions.assign(20, {});
  pattern.contributions[7] = {0, 0.4, 0, 0};
  pattern.contributions[9] = {-1, 0, 0, 0};
  EXPECT_EQ(core_of(pattern, 0.3, 2), std::make_pair(std::int64_t{5}, std::int64_t{12}));
  EXPECT_EQ(core_of(pattern, 0.5, 0), std::make_pair(std::int64_t{9}, std::int64_t{10}));
  EXPECT_EQ(core_of(pattern, 0.3, 50), std::make_pair(std::int64_t{0}, std::int64_t{20}));
  const MotifMatrix motif = core_motif(pattern, 0.3, 1);
  EXPECT_EQ(motif.width(), 5);
  check(motif);
}

TEST(AlignedSeqlets, GrowInTheirOwnOrientation) {
  const Seqlet turned = {.example = 0, .start = 10, .end = 20, .reverse = true};
  EXPECT_EQ(detail::grown(turned, 3, 1, 50)->start, 9);
  EXPECT_EQ(detail::grown(turned, 3, 1, 50)->end, 23);
  EXPECT_FALSE(detail::grown(turned, 3, 11, 50).has_value());
  EXPECT_EQ(detail::best_window({1, 5, 1, 4, 4, 0}, 2), 3);
}

}  // namespace
}  // namespace basewise::motifs
