#include "basewise/motifs/seqlets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <tuple>

#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::motifs {
namespace {

bool equal(const Seqlet& a, const Seqlet& b) {
  return std::tie(a.example, a.start, a.end, a.attribution, a.p_value) == std::tie(b.example, b.start, b.end, b.attribution, b.p_value);
}

bool same(const std::vector<Seqlet>& a, const std::vector<Seqlet>& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal); }

AttributionSet flat_set(std::int64_t examples, std::int64_t length, float value = 0) {
  AttributionSet set;
  set.examples = examples;
  set.length = length;
  set.tokens.assign(examples * length, seq::kC);
  set.contributions.assign(examples * length, value);
  return set;
}

/// Noise, and in every example a stretch of nine high positions, in every third one of low ones
/// too.
AttributionSet noisy_set(std::int64_t examples = 37, std::int64_t length = 113) {
  AttributionSet set = flat_set(examples, length);
  Stream stream(5);
  for (float& x : set.contributions) x = static_cast<float>(stream.normal() * 0.1);
  for (std::int64_t i = 0; i < examples; ++i)
    for (std::int64_t k = 0; k < 9; ++k) {
      set.contributions[i * length + 20 + i % 7 + k] += 2;
      if (i % 3 == 0) set.contributions[i * length + 70 + k] -= 2;
    }
  return set;
}

using Call = std::function<SeqletResult(const AttributionSet&)>;

std::vector<std::pair<std::string, Call>> methods() {
  return {{"recursive", [](const AttributionSet& s) { return recursive_seqlets(s); }},
          {"modisco", [](const AttributionSet& s) { return modisco_seqlets(s, {.window = 9, .flank = 4, .fdr = 0.05}); }}};
}

TEST(Seqlets, FindsWhatWasPlanted) {
  const AttributionSet set = noisy_set();
  for (const auto& [name, call] : methods()) {
    const SeqletResult result = call(set);
    for (std::int64_t i = 0; i < set.examples; ++i) {
      const auto covers = [&](std::int64_t start, bool positive) {
        return std::any_of(result.seqlets.begin(), result.seqlets.end(), [&](const Seqlet& s) {
          return s.example == i && s.start <= start + 2 && s.end >= start + 7 && (s.attribution > 0) == positive;
        });
      };
      EXPECT_TRUE(covers(20 + i % 7, true)) << name << " " << i;
      EXPECT_EQ(covers(70, false), i % 3 == 0) << name << " " << i;
    }
    EXPECT_EQ(result.positive + result.negative, static_cast<std::int64_t>(result.seqlets.size())) << name;
  }
}

TEST(Seqlets, DoNotDependOnThreads) {
  const AttributionSet set = noisy_set(83, 131);
  for (const auto& [name, call] : methods()) {
    set_threads(1);
    const SeqletResult one = call(set);
    set_threads(4);
    const SeqletResult four = call(set);
    set_threads(0);
    EXPECT_TRUE(same(one.seqlets, four.seqlets)) << name;
    EXPECT_FALSE(one.seqlets.empty()) << name;
  }
}

TEST(Seqlets, SumsArePValuesAreAndNothingOverlaps) {
  const AttributionSet set = noisy_set();
  const SeqletResult result = recursive_seqlets(set);
  std::vector<int> covered(set.contributions.size(), 0);
  for (const Seqlet& s : result.seqlets) {
    double sum = 0;
    for (std::int64_t p = s.start; p < s.end; ++p) {
      sum += set.contribution(s.example)[p];
      EXPECT_EQ(covered[s.example * set.length + p]++, 0);
    }
    EXPECT_NEAR(s.attribution, sum, 1e-9);
    EXPECT_GT(s.p_value, 0);
    EXPECT_LT(s.p_value, 0.01);
  }
  const auto by_p = [](const Seqlet& a, const Seqlet& b) { return a.p_value < b.p_value; };
  EXPECT_TRUE(std::is_sorted(result.seqlets.begin(), result.seqlets.end(), by_p));
}

