#include "basewise/report/binning.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/error.h"
#include "basewise/core/random.h"

namespace basewise::report {
namespace {

TEST(Binning, EachBinHoldsTheMeanAndTheValueFurthestFromZero) {
  EXPECT_TRUE(rc::check("any track, any width", [] {
    const auto length = *rc::gen::inRange<std::size_t>(1, 90);
    const auto width = *rc::gen::inRange<std::int64_t>(1, 40);
    Stream draw(*rc::gen::inRange<std::uint64_t>(0, 1000));
    std::vector<float> values(length);
    for (float& v : values) v = static_cast<float>(draw.normal());
    const BinnedTrack track = bin_track(values, width);
    RC_ASSERT(track.mean.size() == (length + static_cast<std::size_t>(width) - 1) / static_cast<std::size_t>(width));
    double sum = 0, weighted = 0;
    for (std::size_t b = 0; b < track.mean.size(); ++b) {
      const std::size_t first = b * static_cast<std::size_t>(width), last = std::min(length, first + static_cast<std::size_t>(width));
      float peak = 0;
      bool there = false;
      for (std::size_t i = first; i < last; ++i) {
        sum += values[i];
        peak = std::max(peak, std::abs(values[i]));
        there = there || values[i] == track.peak[b];
      }
      RC_ASSERT(there);
      RC_ASSERT(std::abs(track.peak[b]) == peak);
      RC_ASSERT(std::abs(track.mean[b]) <= peak + 1e-6F);
      weighted += track.mean[b] * static_cast<double>(last - first);
    }
    RC_ASSERT(std::abs(sum - weighted) < 1e-4);
  }));
}

TEST(Binning, CoarserBinsOfBinsAreTheBinsOfTheWhole) {
  std::vector<float> values;
  Stream draw(3);
  for (int i = 0; i < 8 * 8 * 7; ++i) values.push_back(static_cast<float>(draw.normal()));
  const BinnedTrack fine = bin_track(values, 8), coarse = bin_track(values, 64);
  EXPECT_EQ(bin_track(fine.peak, 8).peak, coarse.peak);
  const auto again = bin_track(fine.mean, 8).mean;
  for (std::size_t i = 0; i < again.size(); ++i) EXPECT_NEAR(again[i], coarse.mean[i], 1e-6);
}

TEST(Binning, MissingValuesArePassedOver) {
  const float none = std::nanf("");
  const BinnedTrack track = bin_track(std::vector<float>{none, -3, 1, none, none, none, 2}, 3);
  EXPECT_EQ(track.mean[0], -1);
  EXPECT_EQ(track.peak[0], -3);
  EXPECT_TRUE(std::isnan(track.mean[1]));
  EXPECT_TRUE(std::isnan(track.peak[1]));
  EXPECT_EQ(track.mean[2], 2);
}

TEST(Binning, WidthsGrowWhileThereIsEnoughToShow) {
  EXPECT_THAT(zoom_widths(37), ::testing::ElementsAre(1));
  EXPECT_THAT(zoom_widths(8192), ::testing::ElementsAre(1, 8, 64));
  EXPECT_THAT(zoom_widths(799), ::testing::ElementsAre(1));
  EXPECT_THAT(zoom_widths(800), ::testing::ElementsAre(1, 8));
  EXPECT_THROW(bin_track({}, 0), ArgumentError);
}

}  // namespace
}  // namespace basewise::report
