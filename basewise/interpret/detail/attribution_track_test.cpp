// Where overlapping windows are cut.
#include "basewise/interpret/detail/attribution_track.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace basewise::interpret::detail {

// For the matchers.
inline bool operator==(const TrackStretch& a, const TrackStretch& b) {
  return a.chrom == b.chrom && a.start == b.start && a.end == b.end && a.example == b.example && a.offset == b.offset;
}

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const seq::ChromSizes& sizes() {
  static const seq::ChromSizes all({{"a", 100, false}, {"ring", 50, true}});
  return all;
}

TEST(AttributionTrack, WindowsThatOverlapAreCutHalfwayBetweenTheirCentres) {
  // Centres 15, 22, 60: the first two meet at (15 + 22) / 2 = 18.
  const TrackPlan plan = cut_halfway({{0, 12, 32, 0}, {0, 50, 70, 1}, {0, 5, 25, 2}}, sizes());
  EXPECT_THAT(plan.stretches, ElementsAre(TrackStretch{0, 5, 18, 2, 0}, TrackStretch{0, 18, 32, 0, 6}, TrackStretch{0, 50, 70, 1, 0}));
  EXPECT_EQ(plan.hidden, 0);
}

TEST(AttributionTrack, EachBaseBelongsToTheNearestCentre) {
  std::vector<TrackWindow> windows;
  for (std::int64_t i = 0; i < 40; ++i) windows.push_back({0, (i * 37) % 83 - 7, (i * 37) % 83 + 14, i});
  const TrackPlan plan = cut_halfway(windows, sizes());
  std::vector<std::int64_t> owner(100, -1);
  for (const TrackStretch& s : plan.stretches)
    for (std::int64_t at = s.start; at < s.end; ++at) {
      ASSERT_EQ(owner[static_cast<std::size_t>(at)], -1) << "base " << at << " twice";
      owner[static_cast<std::size_t>(at)] = s.example;
      const TrackWindow& w = windows[static_cast<std::size_t>(s.example)];
      EXPECT_EQ(at - w.start, s.offset + at - s.start);
    }
  for (std::int64_t at = 0; at < 100; ++at) {
    std::int64_t nearest = 1000;
    for (const TrackWindow& w : windows)
      if (w.start <= at && at < w.end) nearest = std::min(nearest, std::abs(at - (w.start + 10)));
    const std::int64_t mine = owner[static_cast<std::size_t>(at)];
    ASSERT_EQ(mine < 0, nearest == 1000) << at;
    if (mine < 0) continue;
    EXPECT_LE(std::abs(at - (windows[static_cast<std::size_t>(mine)].start + 10)), nearest + 1) << at;
  }
}

TEST(AttributionTrack, OfWindowsWithOneCentreTheFirstCounts) {
  const TrackPlan plan = cut_halfway({{0, 10, 20, 0}, {0, 10, 20, 1}, {0, 10, 20, 2}}, sizes());
  EXPECT_THAT(plan.stretches, ElementsAre(TrackStretch{0, 10, 20, 0, 0}));
  EXPECT_EQ(plan.hidden, 2);
}

TEST(AttributionTrack, EndsOfChromosomesCutAndCirclesGoOn) {
  const TrackPlan plan = cut_halfway({{0, -5, 10, 0}, {0, 95, 110, 1}, {1, 40, 60, 2}}, sizes());
  EXPECT_THAT(plan.stretches, ElementsAre(TrackStretch{0, 0, 10, 0, 5}, TrackStretch{0, 95, 100, 1, 0}, TrackStretch{1, 0, 10, 2, 10},
                                          TrackStretch{1, 40, 50, 2, 0}));
}

TEST(AttributionTrack, NoWindowIsNoStretch) { EXPECT_THAT(cut_halfway({}, sizes()).stretches, IsEmpty()); }

}  // namespace
}  // namespace basewise::interpret::detail
