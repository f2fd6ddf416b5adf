#include "basewise/data/profile_data.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/packed_track.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::random_letters;

using Counts = std::vector<float>;

std::filesystem::path track(const std::string& name, const std::string& chrom, const Counts& values) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / ("basewise_profile_" + name + ".bw");
  io::BigWigWriter writer(path, {{chrom, static_cast<std::int64_t>(values.size())}});
  writer.add_run(chrom, 0, values);
  writer.close();
  return path;
}

// A genome of two chromosomes under one name in FASTA, another in BED and tracks.
class ProfileBuild : public testing::Test {
 protected:
  ProfileBuild() {
    const auto file = [](const std::string& name, const std::string& text) {
      return testing_support::make_file("profile", name, text, testing::TempDir()).string();
    };
    const std::string fasta = file("g.fa", ">I\n" + random_letters(3000, 1) + "\n>II\n" + random_letters(2000, 2) + "\n");
    Counts plus(3000, 0);
    Counts minus(3000, 0);
    for (std::size_t at = 100; at < 3000; at += 200) plus[at] = 9;
    for (std::size_t at = 110; at < 3000; at += 400) minus[at] = 12;
    const std::string bed =
        file("sites.bed", "chrI\t1000\t1001\nchrI\t1480\t1481\nchrI\t2000\t2001\nchrI\t20\t21\nII\t700\t701\nchrI\t1000\t1001\n");
    toml = format(
        "kind = \"profile\"\ngenome.fasta = \"{}\"\ngenome.sites.file = \"{}\"\nprofile.target.plus = \"{}\"\nprofile.target.minus = "
        "\"{}\"\n"
        "profile.input = 120\nprofile.output = 100\nsplit.by = \"ranges\"\n"
        "split.validation_ranges = [{{chromosome = \"I\", start = 1500, end = 1900}}]\n"
        "split.test_ranges = [{{chromosome = \"I\", start = 1900}}]\n",
        fasta, bed, track("build_plus", "chrI", plus).string(), track("build_minus", "chrI", minus).string());
  }
  DataSplits build(const std::string& more) const {
    DataOptions options;
    read_toml(described(options), toml + more, "recipe.toml");
    return build_data(options, 1);
  }
  std::string toml;
};

TEST_F(ProfileBuild, WindowsAroundSitesUnderOtherNames) {
  const DataSplits splits = build("augment.jitter = 30\n");
  EXPECT_EQ(splits.train->size(), 1) << "1480 reaches into the validation range";
  EXPECT_EQ(splits.validation->size(), 0);
  EXPECT_EQ(splits.test->size(), 1);
  EXPECT_EQ(splits.target()->name, "profile");
  EXPECT_EQ(splits.target()->bin, 1);
  EXPECT_EQ(splits.inputs.size(), 4U);
  const auto translated = [](const std::string& file) {
    return HasSubstr("target: basewise_profile_build_" + file + ".bw: 1 name is translated, such as 'chrI' to 'I'");
  };
  EXPECT_THAT(splits.notes, ElementsAre(translated("plus"), translated("minus"), HasSubstr("5 sites"),
                                        "1 windows were left out: they leave their chromosome",
                                        HasSubstr("1 windows were left out: a track lacks their chromosome: "),
                                        "1 windows were left out: they lie across a border between sets",
                                        HasSubstr("train: 1 of 1 windows have no read at all"),
                                        HasSubstr("test: 1 of 1 windows have no read at all")));
  EXPECT_THAT(splits.left_out, ElementsAre(HasSubstr("leave"), HasSubstr("lacks"), HasSubstr("across")));
  EXPECT_TRUE(equal(splits.test->get(0, Stream(1)), splits.test->get(0, Stream(2))));
  EXPECT_FALSE(equal(splits.train->get(0, Stream(1)), splits.train->get(0, Stream(2))));
  EXPECT_EQ(splits.test->get(0, Stream(1)).at("position").item<std::int64_t>(), 1950);
}

TEST_F(ProfileBuild, WindowsAroundSignal) {
  const DataSplits splits =
      build("profile.centres = \"signal\"\nprofile.clusters = {min_count = 9, distance = 20}\ncheck_duplicates = false\n");
  // One place in 200 bases from 100 on: 100 to 1300 train; 1700 validates; 2100 to 2900 test;
  // 1500 and 1900 lie across.
  EXPECT_EQ(splits.train->size(), 7);
  EXPECT_EQ(splits.validation->size(), 1);
  EXPECT_EQ(splits.test->size(), 5);
  EXPECT_EQ(splits.train->get(0, Stream(0)).at("position").item<std::int64_t>(), 60) << "12 reads at 110 are more than 9 at 100";
  EXPECT_EQ(splits.train->get(1, Stream(0)).at("position").item<std::int64_t>(), 250);
  EXPECT_THAT(splits.notes, ElementsAre(HasSubstr("build_plus.bw: 1 name is translated"), HasSubstr("build_minus.bw: 1 name is translated"),
                                        "15 places with many reads", "2 windows were left out: they lie across a border between sets"));
  EXPECT_EQ(build("profile.centres = \"signal\"\nprofile.min_reads = 20\ncheck_duplicates = false\n").train->size(), 4);
}

TEST_F(ProfileBuild, CentresAreScatteredOnceInAllSets) {
  const std::string signal = "profile.centres = \"signal\"\nprofile.clusters = {min_count = 9, distance = 20}\ncheck_duplicates = false\n";
  const DataSplits still = build(signal);
  const DataSplits moved = build(signal + "profile.scatter = 30\n");
  std::set<std::int64_t> shifts;
  // Sets differ where a window crosses a border now; those of the test set start far from any.
  ASSERT_GE(moved.test->size(), 4);
  for (std::int64_t i = 1; i <= 3; ++i) {
    const auto last = [&](const DataSplits& splits) {
      return splits.test->get(splits.test->size() - i, Stream(7)).at("position").item<std::int64_t>();
    };
    shifts.insert(last(moved) - last(still));
    EXPECT_EQ(last(moved), last(build(signal + "profile.scatter = 30\n")));
  }
  EXPECT_EQ(shifts.size(), 3U);
  EXPECT_GE(*shifts.begin(), -30);
  EXPECT_LE(*shifts.rbegin(), 30);
}

TEST_F(ProfileBuild, ErrorsNameTheOption) {
  EXPECT_THAT(error_text([&] { build("negatives.kind = \"random\"\n"); }), HasSubstr("windows with counts at every base have none"));
  EXPECT_THAT(error_text([&] { build("train_label_noise = 0.1\n"); }), HasSubstr("windows of a genome have none of it"));
  DataOptions options;
  read_toml(described(options), toml, "recipe.toml");
  options.genome.sites.file = {};
  EXPECT_THAT(error_text([&] { build_data(options, 1); }), HasSubstr("centres = \"sites\" needs genome.sites.file"));
  options.profile.control.plus = options.profile.target.plus;
  EXPECT_THAT(error_text([&] { build_data(options, 1); }), HasSubstr("profile.control: the option 'minus' is missing"));
  options.profile.input = 131;
  EXPECT_THAT(error_text([&] { build_data(options, 1); }),
              HasSubstr("100 bases with counts do not stand in the middle of 131"));
  options.genome.tracks.files = {"a.bw"};
  EXPECT_THAT(error_text([&] { build_data(options, 1); }), HasSubstr("genome.tracks: profiles read profile.target"));
}

}  // namespace
}  // namespace basewise::data