// The definition itself, for every span of a small set: no span inside a seqlet is at or above the
// p-value, as the method finds them when that span alone may be a seqlet.
TEST(Seqlets, EverySpanInsideOfARecursiveSeqletIsSignificant) {
  const AttributionSet set = noisy_set(11, 61);
  const SeqletResult all = recursive_seqlets(set, {.p_value = 0.02, .min_length = 3, .max_length = 9, .signs = SeqletSigns::positive});
  ASSERT_FALSE(all.seqlets.empty());
  for (const Seqlet& s : all.seqlets) {
    for (std::int64_t width = 3; width <= s.end - s.start; ++width) {
      const SeqletResult fixed =
          recursive_seqlets(set, {.p_value = 0.02, .min_length = width, .max_length = width, .signs = SeqletSigns::positive});
      std::vector<bool> inside(set.length, false);
      for (const Seqlet& f : fixed.seqlets)
        if (f.example == s.example) std::fill(inside.begin() + f.start, inside.begin() + f.end, true);
      // Those of one width do not overlap, so not each span is called; but a free span would be.
      std::int64_t open = 0;
      for (std::int64_t p = s.start; p < s.end; ++p) {
        open = inside[p] ? 0 : open + 1;
        EXPECT_LT(open, width) << s.example << " " << p;
      }
    }
  }
}

TEST(Seqlets, NegatedAttributionsSwapSigns) {
  const AttributionSet set = noisy_set();
  AttributionSet negated = set;
  for (float& x : negated.contributions) x = -x;
  const SeqletResult a = recursive_seqlets(set, {.signs = SeqletSigns::positive});
  SeqletResult b = recursive_seqlets(negated, {.signs = SeqletSigns::negative});
  for (Seqlet& s : b.seqlets) s.attribution = -s.attribution;
  EXPECT_TRUE(same(a.seqlets, b.seqlets));
  EXPECT_EQ(a.positive, b.negative);
  EXPECT_FALSE(a.seqlets.empty());

  // TF-MoDISco's null is drawn, so that only where windows stand out they are the same.
  const ModiscoSeqletOptions o = {.window = 9, .flank = 4, .fdr = 0.05};
  const SeqletResult m = modisco_seqlets(set, o), n = modisco_seqlets(negated, o);
  std::int64_t common = 0;
  for (const Seqlet& s : m.seqlets)
    common += std::any_of(n.seqlets.begin(), n.seqlets.end(), [&](const Seqlet& t) {
      return s.example == t.example && s.start == t.start && s.attribution == -t.attribution;
    });
  EXPECT_GE(common, 37 + 13);
}

TEST(Seqlets, MoveWithTheSequence) {
  // Positions are drawn round: what leaves at one end comes in at the other, far from the seqlets.
  const AttributionSet set = noisy_set();
  AttributionSet moved = set;
  for (std::int64_t i = 0; i < set.examples; ++i)
    for (std::int64_t p = 0; p < set.length; ++p)
      moved.contributions[i * set.length + (p + 5) % set.length] = set.contributions[i * set.length + p];
  const auto strong = [](const SeqletResult& r, std::int64_t shift) {
    std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t>> all;
    for (const Seqlet& s : r.seqlets)
      if (std::abs(s.attribution) > 6) all.emplace_back(s.example, s.start + shift, s.end + shift);
    std::sort(all.begin(), all.end());
    return all;
  };
  EXPECT_EQ(strong(recursive_seqlets(set), 5), strong(recursive_seqlets(moved), 0));
}

TEST(Seqlets, OrderOfExamplesDoesNotMatter) {
  const AttributionSet set = noisy_set();
  AttributionSet turned = set;
  for (std::int64_t i = 0; i < set.examples; ++i)
    std::copy_n(set.contribution(i), set.length, turned.contributions.begin() + (set.examples - 1 - i) * set.length);
  SeqletResult a = recursive_seqlets(set), b = recursive_seqlets(turned);
  for (Seqlet& s : b.seqlets) s.example = set.examples - 1 - s.example;
  const auto by_place = [](const Seqlet& x, const Seqlet& y) { return std::tie(x.example, x.start) < std::tie(y.example, y.start); };
  std::sort(a.seqlets.begin(), a.seqlets.end(), by_place);
  std::sort(b.seqlets.begin(), b.seqlets.end(), by_place);
  EXPECT_TRUE(same(a.seqlets, b.seqlets));
}

