#include "basewise/metrics/site_matching.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "basewise/core/error.h"
#include "basewise/core/random.h"
#include "tests/support/error_text.h"

namespace basewise::metrics {
namespace {

struct Tracks {
  std::vector<float> scores;
  std::vector<std::uint8_t> labels;
  std::vector<std::int64_t> positions;
  std::vector<std::int64_t> tracks;
};

Tracks random_tracks(Stream draw, int levels, double measured = 0.9) {
  Tracks t;
  for (std::int64_t track : {4, 9})
    for (std::int64_t p = 100; p < 100 + 37 + 20 * (track == 9); ++p) {
      if (!draw.bernoulli(measured)) continue;
      t.scores.push_back(static_cast<float>(draw.integer(0, levels)));
      t.labels.push_back(draw.bernoulli(0.15));
      t.positions.push_back(p);
      t.tracks.push_back(track);
    }
  return t;
}

SiteMatchingResult match(const Tracks& t, std::int64_t tolerance, const Circles& circles = {}) {
  return match_sites(t.scores, t.labels, t.positions, t.tracks, tolerance, circles);
}

/// Bases from p to q, negative when q is left of p; on a circle the shorter way round.
std::int64_t way(const Tracks& t, std::size_t p, std::size_t q, const Circles& circles) {
  std::int64_t bases = t.positions[q] - t.positions[p];
  if (const auto circle = circles.find(t.tracks[p]); circle != circles.end()) {
    if (2 * bases > circle->second) bases -= circle->second;
    if (2 * bases < -circle->second) bases += circle->second;
  }
  return bases;
}

/// The definition of the header, word by word.
double brute_force(const Tracks& t, std::int64_t tolerance, const Circles& circles = {}) {
  const auto n = t.scores.size();
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < n; ++i) {
    bool is_maximum = true;
    for (std::size_t j = 0; j < n; ++j) {
      if (t.tracks[i] != t.tracks[j] || std::abs(way(t, i, j, circles)) > tolerance) continue;
      if (t.scores[j] > t.scores[i] || (t.scores[j] == t.scores[i] && way(t, i, j, circles) < 0)) is_maximum = false;
    }
    if (is_maximum) candidates.push_back(i);
  }
  std::stable_sort(candidates.begin(), candidates.end(), [&](auto a, auto b) { return t.scores[a] > t.scores[b]; });
  std::vector<bool> taken(n), found;
  double labels = 0;
  for (const auto y : t.labels) labels += y;
  for (const auto c : candidates) {
    std::size_t best = n;
    for (std::size_t j = 0; j < n; ++j) {
      const auto d = std::abs(way(t, c, j, circles));
      if (!t.labels[j] || taken[j] || t.tracks[c] != t.tracks[j] || d > tolerance) continue;
      const auto before = best == n ? tolerance + 1 : std::abs(way(t, c, best, circles));
      if (d < before || (d == before && way(t, c, j, circles) < 0)) best = j;
    }
    found.push_back(best < n);
    if (best < n) taken[best] = true;
  }
  double sum = 0, before = 0;
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    if (k + 1 < candidates.size() && t.scores[candidates[k + 1]] == t.scores[candidates[k]]) continue;
    const auto hits = static_cast<double>(std::count(found.begin(), found.begin() + static_cast<long>(k) + 1, true));
    sum += hits / static_cast<double>(k + 1) * (hits - before) / labels;
    before = hits;
  }
  return sum;
}

TEST(SiteMatching, AgreesWithItsDefinition) {
  EXPECT_TRUE(rc::check("brute force", [] {
    const auto t = random_tracks(Stream(*rc::gen::inRange(0, 1 << 30)), *rc::gen::element(2, 12, 100000));
    const auto tolerance = *rc::gen::inRange<std::int64_t>(0, 8);
    RC_PRE(std::count(t.labels.begin(), t.labels.end(), 1) > 0);
    RC_ASSERT(std::abs(match(t, tolerance).average_precision.value - brute_force(t, tolerance)) < 1e-12);
  }));
}

