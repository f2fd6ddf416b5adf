#include "basewise/seq/interval.h"
#include "tests/support/error_text.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace basewise::seq {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Interval, CheckedConstructor) {
  EXPECT_EQ(make_interval("chr1", 3, 10, Strand::reverse).length(), 7);
  EXPECT_THAT(error_text([] { make_interval("", 0, 1); }), HasSubstr("no chromosome name"));
  EXPECT_THAT(error_text([] { make_interval("chr1", -1, 1); }), HasSubstr("the start is negative"));
  EXPECT_THAT(error_text([] { make_interval("chr1", 5, 4); }), HasSubstr("chr1 [5, 4): the end lies before the start"));
}

TEST(Interval, ContainsAndOverlapsAreHalfOpen) {
  const Interval a{"chr1", 10, 20, Strand::none};
  EXPECT_TRUE(a.contains(10));
  EXPECT_FALSE(a.contains(20));
  EXPECT_TRUE(a.overlaps({"chr1", 19, 30, Strand::none}));
  EXPECT_FALSE(a.overlaps({"chr1", 20, 30, Strand::none}));
  EXPECT_FALSE(a.overlaps({"chr2", 10, 20, Strand::none}));
  EXPECT_TRUE(a.contains(Interval{"chr1", 10, 20, Strand::forward}));
}

TEST(Interval, ResizeAroundTheCentre) {
  EXPECT_EQ(resize({"c", 10, 20, Strand::none}, 4), (Interval{"c", 13, 17, Strand::none}));  // [centre - w/2, centre + w/2)
  EXPECT_EQ(resize({"c", 10, 20, Strand::none}, 5), (Interval{"c", 13, 18, Strand::none}));
  EXPECT_EQ(resize({"c", 10, 21, Strand::reverse}, 1), (Interval{"c", 15, 16, Strand::reverse}));
  EXPECT_EQ(resize({"c", 1, 2, Strand::none}, 10).start, -4);
  EXPECT_THAT(error_text([] { resize({"c", 1, 2, Strand::none}, -1); }), HasSubstr("-1 bases"));
}

RC_GTEST_PROP(IntervalLaws, ResizingToTheOwnLengthChangesNothing, ()) {
  const auto start = *rc::gen::inRange<std::int64_t>(0, 1000);
  const Interval i{"chr1", start, start + *rc::gen::inRange<std::int64_t>(0, 99), Strand::forward};
  RC_ASSERT(resize(i, i.length()) == i);
  const auto width = *rc::gen::inRange<std::int64_t>(1, 300);
  RC_ASSERT(resize(i, width).length() == width);
  RC_ASSERT(resize(i, width).centre() == i.centre());
}

RC_GTEST_PROP(IntervalLaws, TextRoundTrips, ()) {
  const auto start = *rc::gen::inRange<std::int64_t>(0, 1000000);
  const Interval i{*rc::gen::element<std::string>("chr1", "HLA-A*01:01", "NC_000913.3"), start,
                   start + *rc::gen::inRange<std::int64_t>(0, 50), *rc::gen::element(Strand::forward, Strand::reverse, Strand::none)};
  RC_ASSERT(parse_interval(to_string(i)) == i);
}

TEST(IntervalText, IsOneBasedAndInclusive) {
  EXPECT_EQ(to_string({"chr1", 100, 200, Strand::none}), "chr1:101-200");
  EXPECT_EQ(parse_interval("chr1:1,001-2,000(-)"), (Interval{"chr1", 1000, 2000, Strand::reverse}));
  EXPECT_EQ(parse_interval("chr1:7"), (Interval{"chr1", 6, 7, Strand::none}));
}

TEST(IntervalText, ErrorsShowTheTextAndTheForm) {
  for (const char* text :
       {"chr1", ":1-2", "chr1:0-5", "chr1:a-5", "chr1:5-", "chr1:9-3", "chr1:1-2(x)", "chr1:99999999999999999999-3", ""}) {
    const std::string error = error_text([&] { parse_interval(text); });
    EXPECT_THAT(error, HasSubstr(format("\"{}\" is no interval", text)));
    EXPECT_THAT(error, HasSubstr("1-based and inclusive"));
  }
}