TEST(Seqlets, WithoutSignalThereAreNoneAndANoteSaysSo) {
  const auto note = [](const SeqletResult& r) { return r.seqlets.empty() && !r.notes.empty() ? r.notes.front() : "?"; };
  const AttributionSet none = flat_set(0, 50), zeros = flat_set(3, 50), short_ones = flat_set(3, 2);
  for (const auto& [name, call] : methods()) {
    EXPECT_EQ(note(call(none)), "no seqlets: there are no examples") << name;
    EXPECT_EQ(note(call(zeros)), "no seqlets: all attributions are 0") << name;
    EXPECT_EQ(note(call(flat_set(3, 50, 0.5f))), "no seqlets: all attributions are 0.5") << name;
  }
  EXPECT_EQ(note(recursive_seqlets(short_ones)), "no seqlets: examples have 2 positions, and a seqlet takes at least 4");
  EXPECT_EQ(note(modisco_seqlets(flat_set(3, 40))), "no seqlets: examples have 40 positions, and a seqlet takes at least 41");
}

TEST(Seqlets, OneExampleAndOneSign) {
  AttributionSet set = flat_set(1, 101);
  for (std::int64_t p = 0; p < 101; ++p) set.contributions[p] = static_cast<float>(p % 5) * 0.01f;
  for (std::int64_t p = 40; p < 52; ++p) set.contributions[p] = 3;
  for (const auto& [name, call] : methods()) {
    const SeqletResult result = call(set);
    EXPECT_GE(result.positive, 1) << name;
    EXPECT_EQ(result.negative, 0) << name;
    EXPECT_EQ(result.notes.back(), "no negative seqlets") << name;
    for (const Seqlet& s : result.seqlets) EXPECT_TRUE(std::isfinite(s.p_value) && s.p_value >= 0 && s.p_value <= 1) << name;
  }
}

// Most windows are exactly zero, and all others on one side: the tail below has no width.
TEST(Seqlets, SparseAttributionsGiveFiniteNumbers) {
  AttributionSet set = flat_set(9, 207);
  for (std::int64_t p = 60; p < 70; ++p) set.contributions[4 * 207 + p] = 1;
  const SeqletResult result = modisco_seqlets(set);
  ASSERT_GE(result.positive, 1);
  for (const Seqlet& s : result.seqlets) EXPECT_TRUE(std::isfinite(s.p_value)) << s.start;
  EXPECT_TRUE(std::isfinite(result.null.sign_threshold));
}

TEST(Seqlets, ErrorsNameThePlaceAndTheOption) {
  AttributionSet set = noisy_set();
  set.contributions[3 * 113 + 17] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(error_text<ArgumentError>([&] { recursive_seqlets(set); }),
            "the attribution of example 3, position 17, is nan; seqlets need finite numbers (counted from 0)");
  set.contributions[3 * 113 + 17] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(error_text<ArgumentError>([&] { modisco_seqlets(set); }),
            "the attribution of example 3, position 17, is inf; seqlets need finite numbers (counted from 0)");
  set.contributions[3 * 113 + 17] = 3e38f;
  set.contributions[3 * 113 + 18] = -3e38f;
  EXPECT_EQ(error_text<ArgumentError>([&] { recursive_seqlets(set); }),
            "attributions reach from -3e+38 to 3e+38, which is beyond what bins can hold");
  EXPECT_TRUE(std::isfinite(modisco_seqlets(set).null.sign_threshold));
  set.contributions.pop_back();
  EXPECT_EQ(error_text<ArgumentError>([&] { modisco_seqlets(set); }), "4180 attributions are given for 37 examples of 113 positions");
  EXPECT_EQ(error_text<ArgumentError>([] { recursive_seqlets({}, {.p_value = 0}); }), "p_value is 0; it must be above 0 and at most 1");
  EXPECT_EQ(error_text<ArgumentError>([] { recursive_seqlets({}, {.max_length = 3}); }), "max_length is 3; it must be from 4 to 1000");
  EXPECT_EQ(error_text<ArgumentError>([] { modisco_seqlets({}, {.min_passing = 0.5}); }),
            "min_passing is 0.5; it must be from 0 to 0.2 (max_passing)");
  EXPECT_EQ(error_text<ArgumentError>([] { modisco_seqlets({}, {.fdr = std::nan("")}); }), "fdr is nan; it must be from 0 to 1");
}

}  // namespace
}  // namespace basewise::motifs