/// Tracks 4 and 9 as circles of 37 and 57 bases, with the positions turned by `turn`.
Tracks turned(Tracks t, std::int64_t turn, const Circles& circles) {
  for (std::size_t i = 0; i < t.positions.size(); ++i) t.positions[i] = (t.positions[i] - 100 + turn) % circles.at(t.tracks[i]);
  return t;
}

const Circles kCircles{{4, 37}, {9, 57}};

TEST(SiteMatching, OnCirclesItAgreesWithItsDefinition) {
  EXPECT_TRUE(rc::check("brute force", [] {
    const auto t = turned(random_tracks(Stream(*rc::gen::inRange(0, 1 << 30)), *rc::gen::element(2, 12, 100000)), 0, kCircles);
    const auto tolerance = *rc::gen::inRange<std::int64_t>(0, 19);
    RC_PRE(std::count(t.labels.begin(), t.labels.end(), 1) > 0);
    RC_ASSERT(std::abs(match(t, tolerance, kCircles).average_precision.value - brute_force(t, tolerance, kCircles)) < 1e-12);
  }));
}

TEST(SiteMatching, TurningACircleChangesNothing) {
  EXPECT_TRUE(rc::check("turned", [] {
    auto t = random_tracks(Stream(*rc::gen::inRange(0, 1 << 30)), 12);
    const bool ties = *rc::gen::arbitrary<bool>();
    const auto order = Stream(*rc::gen::inRange(0, 1 << 30)).permutation(static_cast<std::int64_t>(t.scores.size()));
    if (!ties) t.scores.assign(order.begin(), order.end());
    const auto tolerance = *rc::gen::inRange<std::int64_t>(0, 40);
    const auto before = match(turned(t, 0, kCircles), tolerance, kCircles);
    const auto after = match(turned(t, *rc::gen::inRange<std::int64_t>(1, 200), kCircles), tolerance, kCircles);
    RC_ASSERT(after.candidates == before.candidates);
    RC_ASSERT(after.labels == before.labels);
    if (ties) return;  // which of two equal candidates comes first depends on where the circle is opened
    RC_ASSERT(after.matched == before.matched);
    RC_ASSERT(after.average_precision.value == before.average_precision.value);
  }));
}

TEST(SiteMatching, ACircleHasNoEnds) {
  // The label is the last base of 37, the call the second one: 2 bases further on.
  Tracks t;
  for (std::int64_t p = 0; p < 37; ++p) {
    t.scores.push_back(p == 1 ? 1.0f : 0.0f);
    t.labels.push_back(p == 36);
    t.positions.push_back(p);
    t.tracks.push_back(4);
  }
  EXPECT_EQ(match(t, 2).average_precision.value, 0) << "the ends of a line do not meet";
  EXPECT_EQ(match(t, 2, kCircles).average_precision.value, 1);
  EXPECT_EQ(match(t, 1, kCircles).average_precision.value, 0);
  t.scores.assign(37, 0.5f);
  EXPECT_EQ(match(t, 2, kCircles).candidates, 0) << "no position of a plateau all around is its first";
}

TEST(SiteMatching, WithoutToleranceItIsAveragePrecision) {
  const auto t = random_tracks(Stream(3), 8);
  const auto result = match(t, 0);
  EXPECT_NEAR(result.average_precision.value, average_precision(t.scores, t.labels).value, 1e-12);
  EXPECT_EQ(result.candidates, static_cast<std::int64_t>(t.scores.size()));
  EXPECT_EQ(result.matched, result.labels);
}

