#include "basewise/corpus/splits.h"

#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/corpus/detail/unwrap.h"
#include "tests/support/error_text.h"

namespace basewise::corpus {
namespace {

using seq::Interval;
using testing::HasSubstr;

seq::ChromSizes two_chromosomes() { return seq::ChromSizes({{"chr1", 1000, false}, {"ring", 300, true}, {"chr3", 70, false}}, "toy.fa"); }

TEST(Splits, ByRangesTheRestTrainsAndCirclesWrap) {
  SplitOptions o{.by = SplitBy::ranges, .validation_ranges = {{"chr1", 100, 200}}, .test_ranges = {{"ring", 250, 340}}};
  const RegionSplit split = split_genome(o, two_chromosomes());
  EXPECT_EQ(split.test, (std::vector<Interval>{{"ring", 0, 40}, {"ring", 250, 300}}));
  EXPECT_EQ(split.validation, (std::vector<Interval>{{"chr1", 100, 200}}));
  EXPECT_EQ(seq::total_length(split.train), 1370 - 90 - 100);
  EXPECT_EQ(split.summary(), "train 1180 bases, validation 100, test 90");
}

TEST(Splits, ByChromosomeAcceptsOtherNames) {
  SplitOptions o{.by = SplitBy::chromosome, .validation_chromosomes = {"3"}, .test_chromosomes = {"ring"}};
  const RegionSplit split = split_genome(o, two_chromosomes());
  EXPECT_EQ(split.validation, (std::vector<Interval>{{"chr3", 0, 70}}));
  EXPECT_EQ(split.train, (std::vector<Interval>{{"chr1", 0, 1000}}));
}

TEST(Splits, FoldFilesMayNameWhatIsNotThere) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "fold_of_more.json";
  const auto split = [&](const char* json) {
    write_file(file, json);
    return split_genome({.by = SplitBy::folds, .folds = file}, two_chromosomes());
  };
  const RegionSplit some = split(R"({"train": ["1", "chr7"], "valid": ["ring"], "test": ["chr8"]})");
  EXPECT_EQ(some.train, (std::vector<seq::Interval>{{"chr1", 0, 1000, seq::Strand::none}}));
  EXPECT_EQ(some.validation, (std::vector<seq::Interval>{{"ring", 0, 300, seq::Strand::none}}));
  EXPECT_TRUE(some.test.empty());
  EXPECT_EQ(some.notes, (std::vector<std::string>{
                            "split: of " + file.string() + " 1 name is translated, such as '1' to 'chr1' of toy.fa",
                            "split: 2 of 4 chromosomes of " + file.string() +
                                " are not used: 'chr7', 'chr8' are not in toy.fa, which has 'chr1', 'ring', 'chr3'"}));
  EXPECT_THAT(error_text([&] { split(R"({"train": ["chr7"], "valid": ["ring"], "test": ["chr1"]})"); }),
              HasSubstr("nothing is left to train on: " + file.string() + " uses 'chr7', toy.fa has 'chr1', 'ring', 'chr3'"));
}

TEST(Splits, FoldFilesOfChromBpnet) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "fold_0.json";
  write_file(file, R"({"train": ["chr1"], "valid": ["chr3"], "test": ["ring"]})");
  const RegionSplit split = split_genome({.by = SplitBy::folds, .folds = file}, two_chromosomes());
  EXPECT_EQ(split.test, (std::vector<Interval>{{"ring", 0, 300}}));
  write_file(file, R"({"train": ["chr1"], "test": []})");
  EXPECT_THAT(error_text([&] { read_fold(file); }), HasSubstr("\"valid\" is missing"));
  write_file(file, R"({"train": )");
  EXPECT_THAT(error_text([&] { read_fold(file); }), HasSubstr("this is no valid JSON"));
  write_file(file, R"({"train": [1], "valid": [], "test": []})");
  EXPECT_THAT(error_text([&] { read_fold(file); }), HasSubstr("holds 1, which is no chromosome name"));
}

