#include "basewise/prepare/contigs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/prepare/contig_split.h"
#include "basewise/prepare/detail/python_random.h"
#include "basewise/prepare/model_windows.h"
#include "tests/support/error_text.h"

namespace basewise::prepare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const seq::ChromSizes kSizes({{"chr1", 1000}, {"chr2", 310}, {"chr10", 90}});

seq::Interval on(const std::string& chrom, std::int64_t start, std::int64_t end) { return {chrom, start, end}; }

TEST(Contigs, AreChromosomesWithoutGaps) {
  const auto contigs = contigs_without_gaps(
      kSizes, {on("chr1", 900, 1000), on("chr1", 0, 10), on("chr1", 300, 320), on("chr1", 310, 340), on("chr10", 0, 90)});
  EXPECT_THAT(contigs, ElementsAre(Contig{0, 0, 10, 300}, Contig{0, 0, 340, 900}, Contig{0, 1, 0, 310}));
}

TEST(Contigs, LimitedToRegions) {
  const std::vector<Contig> contigs = {{0, 0, 10, 300}, {0, 0, 340, 900}, {0, 1, 0, 310}};
  EXPECT_THAT(
      limited_to(contigs, {on("chr2", 305, 400), on("chr1", 0, 20), on("chr1", 250, 350), on("chr1", 260, 345), on("chr1", 899, 950)},
                 kSizes),
      ElementsAre(Contig{0, 0, 10, 20}, Contig{0, 0, 250, 300}, Contig{0, 0, 340, 350}, Contig{0, 0, 899, 900}, Contig{0, 1, 305, 310}));
  EXPECT_THAT(limited_to(contigs, {}, kSizes), IsEmpty());
}

TEST(PeakRegions, AreWholeBinsAroundPeaks) {
  // The first: widened from 4 to 20 bases (92 to 112), by 30 to both sides: 80 bases, 4 bins.
  EXPECT_THAT(peak_regions({on("chr1", 100, 104)}, 20, 30), ElementsAre(on("chr1", 62, 142)));
  // 53 + 60 bases are 5.65 bins: 6, around 256.
  EXPECT_THAT(peak_regions({on("chr1", 230, 283)}, 20, 30), ElementsAre(on("chr1", 196, 316)));
  // Two that touch behind the crop are one; halves go to the even number (170 bases: 8.5 bins, 130:
  // 6.5).
  EXPECT_THAT(peak_regions({on("chr1", 500, 535), on("chr1", 430, 440)}, 20, 30), ElementsAre(on("chr1", 400, 560)));
  EXPECT_THAT(peak_regions({on("chr1", 500, 570)}, 20, 30), ElementsAre(on("chr1", 475, 595)));
  EXPECT_THAT(peak_regions({on("chr2", 0, 4)}, 20, 30), ElementsAre(on("chr2", 1, 41)));
  // Rounding up made these two overlap (0 to 60 and 58 to 78 around 28 and 68).
  EXPECT_THAT(peak_regions({on("chr1", 0, 55), on("chr1", 57, 77)}, 20, 0), ElementsAre(on("chr1", 0, 77)));
}

// Golden: tests/golden/bins_golden.py, which says its versions in the file.
struct Golden {
  nlohmann::ordered_json all = read_json("tests/golden/bins.json");
  seq::ChromSizes sizes;
  std::vector<seq::Interval> gaps;

  Golden() {
    for (const auto& chrom : all["chroms"]) sizes.add({chrom[0], chrom[1]});
    for (const auto& gap : all["gaps"]) gaps.push_back(on(gap[0], gap[1], gap[2]));
  }

  std::vector<std::string> texts(const std::vector<Contig>& contigs) const {
    std::vector<std::string> list;
    for (const Contig& c : contigs) list.push_back(format("{}:{}-{}", sizes[c.chrom].name, c.start, c.end));
    return list;
  }
};

std::vector<std::string> texts(const nlohmann::ordered_json& list) {
  std::vector<std::string> all;
  for (const auto& c : list) all.push_back(format("{}:{}-{}", c[0].get<std::string>(), c[1].get<int>(), c[2].get<int>()));
  return all;
}