TEST(SiteMatching, OrderOfTheInputDoesNotMatter) {
  auto t = random_tracks(Stream(5), 5);
  const auto before = match(t, 3);
  const auto order = Stream(1).permutation(static_cast<std::int64_t>(t.scores.size()));
  Tracks shuffled;
  for (const auto i : order) {
    shuffled.scores.push_back(t.scores[i]);
    shuffled.labels.push_back(t.labels[i]);
    shuffled.positions.push_back(t.positions[i]);
    shuffled.tracks.push_back(t.tracks[i]);
  }
  const auto after = match(shuffled, 3);
  EXPECT_EQ(before.average_precision.value, after.average_precision.value);
  EXPECT_EQ(before.matched, after.matched);
}

TEST(SiteMatching, ALabelCountsOnceAndStrandsDoNotMix) {
  Tracks t;
  for (std::int64_t track : {0, 1})
    for (std::int64_t p = 0; p < 30; ++p) {
      t.positions.push_back(p);
      t.tracks.push_back(track);
      t.labels.push_back(track == 0 && p == 10);
      t.scores.push_back(p == 8 ? 5.0f : p == 14 ? 4.0f : p == 10 && track == 1 ? 3.0f : 0.001f * static_cast<float>(p));
    }
  const auto r = match(t, 5);
  EXPECT_EQ(r.labels, 1);
  EXPECT_EQ(r.matched, 1);
  // Both strands call 8 with score 5; one of the two is right.
  EXPECT_DOUBLE_EQ(r.average_precision.value, 0.5);
  EXPECT_DOUBLE_EQ(r.recall_at_fdr(0.5).value, 1);
  EXPECT_EQ(r.curve().x.back(), 1);
}

TEST(SiteMatching, NearLabelsCompete) {
  const Tracks t{{0, 9, 0, 0, 0}, {0, 1, 1, 0, 0}, {20, 21, 22, 23, 24}, {0, 0, 0, 0, 0}};
  const auto r = match(t, 5);
  EXPECT_EQ(r.candidates, 1);
  EXPECT_EQ(r.matched, 1);
  EXPECT_EQ(r.labels, 2);
  EXPECT_DOUBLE_EQ(r.average_precision.value, 0.5);
  EXPECT_EQ(r.curve().x.back(), 0.5);
}

TEST(SiteMatching, NothingLabelledHasAReason) {
  EXPECT_EQ(match({}, 5).average_precision.reason, "no labelled positions");
  const Tracks far{{9, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                   {0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
                   {1, 2, 3, 4, 5, 6, 7, 8, 9, 10},
                   std::vector<std::int64_t>(10)};
  EXPECT_EQ(match(far, 5).matched, 1);
  const Tracks lost{{9, 8}, {0, 1}, {1, 3}, {0, 0}};
  EXPECT_EQ(match(lost, 0).matched, 1);
}

TEST(SiteMatching, RefusesBadInput) {
  const auto message = [](const Tracks& t, std::int64_t tolerance) -> std::string {
    return error_text<ArgumentError>([&] { match(t, tolerance); });
  };
  EXPECT_EQ(message({{1, 2}, {0, 1}, {7, 7}, {3, 3}}, 5), "position 7 of track 3 is given twice: give each position once");
  EXPECT_EQ(message({{1, 2}, {0, 1}, {7, 8}, {3, 3}}, -1), "tolerance is -1 bases: expected 0 or more");
  const auto outside = [](std::int64_t position) {
    return error_text<ArgumentError>([&] { match({{1, 2}, {0, 1}, {7, position}, {4, 4}}, 5, kCircles); });
  };
  EXPECT_EQ(outside(37), "position 37 of track 4 does not lie on its circle of 37 bases");
  EXPECT_EQ(outside(-1), "position -1 of track 4 does not lie on its circle of 37 bases");
  EXPECT_EQ(message({{1, std::nanf("")}, {0, 1}, {7, 8}, {3, 3}}, 5),
            "score is NaN at index 1: mask missing values before computing a metric");
  EXPECT_EQ(message({{1, 2}, {0, 1}, {7}, {3, 3}}, 5), "positions has 1 values for 2 scores: give one per score");
}

}  // namespace
}  // namespace basewise::metrics