// numpy.random.seed(2222); numpy.random.randint(4641652) is the start of the test set of Clauwaert
// et al. 2021.
TEST(Splits, ContiguousStretchesOfACircle) {
  const seq::ChromSizes ecoli({{"NC_000913.3", 4641652, true}}, "ecoli.fa");
  SplitOptions o{.by = SplitBy::contiguous, .validation_fraction = 0.1, .test_fraction = 0.2, .start_seed = 2222};
  const RegionSplit split = split_genome(o, ecoli);
  EXPECT_EQ(split.test, (std::vector<Interval>{{"NC_000913.3", 2738785, 3667115}}));
  EXPECT_EQ(split.validation, (std::vector<Interval>{{"NC_000913.3", 3667115, 4131280}}));
  EXPECT_EQ(split.train, (std::vector<Interval>{{"NC_000913.3", 0, 2738785}, {"NC_000913.3", 4131280, 4641652}}));
  EXPECT_EQ(2 * seq::total_length(split.train), 6'498'314);
  EXPECT_EQ(2 * seq::total_length(split.test), 1'856'660);
  EXPECT_EQ(2 * seq::total_length(split.validation), 928'330);
}

TEST(Splits, ContiguousStretchesGoOverTheOrigin) {
  const seq::ChromSizes ring({{"ring", 300, true}}, "toy.fa");
  SplitOptions o{.by = SplitBy::contiguous, .validation_fraction = 0.1, .test_fraction = 0.2, .start = 270};
  const RegionSplit over = split_genome(o, ring);
  EXPECT_EQ(over.test, (std::vector<Interval>{{"ring", 0, 30}, {"ring", 270, 300}}));
  EXPECT_EQ(over.validation, (std::vector<Interval>{{"ring", 30, 60}}));
  EXPECT_EQ(over.train, (std::vector<Interval>{{"ring", 60, 270}}));
  o.start = 230;
  EXPECT_EQ(split_genome(o, ring).validation, (std::vector<Interval>{{"ring", 0, 20}, {"ring", 290, 300}}));
  EXPECT_THAT(error_text([&] { split_genome(o, two_chromosomes()); }), HasSubstr("needs a genome of one sequence; toy.fa has 3"));
  o.start = 300;
  EXPECT_THAT(error_text([&] { split_genome(o, ring); }), HasSubstr("contiguous stretches from base 300 of ring, which has 300 bases"));
  o = {.by = SplitBy::contiguous, .validation_fraction = 0.5, .test_fraction = 0.5};
  EXPECT_THAT(error_text([&] { split_genome(o, ring); }), HasSubstr("leave a set without any"));
}

TEST(Splits, OverlapIsRefused) {
  SplitOptions o{.by = SplitBy::ranges, .validation_ranges = {{"chr1", 150, 300}}, .test_ranges = {{"chr1", 100, 200}}};
  EXPECT_THAT(error_text([&] { split_genome(o, two_chromosomes()); }),
              HasSubstr("the sets validation and test overlap: chr1 [150, 300) of validation and [100, 200) of test share 50 bases"));
  o = {.by = SplitBy::chromosome, .validation_chromosomes = {"chr1"}, .test_chromosomes = {"1"}};
  EXPECT_THAT(error_text([&] { split_genome(o, two_chromosomes()); }), HasSubstr("share 1000 bases"));
}

TEST(Splits, ContextCountsOnRequestAlsoOverTheOrigin) {
  const RegionSplit split{{{"ring", 10, 100}}, {}, {{"ring", 250, 295}}};
  check_disjoint(split, two_chromosomes());
  check_disjoint(split, two_chromosomes(), 15);
  EXPECT_THAT(error_text([&] { check_disjoint(split, two_chromosomes(), 16); }), HasSubstr("(widened by a context of 16) share 1 bases"));
}

TEST(Splits, SeparationIsAnOption) {
  SplitOptions o{.by = SplitBy::ranges, .test_ranges = {{"chr1", 0, 500}}, .train_ranges = {{"chr1", 510, 1000}}, .separation = 10};
  EXPECT_EQ(split_genome(o, two_chromosomes()).summary(), "train 490 bases, validation 0, test 500");
  o.separation = 11;
  EXPECT_THAT(error_text([&] { split_genome(o, two_chromosomes()); }), HasSubstr("the sets train and test overlap"));
}

TEST(Splits, RangesOutsideAreRefused) {
  SplitOptions o{.by = SplitBy::ranges, .test_ranges = {{"chr1", 900, 1001}}};
  EXPECT_THAT(error_text([&] { split_genome(o, two_chromosomes()); }),
              HasSubstr("the test range [900, 1001) of chr1 does not fit into a linear chromosome of 1000"));
  o.test_ranges = {{"chr9", 0, 10}};
  EXPECT_THAT(error_text([&] { split_genome(o, two_chromosomes()); }), HasSubstr("chr9"));
}

TEST(Splits, FractionsAreExactDisjointAndSeeded) {
  EXPECT_TRUE(rc::check([] {
    const auto n = *rc::gen::inRange<std::int64_t>(0, 300);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const SplitOptions o{.validation_fraction = 0.15, .test_fraction = 0.2};
    const IndexSplit split = split_fraction(o, n, seed);
    std::set<std::int64_t> all;
    for (std::size_t s = 0; s < 3; ++s) all.insert(split[s].begin(), split[s].end());
    RC_ASSERT(static_cast<std::int64_t>(all.size()) == n);
    RC_ASSERT(static_cast<std::int64_t>(split.train.size() + split.validation.size() + split.test.size()) == n);
    RC_ASSERT(static_cast<std::int64_t>(split.test.size()) == n / 5);
    RC_ASSERT(split_fraction(o, n, seed).test == split.test);
  }));
  EXPECT_NE(split_fraction({}, 100, 1).test, split_fraction({}, 100, 2).test);
  EXPECT_THAT(error_text([] { split_fraction({.validation_fraction = 0.6, .test_fraction = 0.6}, 10, 1); }),
              HasSubstr("not exceed 1 together"));
}

TEST(Splits, WordsOfAColumn) {
  const IndexSplit split = split_by_words({"train", "dev", "", "test", "valid", "train"}, "split");
  EXPECT_EQ(split.train, (std::vector<std::int64_t>{0, 5}));
  EXPECT_EQ(split.validation, (std::vector<std::int64_t>{1, 4}));
  EXPECT_EQ(split.left_out, 1);
  EXPECT_THAT(error_text([] { split_by_words({"train", "trane"}, "fold"); }), HasSubstr("row 2 has 'trane' in column 'fold'"));
}

TEST(Splits, ItemsByTheirChromosome) {
  const std::vector<std::string> chroms = {"chr2", "chr1", "chrX", "chr2", "chr3", "chr10"};
  SplitOptions o;
  o.validation_chromosomes = {"1"};
  o.test_chromosomes = {"chr2"};
  IndexSplit split = split_by_chromosome(o, chroms);
  EXPECT_EQ(split.train, (std::vector<std::int64_t>{2, 4, 5}));
  EXPECT_EQ(split.validation, (std::vector<std::int64_t>{1}));
  EXPECT_EQ(split.test, (std::vector<std::int64_t>{0, 3}));
  o.train_chromosomes = {"chr3", "chr10"};
  split = split_by_chromosome(o, chroms);
  EXPECT_EQ(split.train, (std::vector<std::int64_t>{4, 5}));
  EXPECT_EQ(split.left_out, 1);
  o.train_chromosomes = {"chr2"};
  EXPECT_THAT(error_text([&] { split_by_chromosome(o, chroms); }), HasSubstr("the sets train and test both name chromosome chr2"));
  o.train_chromosomes = {"chr4"};
  EXPECT_THAT(error_text([&] { split_by_chromosome(o, chroms); }),
              HasSubstr("no sequence lies on 'chr4', which is to be in train; there are chr2, chr1, chrX, chr3, chr10"));
}

TEST(Splits, IntervalsAcrossABorderBelongToNobody) {
  const RegionSplit split{{{"a", 0, 50}}, {{"a", 50, 70}}, {{"a", 70, 90}}};
  const IndexSplit sets = split_intervals({{"a", 0, 10}, {"a", 45, 55}, {"a", 50, 70}, {"a", 80, 90}, {"b", 0, 5}}, split);
  EXPECT_EQ(sets.train, (std::vector<std::int64_t>{0}));
  EXPECT_EQ(sets.validation, (std::vector<std::int64_t>{2}));
  EXPECT_EQ(sets.test, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(sets.left_out, 2);
}

TEST(Splits, KeysOfAnotherKindAreRefused) {
  const auto read = [](const std::string& toml) {
    SplitOptions o;
    return maybe_error_text([&] { read_toml(described(o), toml, "r.toml"); });
  };
  EXPECT_EQ(read("by = \"chromosome\"\ntest_chromosomes = [\"1\"]\ntest_fraction = 0.2\n"), "");
  EXPECT_THAT(read("by = \"chromosome\"\ncolumn = \"fold\"\n"),
              HasSubstr("column means nothing with by = \"chromosome\"; by = \"column\" uses it"));
  EXPECT_THAT(read("[[test_ranges]]\nchromosome = \"1\"\n"),
              HasSubstr("test_ranges.0.chromosome means nothing with by = \"fraction\"; by = \"ranges\" uses it"));
  EXPECT_THAT(read("by = \"ranges\"\nfolds = \"f.json\"\n"), HasSubstr("by = \"folds\" uses it"));
  EXPECT_THAT(read("by = \"fractions\""), HasSubstr("it must be one of fraction, chromosome, ranges, folds, column"));
}

TEST(Splits, UnwrapKeepsEveryBaseOfACircleOnce) {
  const seq::ChromSizes sizes = two_chromosomes();
  EXPECT_EQ(detail::unwrap({"ring", -20, 30}, sizes), (std::vector<Interval>{{"ring", 0, 30}, {"ring", 280, 300}}));
  EXPECT_EQ(detail::unwrap({"ring", -20, 900}, sizes), (std::vector<Interval>{{"ring", 0, 300}}));
  EXPECT_EQ(detail::unwrap({"chr3", -20, 90}, sizes), (std::vector<Interval>{{"chr3", 0, 70}}));
  EXPECT_TRUE(detail::unwrap({"chr3", 75, 90}, sizes).empty());
}

}  // namespace
}  // namespace basewise::corpus