TEST(Contigs, SetsAndWindowsAreThoseOfThePublishedDraws) {
  const Golden golden;
  for (const auto& plan : golden.all["plans"]) {
    const Faults faults = plan["repeated"] ? Faults::repeated : Faults::mended;
    const std::vector<Contig> pieces = broken(contigs_without_gaps(golden.sizes, golden.gaps), plan["longest"], {golden.sizes}, faults);
    EXPECT_EQ(golden.texts(pieces), texts(plan["broken"]));
    NumpyRandom random(plan["seed"].get<std::uint32_t>());
    ContigSets sets = plan["folds"] > 0 ? split_to_folds(alone(pieces), {golden.sizes}, plan["folds"], random)
                                        : split_by_fraction(alone(pieces), {golden.sizes},
                                                            {.validation = plan["validation"], .test = plan["test"]}, random);
    ASSERT_EQ(sets.contigs.size(), plan["sets"].size());
    for (std::size_t i = 0; i < sets.contigs.size(); ++i) {
      sets.contigs[i] = rejoined(sets.contigs[i]);
      EXPECT_EQ(golden.texts(sets.contigs[i]), texts(plan["sets"][i])) << sets.names[i];
    }
    const auto windows = model_windows(sets, {.length = plan["length"],
                                              .stride_train = plan["stride_train"],
                                              .stride_test = plan["stride_test"],
                                              .snap = plan["snap"],
                                              .sample = plan["sample"],
                                              .seed = plan["seed"],
                                              .faults = faults});
    ASSERT_EQ(windows.size(), plan["windows"].size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const auto& expected = plan["windows"][i];
      const Contig& c = windows[i].place;
      ASSERT_EQ(format("{} {} {} {}", golden.sizes[c.chrom].name, c.start, c.end, sets.names[windows[i].set]),
                format("{} {} {} {}", expected[0].get<std::string>(), expected[1].get<int>(), expected[2].get<int>(),
                       expected[3].get<std::string>()));
    }
  }
}

TEST(PythonRandom, IsThatOfPythonForSeedsBeyond32Bits) {
  const auto golden = Golden().all["random"];
  detail::PythonRandom random(golden["seed"]), again(golden["seed"]);
  EXPECT_EQ(random.below(1000), golden["below_1000"][0].get<std::uint32_t>());
  std::vector<int> list = {0, 1, 2, 3, 4, 5, 6, 7, 8};
  again.shuffle(list);
  EXPECT_EQ(list, golden["shuffle_9"].get<std::vector<int>>());
}

TEST(Broken, LosesNothingUnlessFaultsAreRepeated) {
  const std::vector<Contig> contigs = {{0, 0, 0, 1000}, {0, 1, 0, 310}, {0, 2, 0, 90}};
  EXPECT_EQ(total_length(broken(contigs, 250, {kSizes})), 1400);
  EXPECT_EQ(total_length(broken(contigs, 250, {kSizes}, Faults::repeated)), 1150);
  for (const Contig& c : broken(contigs, 7, {kSizes})) EXPECT_LE(c.length(), 7);
  EXPECT_THAT(broken({}, 7, {kSizes}), IsEmpty());
}

TEST(Split, ByChromosomes) {
  const std::vector<Contig> contigs = {{0, 0, 0, 500}, {0, 0, 600, 1000}, {0, 1, 0, 310}, {0, 2, 0, 90}};
  const ContigSets sets = split_by_chromosomes(contigs, kSizes, {"10"}, {"chr2"});
  EXPECT_THAT(sets.names, ElementsAre("train", "valid", "test"));
  EXPECT_THAT(sets.contigs[0], ElementsAre(contigs[0], contigs[1]));
  EXPECT_THAT(sets.contigs[1], ElementsAre(contigs[3]));
  EXPECT_THAT(sets.contigs[2], ElementsAre(contigs[2]));
  EXPECT_THAT(error_text<ArgumentError>([&] { return split_by_chromosomes(contigs, kSizes, {"chr2"}, {"2"}); }),
              HasSubstr("chromosome chr2 is named for validation and for test"));
  EXPECT_THAT(error_text<DataError>([&] { return split_by_chromosomes(contigs, kSizes, {}, {"chrQ"}); }), HasSubstr("chrQ"));
}

