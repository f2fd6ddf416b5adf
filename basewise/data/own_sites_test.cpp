// Validation and test sets whose sites stand in files of their own.
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/site_sets.h"
#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing_support::random_letters;

// chr1 of 1,000 bases and chr2 of 600; windows of 40 around sites of one base.
class OwnSites : public testing::Test {
 protected:
  static std::string file(const std::string& name, const std::string& text) {
    return testing_support::make_file("own_sites", name, text, testing::TempDir()).string();
  }
  static std::string bed(const std::string& name, const std::vector<std::int64_t>& positions, const std::string& chrom = "chr1") {
    std::string text;
    for (const std::int64_t at : positions) text += format("{}\t{}\t{}\tfound\n", chrom, at, at + 1);
    return file(name, text);
  }
  static DataSplits build(const std::string& more, const std::vector<std::int64_t>& test = {10, 700, 760}) {
    const std::string fasta = file("g.fa", ">chr1\n" + random_letters(1000, 1) + "\n>chr2\n" + random_letters(600, 2) + "\n");
    DataOptions options;
    read_toml(described(options),
              format("kind = \"genome\"\ncheck_duplicates = false\ngenome.fasta = \"{}\"\ngenome.window = 40\ngenome.sites.file = \"{}\"\n"
                     "genome.sites.test_file = [\"{}\"]\n{}",
                     fasta, bed("train.bed", {100, 300, 520, 700, 900}), bed("test.bed", test), more),
              "recipe.toml");
    return build_data(options, 1);
  }
  static std::string validation() { return format("genome.sites.validation_file = \"{}\"\n", bed("validation.bed", {500, 750})); }

  // Whether no window of one set shares a base with a window of another.
  static bool apart(const Dataset& a, const Dataset& b) {
    for (std::int64_t i = 0; i < a.size(); ++i)
      for (std::int64_t k = 0; k < b.size(); ++k) {
        const Origin one = a.origin(i), other = b.origin(k);
        if (one.chromosome == other.chromosome && one.start < other.end && other.start < one.end) return false;
      }
    return true;
  }
};

TEST_F(OwnSites, AreTheSetsAndTakeTheirPlaceFromTraining) {
  const DataSplits splits = build(validation());
  EXPECT_EQ(splits.test->size(), 2);
  EXPECT_EQ(splits.validation->size(), 1) << "750 touches a window of the test set";
  EXPECT_EQ(splits.train->size(), 3) << "520 touches a window of validation, 700 is a site of the test set";
  EXPECT_EQ(splits.test->origin(0).start, 680);
  EXPECT_EQ(splits.validation->origin(0).start, 480);
  EXPECT_THAT(splits.left_out, Contains("1 windows of test were left out: they leave their chromosome"));
  EXPECT_THAT(splits.left_out, Contains("1 windows were left out: they lie in windows of a set that has files of its own"));
  EXPECT_THAT(splits.left_out, Contains("1 windows were left out: they lie across a border between sets"));
  EXPECT_THAT(splits.left_out, Contains("1 windows of validation were left out: they lie across a border between sets"));
  EXPECT_EQ(splits.inputs.size(), 4U);
}

TEST_F(OwnSites, HaveNegativesOfTheirOwnThatNoOtherSetSees) {
  for (const std::string kind : {"random", "gc_matched"}) {
    const DataSplits splits = build(validation() + format("negatives = {{kind = \"{}\", ratio = 2, max_n = 1.0}}\n", kind));
    if (kind == "random") {
      EXPECT_EQ(splits.train->size(), 9);
      EXPECT_EQ(splits.validation->size(), 3);
      EXPECT_EQ(splits.test->size(), 6);
    }
    EXPECT_TRUE(apart(*splits.train, *splits.test)) << kind;
    EXPECT_TRUE(apart(*splits.train, *splits.validation)) << kind;
    EXPECT_TRUE(apart(*splits.validation, *splits.test)) << kind;
  }
}

TEST_F(OwnSites, HoldJitterBack) {
  const DataSplits splits = build(validation() + "augment.jitter = 400\n");
  std::set<std::int64_t> starts;
  for (std::int64_t i = 0; i < splits.train->size(); ++i)
    for (std::uint64_t draw = 0; draw < 2000; ++draw)
      starts.insert(splits.train->get(i, Stream(draw)).at("position").item<std::int64_t>());
  for (const std::int64_t start : starts)
    for (const std::int64_t other : {480, 680, 740}) EXPECT_TRUE(start + 40 <= other || start >= other + 40) << start;
  EXPECT_TRUE(starts.contains(440)) << "up to the window of validation";
}

TEST_F(OwnSites, PlacesOfNegativesMayHaveFilesToo) {
  const std::string places = format(
      "negatives = {{kind = \"places\", places = {{file = \"{}\", test_file = \"{}\"}}}}\n", bed("other.bed", {200, 420, 650}),
      bed("other_test.bed", {410}));
  const DataSplits splits = build(places);
  EXPECT_EQ(splits.test->size(), 3);
  EXPECT_EQ(splits.train->size(), 4 + 2) << "700 is a site of the test set, 420 touches a negative of it";
  EXPECT_TRUE(apart(*splits.train, *splits.test));
  EXPECT_FALSE(splits.test->positive(2));
  EXPECT_EQ(splits.test->origin(2).start, 390);
}

TEST_F(OwnSites, LeaveTheOtherSetsToTheSplit) {
  const std::string by_chromosome = "split.by = \"chromosome\"\nsplit.validation_chromosomes = [\"chr2\"]\n";
  const std::string more = format("genome.sites.file = [\"{}\", \"{}\"]\n", bed("one.bed", {100, 900}), bed("two.bed", {50, 90}, "chr2"));
  DataOptions options;
  read_toml(described(options),
            format("kind = \"genome\"\ncheck_duplicates = false\ngenome.fasta = \"{}\"\ngenome.window = 40\n{}genome.sites.test_file = "
                   "\"{}\"\n{}",
                   file("h.fa", ">chr1\n" + random_letters(1000, 1) + "\n>chr2\n" + random_letters(600, 2) + "\n"), more,
                   bed("three.bed", {700}), by_chromosome),
            "recipe.toml");
  const DataSplits splits = build_data(options, 1);
  EXPECT_EQ(splits.train->size(), 2);
  EXPECT_EQ(splits.validation->size(), 2);
  EXPECT_EQ(splits.test->size(), 1);
}

TEST_F(OwnSites, ErrorsSayWhatContradicts) {
  EXPECT_THAT(error_text([] { build("split.by = \"chromosome\"\nsplit.test_chromosomes = [\"chr2\"]\n"); }),
              HasSubstr("genome.sites.test_file gives the test set, and [data.split] has stretches for it"));
  EXPECT_THAT(error_text([] { build("split.test_fraction = 0.3\n"); }), HasSubstr("a genome is split by chromosome, ranges or folds"));
  EXPECT_THAT(error_text([] { build("genome.per_base = true\n"); }), HasSubstr("leave validation_file and test_file empty"));
  EXPECT_THAT(error_text([] {
                build(format("genome.sites.task = \"name\"\ngenome.sites.validation_file = \"{}\"\n",
                             file("named.bed", "chr1\t500\t501\tother\n")));
              }),
              HasSubstr("'other' is no label of the training sites, whose labels are found"));
}

}  // namespace
}  // namespace basewise::data
