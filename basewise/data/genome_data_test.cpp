#include "basewise/data/genome_data.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/left_out.h"
#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing_support::random_letters;

// chr1 of 1,000 bases, of which [400, 500) validates and [700, 800) tests; chr2 of 600.
class WindowBuild : public testing::Test {
 protected:
  static std::string file(const std::string& name, const std::string& text) {
    return testing_support::make_file("windows", name, text, testing::TempDir()).string();
  }
  static DataSplits build(const std::string& bed, const std::string& more) {
    const std::string fasta = file("g.fa", ">chr1\n" + random_letters(1000, 1) + "\n>chr2\n" + random_letters(600, 2) + "\n");
    DataOptions options;
    read_toml(described(options),
              format("kind = \"genome\"\ncheck_duplicates = false\ngenome.fasta = \"{}\"\ngenome.sites.file = \"{}\"\ngenome.window = 40\n"
                     "split.by = \"ranges\"\nsplit.validation_ranges = [{{chromosome = \"chr1\", start = 400, end = 500}}]\n"
                     "split.test_ranges = [{{chromosome = \"chr1\", start = 700, end = 800}}]\n{}",
                     fasta, file("sites.bed", bed), more),
              "recipe.toml");
    return build_data(options, 1);
  }
  // Starts of the windows of one example under many draws.
  static std::set<std::int64_t> starts(const Dataset& set, std::int64_t example) {
    std::set<std::int64_t> found;
    for (std::uint64_t draw = 0; draw < 3000; ++draw) found.insert(set.get(example, Stream(draw)).at("position").item<std::int64_t>());
    return found;
  }
};

TEST_F(WindowBuild, JitterNeverCarriesATrainingWindowIntoAnotherSet) {
  const std::string bed = "chr1\t350\t351\nchr1\t600\t601\nchr1\t900\t901\nchr2\t30\t31\n";
  const DataSplits splits = build(bed, "augment.jitter = 90\n");
  ASSERT_EQ(splits.train->size(), 4);
  const auto left = starts(*splits.train, 0), middle = starts(*splits.train, 1), right = starts(*splits.train, 2);
  EXPECT_EQ(*left.begin(), 240) << "330 - 90: nothing is on this side";
  EXPECT_EQ(*left.rbegin(), 360) << "the window ends where validation begins";
  EXPECT_EQ(*middle.begin(), 500);
  EXPECT_EQ(*middle.rbegin(), 660);
  EXPECT_EQ(*right.begin(), 800);
  EXPECT_EQ(*right.rbegin(), 970) << "880 + 90: beyond the end of the chromosome there is no other set";
  const auto other = starts(*splits.train, 3);
  EXPECT_EQ(*other.begin(), -80);
  EXPECT_EQ(*other.rbegin(), 100);
}

TEST_F(WindowBuild, JitterKeepsTheSeparationOfTheSets) {
  const std::string train = "split.train_ranges = [{chromosome = \"chr1\", start = 500, end = 700}]\n";
  const DataSplits close = build("chr1\t600\t601\n", train + "augment.jitter = 90\n");
  EXPECT_EQ(*starts(*close.train, 0).begin(), 500);
  const std::string apart = "split.train_ranges = [{chromosome = \"chr1\", start = 525, end = 675}]\nsplit.separation = 25\n";
  const auto moved = starts(*build("chr1\t600\t601\n", apart + "augment.jitter = 90\n").train, 0);
  EXPECT_EQ(*moved.begin(), 525);
  EXPECT_EQ(*moved.rbegin(), 635);
}

TEST_F(WindowBuild, BackgroundOfTheTrainingSetStaysThereToo) {
  const DataSplits splits = build("chr1\t550\t551\nchr1\t450\t451\n", "augment.jitter = 200\nnegatives = {kind = \"random\", ratio = 9}\n");
  ASSERT_EQ(splits.train->size(), 10);
  for (std::int64_t i = 0; i < splits.train->size(); ++i) {
    const auto chromosome = splits.train->get(i, Stream(0)).at("chromosome").item<std::int64_t>();
    for (const std::int64_t start : starts(*splits.train, i))
      EXPECT_TRUE(chromosome == 1 || start >= 800 || (start >= 500 && start <= 660) || start <= 360) << i << " at " << start;
  }
}

