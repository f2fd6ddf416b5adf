#include "basewise/corpus/clusters.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "basewise/core/error.h"
#include "tests/support/error_text.h"

namespace basewise::corpus {
namespace {

using testing::HasSubstr;

using Counts = std::vector<float>;

std::vector<Cluster> call(const Counts& plus, const Counts& minus, const ClusterOptions& o) {
  ClusterCaller caller(o);
  caller.add(0, plus, minus);
  return caller.finish();
}

// The definition, position by position and pair by pair.
std::vector<Cluster> by_definition(const Counts& plus, const Counts& minus, const ClusterOptions& o) {
  std::vector<Cluster> clusters;
  std::vector<std::int64_t> counting;
  for (std::size_t i = 0; i < plus.size(); ++i)
    if (std::max(plus[i], minus[i]) >= o.min_count) counting.push_back(static_cast<std::int64_t>(i));
  for (std::size_t k = 0; k < counting.size();) {
    std::size_t end = k + 1;
    while (end < counting.size() && counting[end] - counting[end - 1] <= o.distance) ++end;
    Cluster c{.start = counting[k], .end = counting[end - 1] + 1};
    for (std::int64_t i = c.start; i < c.end; ++i) {
      const auto at = static_cast<std::size_t>(i);
      c.total += static_cast<double>(plus[at]) + minus[at];
      if (std::max(plus[at], minus[at]) <= c.peak) continue;
      c.peak = std::max(plus[at], minus[at]);
      c.centre = i;
      c.strand = plus[at] >= minus[at] ? seq::Strand::forward : seq::Strand::reverse;
    }
    if (c.total >= o.min_total) clusters.push_back(c);
    k = end;
  }
  return clusters;
}

TEST(Clusters, MergesWhatIsNearAndCentresOnTheStrongest) {
  Counts plus(60, 0);
  Counts minus(60, 0);
  plus[10] = 5;
  plus[13] = 2;   // too few, but it lies inside
  minus[14] = 9;  // the strongest
  plus[16] = 9;   // as strong, but later
  plus[18] = 1;   // behind the cluster
  minus[40] = 6;
  minus[50] = std::nanf("");
  const auto clusters = call(plus, minus, {.min_count = 5, .distance = 4});
  ASSERT_EQ(clusters.size(), 2U);
  EXPECT_EQ(clusters[0], (Cluster{10, 17, 14, seq::Strand::reverse, 9, 25}));
  EXPECT_EQ(clusters[1], (Cluster{40, 41, 40, seq::Strand::reverse, 6, 6}));
  EXPECT_EQ(call(plus, minus, {.min_count = 5, .distance = 3}).size(), 3U) << "10 and 14 lie four bases apart";
  EXPECT_EQ(call(plus, minus, {.min_count = 5, .distance = 4, .min_total = 20}).size(), 1U);
}

RC_GTEST_PROP(Clusters, AreTheDefinitionInPieces, ()) {
  const auto length = *rc::gen::inRange<std::size_t>(1, 90);
  const auto counts =
      rc::gen::container<std::vector<int>>(length, rc::gen::weightedOneOf<int>({{4, rc::gen::just(0)}, {1, rc::gen::inRange(1, 9)}}));
  const auto drawn_plus = *counts;
  const auto drawn_minus = *counts;
  const Counts plus(drawn_plus.begin(), drawn_plus.end());
  const Counts minus(drawn_minus.begin(), drawn_minus.end());
  const ClusterOptions o{.min_count = static_cast<double>(*rc::gen::inRange(1, 7)),
                         .distance = *rc::gen::inRange<std::int64_t>(1, 12),
                         .min_total = static_cast<double>(*rc::gen::inRange(0, 20))};
  const auto cut = *rc::gen::inRange<std::size_t>(0, length + 1);
  ClusterCaller caller(o);
  caller.add(0, std::span(plus).first(cut), std::span(minus).first(cut));
  caller.add(static_cast<std::int64_t>(cut), std::span(plus).subspan(cut), std::span(minus).subspan(cut));
  RC_ASSERT(caller.finish() == by_definition(plus, minus, o));
}

TEST(Clusters, ThinsOutFromTheLargest) {
  const auto cluster = [](std::int64_t centre, double total) {
    return Cluster{centre, centre + 1, centre, seq::Strand::forward, total, total};
  };
  const std::vector<Cluster> all{cluster(100, 5), cluster(140, 9), cluster(180, 7), cluster(240, 9), cluster(290, 9)};
  const auto kept = thin_out(all, 50);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].centre, 140);
  EXPECT_EQ(kept[1].centre, 240);
  EXPECT_EQ(kept[2].centre, 290) << "50 bases away is far enough";
  EXPECT_EQ(thin_out(all, 1).size(), 5U);
  Counts plus(300, 0);
  for (const Cluster& c : all) plus[static_cast<std::size_t>(c.centre)] = static_cast<float>(c.total);
  EXPECT_EQ(call(plus, Counts(300, 0), {.min_count = 5, .distance = 1, .spacing = 50}), kept);
}

TEST(Clusters, ErrorsNameTheBase) {
  ClusterCaller caller({});
  const Counts counts{0, 0, -3};
  const Counts none(3, 0);
  EXPECT_THAT(error_text([&] { caller.add(1000, none, counts); }), HasSubstr("the count at base 1002 is -3; counts must not be negative"));
  ClusterCaller other({});
  other.add(10, none, none);
  EXPECT_THAT(error_text([&] { other.add(12, none, none); }), HasSubstr("3 and 3 counts from base 12 on cannot follow base 13"));
}

}  // namespace
}  // namespace basewise::corpus
