#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/prepare/detail/merge_peaks.h"
#include "basewise/prepare/peaks.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;
using detail::Peak;
using testing::ElementsAre;
using testing::HasSubstr;

/// The merge as it is told: look at all neighbours, merge the best pair, begin anew.
std::vector<Peak> plain_merge(std::vector<Peak> peaks, std::int64_t size, std::int64_t least, std::int64_t length) {
  std::sort(peaks.begin(), peaks.end(),
            [](const Peak& a, const Peak& b) { return std::pair(a.start, a.active) < std::pair(b.start, b.active); });
  while (true) {
    std::size_t best = peaks.size();
    std::int64_t largest = least - 1;
    for (std::size_t i = 0; i + 1 < peaks.size(); ++i)
      if (peaks[i].end - peaks[i + 1].start > largest) {
        largest = peaks[i].end - peaks[i + 1].start;
        best = i;
      }
    if (best == peaks.size()) return peaks;
    const Peak a = peaks[best], b = peaks[best + 1];
    const double wa = 1 + static_cast<double>(a.active.size()), wb = 1 + static_cast<double>(b.active.size());
    const double mean = (wa * static_cast<double>(a.start + a.end - 1) / 2 + wb * static_cast<double>(b.start + b.end - 1) / 2) / (wa + wb);
    Peak merged;
    merged.start = std::max<std::int64_t>(0, static_cast<std::int64_t>(0.5 + mean + 1e-9) - size / 2);
    merged.start = std::min(merged.start, length - size);
    merged.end = merged.start + size;
    std::set<std::int32_t> active(a.active.begin(), a.active.end());
    active.insert(b.active.begin(), b.active.end());
    merged.active.assign(active.begin(), active.end());
    peaks[best] = merged;
    peaks.erase(peaks.begin() + static_cast<std::ptrdiff_t>(best) + 1);
  }
}