TEST(TrainingRoom, GoesOverTheOriginOfACircle) {
  const seq::ChromSizes sizes({{"ring", 300, true}, {"line", 300, false}}, "g.fa");
  corpus::RegionSplit regions;
  regions.validation = {{"ring", 100, 120, seq::Strand::none}, {"line", 100, 120, seq::Strand::none}};
  regions.test = {{"ring", 200, 210, seq::Strand::none}};
  const detail::TrainingRoom room(regions, sizes, 0);
  const auto bounds = [&](std::size_t chrom, std::int64_t start, std::int64_t end) {
    const corpus::Stretch stretch = room.around(chrom, start, end);
    return std::pair(stretch.low, stretch.high);
  };
  EXPECT_EQ(bounds(0, 20, 40), std::pair(std::int64_t{210 - 300}, std::int64_t{100}));
  EXPECT_EQ(bounds(0, 150, 170), std::pair(std::int64_t{120}, std::int64_t{200}));
  EXPECT_EQ(bounds(0, 250, 270), std::pair(std::int64_t{210}, std::int64_t{400}));
  EXPECT_LT(bounds(1, 20, 40).first, -1000000);
  EXPECT_EQ(bounds(1, 20, 40).second, 100);
  EXPECT_EQ(bounds(1, 150, 170).first, 120);
  EXPECT_GT(bounds(1, 150, 170).second, 1000000);
}

TEST_F(WindowBuild, WindowsThatAreLeftOutAreCountedByReason) {
  const std::string bed = "chr1\t5\t6\nchr1\t995\t996\nchr1\t395\t396\nchr1\t600\t601\nchr2\t300\t301\n";
  EXPECT_THAT(build(bed, "").left_out, ElementsAre("2 windows were left out: they leave their chromosome",
                                                   "1 windows were left out: they lie across a border between sets"));
  const std::string train = "split.train_ranges = [{chromosome = \"chr2\"}]\n";
  EXPECT_THAT(build(bed, train).left_out, ElementsAre("2 windows were left out: they leave their chromosome",
                                                      "1 windows were left out: they lie across a border between sets",
                                                      "1 windows were left out: they lie in none of the sets"));
  EXPECT_THAT(build(bed, "genome.circular_chromosomes = [\"chr1\"]\n").left_out,
              testing::Contains("2 windows were left out: they go over the origin of a circular chromosome"));
}

TEST_F(WindowBuild, AnEmptySetSaysWhatWasLeftOut) {
  const DataSplits splits = build("chr1\t5\t6\nchr1\t995\t996\nchr1\t450\t451\n", "");
  EXPECT_EQ(splits.train->size(), 0);
  EXPECT_EQ(empty_set_text(splits, corpus::SetName::train),
            "the training set is empty; 2 windows were left out: they leave their chromosome; look at [data.split]");
  EXPECT_THAT(empty_set_text(build("chr1\t450\t451\n", ""), corpus::SetName::test), HasSubstr("the test set is empty; sites: "));
}

TEST_F(WindowBuild, ASetWithoutNegativesIsAWarning) {
  testing::internal::CaptureStderr();
  // The window takes all of validation but 30 bases on each side.
  const DataSplits splits = build("chr1\t450\t451\nchr1\t600\t601\n", "negatives.kind = \"random\"\n");
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_THAT(said, HasSubstr("validation: no negatives (random) were found for its 1 sites: auroc cannot be computed there"));
  EXPECT_THAT(said, testing::Not(HasSubstr("train: no negatives")));
  const char* why = "validation: 0 background windows, 1 of 1 could not be matched: of 500 draws 500 met sites or windows drawn before";
  EXPECT_THAT(splits.notes, testing::Contains(HasSubstr(why)));
}

TEST_F(WindowBuild, LengthsHaveBounds) {
  const auto text_of = [](const std::string& more) { return error_text([&] { build("chr1\t600\t601\n", more); }); };
  EXPECT_THAT(text_of("genome.context = 4611686018427387904\n"), HasSubstr("context"));
  EXPECT_THAT(text_of("augment.jitter = 9223372036854775807\n"), HasSubstr("jitter"));
  EXPECT_THAT(text_of("negatives = {kind = \"random\", ratio = 1000000007}\n"), HasSubstr("ratio"));
  EXPECT_THAT(text_of("split.separation = 9223372036854775807\n"), HasSubstr("separation"));
}

}  // namespace
}  // namespace basewise::data