TEST(Merge, JoinsTouchingAndKeepsAgreedStrands) {
  const std::vector<Interval> list = {{"b", 5, 9, Strand::forward}, {"a", 10, 20, Strand::forward}, {"a", 0, 5, Strand::forward},
                                      {"a", 5, 8, Strand::forward}, {"a", 15, 17, Strand::reverse}, {"a", 30, 30, Strand::none}};
  EXPECT_THAT(merge(list),
              ElementsAre(Interval{"a", 0, 8, Strand::forward}, Interval{"a", 10, 20, Strand::none}, Interval{"b", 5, 9, Strand::forward}));
  EXPECT_THAT(merge(list, 2), ElementsAre(Interval{"a", 0, 20, Strand::none}, Interval{"b", 5, 9, Strand::forward}));
  EXPECT_THAT(merge(list, 0, true), ElementsAre(Interval{"a", 0, 8, Strand::forward}, Interval{"a", 10, 20, Strand::forward},
                                                Interval{"a", 15, 17, Strand::reverse}, Interval{"b", 5, 9, Strand::forward}));
}

TEST(Subtract, CutsHoles) {
  const std::vector<Interval> from = {{"a", 0, 100, Strand::reverse}, {"b", 0, 10, Strand::none}};
  const std::vector<Interval> what = {
      {"a", 20, 30, Strand::none}, {"a", 25, 40, Strand::forward}, {"a", 90, 200, Strand::none}, {"c", 0, 10, Strand::none}};
  EXPECT_THAT(subtract(from, what), ElementsAre(Interval{"a", 0, 20, Strand::reverse}, Interval{"a", 40, 90, Strand::reverse},
                                                Interval{"b", 0, 10, Strand::none}));
}

std::vector<Interval> some_intervals() {
  return *rc::gen::container<std::vector<Interval>>(
      rc::gen::map(rc::gen::tuple(rc::gen::element<std::string>("a", "b", "c"), rc::gen::inRange<std::int64_t>(0, 60),
                                  rc::gen::inRange<std::int64_t>(0, 20)),
                   [](const auto& t) {
                     return Interval{std::get<0>(t), std::get<1>(t), std::get<1>(t) + std::get<2>(t), Strand::none};
                   }));
}

std::set<std::pair<std::string, std::int64_t>> bases_of(const std::vector<Interval>& list) {
  std::set<std::pair<std::string, std::int64_t>> bases;
  for (const Interval& i : list) {
    for (auto p = i.start; p < i.end; ++p) bases.insert({i.chrom, p});
  }
  return bases;
}

RC_GTEST_PROP(IntervalLaws, SetAlgebraAgreesWithSetsOfBases, ()) {
  const auto a = some_intervals();
  const auto b = some_intervals();
  const auto bases_a = bases_of(a);
  const auto bases_b = bases_of(b);
  RC_ASSERT(bases_of(merge(a)) == bases_a);
  RC_ASSERT(total_length(merge(a)) == static_cast<std::int64_t>(bases_a.size()));
  auto left = bases_a;
  for (const auto& base : bases_b) left.erase(base);
  RC_ASSERT(bases_of(subtract(a, b)) == left);
  const IntervalSet set(b);
  RC_ASSERT(set.total_length() == static_cast<std::int64_t>(bases_b.size()));
  for (const Interval& i : a) {
    std::int64_t covered = 0;
    for (const auto& base : bases_of({i})) covered += static_cast<std::int64_t>(bases_b.count(base));
    RC_ASSERT(set.covered(i) == covered);
    RC_ASSERT(set.overlaps(i) == (covered > 0));
  }
}

}  // namespace
}  // namespace basewise::seq
