#include "basewise/corpus/tiling.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using seq::Interval;
using testing::HasSubstr;

TEST(Tiling, EveryBaseOnceForAnyRegionLengthAndPhase) {
  EXPECT_TRUE(rc::check([] {
    const auto length = *rc::gen::inRange<std::int64_t>(1, 40);
    const auto phase = *rc::gen::inRange<std::int64_t>(0, length);
    std::vector<Interval> regions;
    std::int64_t at = 0;
    for (int r = 0; r < 3; ++r) {
      at += *rc::gen::inRange<std::int64_t>(0, 30);
      const auto n = *rc::gen::inRange<std::int64_t>(0, 100);
      regions.push_back({"a", at, at + n});
      at += n;
    }
    const Tiling tiling(regions, length, true);
    std::map<std::int64_t, int> owned;
    for (std::int64_t i = 0; i < tiling.size(); ++i) {
      const Tile tile = tiling.tile(i, phase);
      RC_ASSERT(tile.owned_start >= tile.start || tile.owned_start == tile.owned_end);
      for (std::int64_t p = tile.owned_start; p < tile.owned_end; ++p) ++owned[p];
    }
    RC_ASSERT(static_cast<std::int64_t>(owned.size()) == seq::total_length(regions));
    for (const auto& [position, times] : owned) RC_ASSERT(times == 1);
  }));
  EXPECT_EQ(Tiling({{"a", 0, 64}, {"a", 70, 71}}, 32, false).size(), 3);
  EXPECT_THAT(error_text([] { Tiling({{"a", 0, 64}}, 32, false).tile(0, 5); }), HasSubstr("phase 5"));
}

}  // namespace
}  // namespace basewise::corpus