TEST(Split, ComponentsStayTogether) {
  std::vector<std::vector<Contig>> components;
  for (std::int64_t i = 0; i < 40; ++i) components.push_back({{0, 0, i * 20, i * 20 + 20}, {0, 1, i * 5, i * 5 + 5}});
  NumpyRandom random(1);
  const ContigSets sets = split_by_fraction(components, {kSizes}, {.validation = 0.25, .test = 0.25}, random);
  std::size_t all = 0;
  for (const auto& set : sets.contigs) {
    all += set.size();
    for (const Contig& c : set) {
      const Contig partner = c.chrom == 0 ? Contig{0, 1, c.start / 4, c.start / 4 + 5} : Contig{0, 0, c.start * 4, c.start * 4 + 20};
      EXPECT_NE(std::find(set.begin(), set.end(), partner), set.end());
    }
  }
  EXPECT_EQ(all, 80u);
  EXPECT_GT(sets.contigs[1].size(), 8u);
  EXPECT_THAT(error_text<ArgumentError>([&] { return split_by_fraction(components, {kSizes}, {.validation = 0.5, .test = 0.5}, random); }),
              HasSubstr("leave nothing to train"));
  EXPECT_THAT(error_text<ArgumentError>([&] { return split_to_folds(components, {kSizes}, 1, random); }), HasSubstr("must be 2 or more"));
}

TEST(ModelWindows, TheLastOneThatFitsExactlyIsKept) {
  const ContigSets sets{.names = {"train", "valid"}, .contigs = {{{0, 0, 5, 38}}, {{0, 1, 0, 30}}}};
  const auto starts = [&](Faults faults) {
    std::vector<std::int64_t> list;
    for (const ModelWindow& w : model_windows(sets, {.length = 10, .stride_train = 9, .stride_test = 6, .snap = 3, .faults = faults}))
      list.push_back(w.place.start + 100 * static_cast<std::int64_t>(w.set));
    std::sort(list.begin(), list.end());
    return list;
  };
  EXPECT_THAT(starts(Faults::mended), ElementsAre(6, 15, 24, 100, 106, 112, 118));
  EXPECT_THAT(starts(Faults::repeated), ElementsAre(6, 15, 24, 100, 106, 112, 118));
  const ContigSets exact{.names = {"train"}, .contigs = {{{0, 0, 6, 34}}}};
  EXPECT_EQ(model_windows(exact, {.length = 10, .stride_train = 9, .stride_test = 9, .snap = 3}).size(), 3u);
  EXPECT_EQ(model_windows(exact, {.length = 10, .stride_train = 9, .stride_test = 9, .snap = 3, .faults = Faults::repeated}).size(), 2u);
  EXPECT_THAT(
      error_text<ArgumentError>([&] { return model_windows(sets, {.length = 10, .stride_train = 10, .stride_test = 9, .snap = 3}); }),
      HasSubstr("stride_train is 10 bases, which is no multiple of the snap of 3"));
}

TEST(ModelWindows, SplitByChance) {
  const auto windows =
      windows_split_by_chance({{0, 0, 0, 1000}}, {.length = 10, .stride_train = 10, .stride_test = 10}, {.validation = 0.1, .test = 0.255});
  std::vector<std::int64_t> counts(3), starts;
  for (const ModelWindow& w : windows) ++counts[w.set], starts.push_back(w.place.start);
  EXPECT_THAT(counts, ElementsAre(65, 10, 25));
  EXPECT_FALSE(std::is_sorted(starts.begin(), starts.begin() + 65));
  std::sort(starts.begin(), starts.end());
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(starts[i], static_cast<std::int64_t>(i * 10));
}

TEST(UnmappableBins, AreThoseOfTheGolden) {
  for (const auto& one : Golden().all["unmappable"]) {
    std::vector<seq::Interval> stretches;
    for (const auto& s : one["stretches"]) stretches.push_back(on("chr1", s[0], s[1]));
    EXPECT_EQ(unmappable_bins(one["start"], one["end"], one["width"], stretches), one["marked"].get<std::vector<std::uint8_t>>());
  }
}

TEST(UnmappableBins, ATenthOfABin) {
  const auto marked = [](std::int64_t start, std::int64_t end) {
    const std::vector<seq::Interval> stretches = {{"chr1", start, end}};
    return unmappable_bins(100, 160, 20, stretches);
  };
  EXPECT_THAT(marked(118, 122), ElementsAre(1, 1, 0));  // 2 of 20 at either side
  EXPECT_THAT(marked(119, 121), ElementsAre(0, 0, 0));
  EXPECT_THAT(marked(119, 142), ElementsAre(0, 1, 1));
  EXPECT_THAT(marked(0, 1000), ElementsAre(1, 1, 1));
  EXPECT_THAT(marked(160, 170), ElementsAre(0, 0, 0));
}

}  // namespace
}  // namespace basewise::prepare