TEST(MergePeaks, IsThatOfPlainLoops) {
  std::mt19937 draw(9);
  for (const auto& [size, least, length, count] : std::vector<std::array<std::int64_t, 4>>{
           {60, 20, 3000, 100}, {600, 200, 20'000, 300}, {7, 1, 300, 90}, {61, 61, 900, 150}, {10, 3, 10, 5}}) {
    std::vector<Peak> peaks;
    for (std::int64_t i = 0; i < count; ++i) {
      std::vector<std::int32_t> active;
      for (std::int32_t s = 0; s < 5; ++s)
        if (draw() % 3 == 0) active.push_back(s);
      peaks.push_back(detail::around(static_cast<std::int64_t>(draw() % static_cast<std::uint32_t>(length)), size, length, active));
    }
    EXPECT_EQ(detail::merge_peaks(peaks, size, least, length), plain_merge(peaks, size, least, length)) << size;
  }
}

TEST(MergePeaks, ByHand) {
  // Middles 100, 130 and 170 of 100 bases: overlaps 70 and 60. The first two merge with weights 2
  // and 3: (2 * 99.5 + 3 * 129.5) / 5 = 117.5, and so 118; it overlaps the third by 168 - 120 = 48.
  const std::vector<Peak> peaks = {detail::around(100, 100, {}, {0}),
                                   detail::around(130, 100, {}, {0, 2}), detail::around(170, 100, {}, {1})};
  EXPECT_THAT(detail::merge_peaks(peaks, 100, 49, {}), ElementsAre(Peak{68, 168, {0, 2}}, Peak{120, 220, {1}}));
  // with 48: weights 3 and 2, (3 * 117.5 + 2 * 169.5) / 5 = 138.3, and so 138
  EXPECT_THAT(detail::merge_peaks(peaks, 100, 48, {}), ElementsAre(Peak{88, 188, {0, 1, 2}}));
  EXPECT_EQ(detail::around(3, 100, 1000, {}).start, 0);
  EXPECT_EQ(detail::around(990, 100, 1000, {}).start, 900);
}

class MergeSites : public testing::Test {
 protected:
  Folder folder_;
  SiteMergeOptions options_ = {.out = folder_.path() / "sites.bed",
                               .sizes = folder_.file("sizes", "chr1\t5000\nchr2\t900\nchrUn_1\t400\nchrY\t2000\n")};

  SiteMergeResult run(const std::string& samples) {
    options_.samples = folder_.file("samples.txt", samples);
    return merge_sites(options_);
  }
  std::string written(const std::string& name) const { return read_file(folder_.path() / name); }
};

TEST_F(MergeSites, WritesThreeFiles) {
  folder_.file("a.bed", "chr1\t1000\t1200\nchr2\t10\t20\nchrUn_1\t5\t9\nchrY\t800\t810\nchr9\t1\t2\n");
  folder_.file("b.bed", "chr1\t1150\t1250\tx\t0\t.\nchr1\t1000\t1100\tx\t0\t-\n");
  options_.leave_out_y = true;
  const auto r = run("# name file\nA\ta.bed\nB b.bed\n");
  EXPECT_EQ(written("sites.bed"), "chr1\t750\t1350\t.\t1\t-\t1\n" "chr1\t850\t1450\t.\t1\t.\t0,1\n" "chr2\t0\t600\t.\t1\t.\t0\n")
      << "strands apart: [1000, 1200) and [1150, 1250) have middles 1100 and 1200, the mean of 1099.5 and 1199.5 is 1149.5, and so 1150";
  EXPECT_EQ(written("sites_act.txt"), "\tA\tB\nchr1:750-1350(-)\t0\t1\nchr1:850-1450(.)\t1\t1\nchr2:0-600(.)\t1\t0\n");
  EXPECT_EQ(written("sites.tsv"),
            "chromosome\tposition\tstrand\ttask\nchr1\t1050\t-\tB\nchr1\t1150\t.\tA\nchr1\t1150\t.\tB\nchr2\t300\t.\tA\n");
  EXPECT_EQ(r.peaks, 4);
  EXPECT_EQ(r.sites, 3);
  EXPECT_EQ(r.samples[0].sites, 2);
  EXPECT_EQ(r.samples[1].peaks, 2);
  EXPECT_EQ(r.left_out.at("on chromosome Y"), 1);
  EXPECT_EQ(r.left_out.at("on a sequence shorter than a site"), 1);
  EXPECT_EQ(r.left_out.at("on a sequence that the table of sizes lacks"), 1);
  EXPECT_EQ(folder_.count(), 7U) << "nothing else is left";
}

TEST_F(MergeSites, AddsToATable) {
  folder_.file("known.bed", "chr1\t850\t1450\t.\t1\t+\t1,0\nchr1\t3000\t3600\t.\t1\t+\t.\n");
  options_.known = folder_.path() / "known.bed";
  options_.known_activity = folder_.file("known_act.txt", "\tA\tB\nchr1:850-1450(+)\t1\t1\n");
  folder_.file("c.bed", "chr1\t1240\t1260\tx\t0\t+\n");
  const auto r = run("C\tc.bed\n");
  // middles 1149.5 with weight 3 and 1249.5 with weight 2: 1189.5, and so 1190
  EXPECT_EQ(written("sites.bed"), "chr1\t890\t1490\t.\t1\t+\t0,1,2\nchr1\t3000\t3600\t.\t1\t+\t.\n");
  EXPECT_EQ(r.silent, 1);
  EXPECT_THAT(written("sites_act.txt"), HasSubstr("chr1:3000-3600(+)\t0\t0\t0\n"));
  options_.known_activity.clear();
  options_.forget_known = true;
  run("C\tc.bed\n");
  // weights 1 and 2: 1216.17
  EXPECT_EQ(written("sites.bed"), "chr1\t916\t1516\t.\t1\t+\t0\nchr1\t3000\t3600\t.\t1\t+\t.\n");
}

TEST_F(MergeSites, SummitsAndAuxiliarySequences) {
  folder_.file("p.narrowPeak", "chr1\t1000\t2000\ta\t0\t.\t1\t1\t1\t700\nchrUn_1\t100\t110\tb\t0\t.\t1\t1\t1\t-1\n");
  options_.size = 100;
  options_.merge_overlap = 30;
  options_.point = PeakPoint::summit;
  options_.leave_out_auxiliary = true;
  const auto r = run("P\tp.narrowPeak\n");
  EXPECT_EQ(written("sites.bed"), "chr1\t1650\t1750\t.\t1\t.\t0\n");
  EXPECT_EQ(r.left_out.at("on an auxiliary sequence"), 1);
}

TEST_F(MergeSites, ErrorsSayWhereAndWhat) {
  const auto text = [&](const std::string& samples) { return error_text([&] { run(samples); }); };
  EXPECT_THAT(text(""), HasSubstr("names no sample"));
  EXPECT_THAT(text("A\n"), HasSubstr("samples.txt:1: 1 columns; expected two"));
  EXPECT_THAT(text("A\ta.bed\nA\tb.bed\n"), HasSubstr("samples.txt:2: the sample 'A' is there twice"));
  EXPECT_THAT(text("A\tabsent.bed\n"), HasSubstr("absent.bed"));
  folder_.file("a.bed", "chr1\t10\tx\n");
  EXPECT_THAT(text("A\ta.bed\n"), HasSubstr("a.bed:1"));
  folder_.file("a.bed", "");
  EXPECT_THAT(text("A\ta.bed\n"), HasSubstr("no peak of its samples is left"));
  folder_.file("a.bed", "chr1\t10\t20\n");
  options_.merge_overlap = 700;
  EXPECT_THAT(text("A\ta.bed\n"), HasSubstr("merge_overlap: sites of 600 bases cannot overlap by 700"));
  options_.merge_overlap = 200;
  options_.known = folder_.file("k.bed", "chr1\t1\t601\t.\t1\t+\t0,x\n");
  EXPECT_THAT(text("A\ta.bed\n"), HasSubstr("give 'known_activity'"));
  options_.known_activity = folder_.file("k_act.txt", "\tA\tB\n");
  EXPECT_THAT(text("A\ta.bed\n"), HasSubstr("the sample 'A' is in"));
  EXPECT_THAT(text("C\ta.bed\n"), HasSubstr("k.bed:1: column 7 is '0,x'; expected numbers of samples, 0 to 1"));
  options_.out = folder_.path() / "a.bed";
  EXPECT_THAT(text("C\ta.bed\n"), HasSubstr("out"));
  EXPECT_EQ(written("a.bed"), "chr1\t10\t20\n");
}

}  // namespace
}  // namespace basewise::prepare
