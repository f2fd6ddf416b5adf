// Sets of positives and negatives: where they come from and how they are split.
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/data/build.h"
#include "basewise/data/detail/test_support.h"
#include "tests/support/error_text.h"

namespace basewise::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing_support::equal;
using testing_support::letters_of;
using testing_support::random_letters;

std::filesystem::path file(const std::string& name, const std::string& text) {
  return testing_support::make_file("binary", name, text, testing::TempDir());
}

DataSplits build(const std::string& toml, std::uint64_t seed = 1) {
  DataOptions options;
  read_toml(described(options), toml, "recipe.toml");
  return build_data(options, seed);
}

// Peaks on four chromosomes as FASTA with places in its headers.
std::string peaks(const std::string& extra = "") {
  std::string text;
  const char* names[] = {"chr1", "chr2", "chr3", "chrX"};
  for (std::uint64_t i = 0; i < 20; ++i) text += format(">{}:{}-{}\n{}\n", names[i % 4], 100 * i, 100 * i + 31, random_letters(31, i));
  return format("kind = \"fasta\"\nfasta.all_positive = true\nfasta.file = \"{}\"\nsplit.by = \"chromosome\"\n",
                file("peaks.fa", text + extra).string());
}

TEST(BinaryBuild, FastaIsSplitByTheChromosomesOfItsNames) {
  const DataSplits splits =
      build(peaks() +
            "split.validation_chromosomes = [\"1\"]\nsplit.test_chromosomes = [\"chr2\"]\nnegatives = {kind = \"shuffled\", ratio = 3}\n");
  EXPECT_EQ(splits.train->size(), 40);
  EXPECT_EQ(splits.validation->size(), 20);
  EXPECT_EQ(splits.test->size(), 20);
  EXPECT_EQ(splits.target()->channels, (std::vector<std::string>{"positive"}));
  EXPECT_EQ(letters_of(splits.validation->get(1, Stream(0)).at("sequence")), random_letters(31, 4));
  for (std::int64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(splits.test->positive(i), i < 5);
    EXPECT_EQ(splits.test->get(i, Stream(0)).at("labels").item<float>(), i < 5 ? 1 : 0);
  }
}

TEST(BinaryBuild, NamesWithoutAPlaceAreErrors) {
  for (const std::string name : {"peak_7", "chr1:17", "chr1:a-b", ":1-9", "chr1:10-"})
    EXPECT_THAT(error_text([&] { build(peaks(format(">{}\n{}\n", name, random_letters(31, 99)))); }),
                HasSubstr(format("peaks.fa: sequence 21 is named '{}'; a split by chromosome needs names such as chr2:1000-1100", name)));
  EXPECT_EQ(build(peaks(">chr5:10-41(-)\n" + random_letters(31, 99) + "\n")).train->size(), 21);
  EXPECT_THAT(error_text([&] { build(peaks() + "split.test_chromosomes = [\"chr9\"]\n"); }), HasSubstr("no sequence lies on 'chr9'"));
  EXPECT_THAT(error_text([&] { build(peaks() + "fasta.label_key = \"y\"\n"); }), HasSubstr("more than one is given"));
}

TEST(BinaryBuild, NegativesStayWhereTheyAreNotDrawnAnew) {
  const auto negative = [](const DataSplits& splits, std::uint64_t draw) { return splits.train->get(25, Stream(draw)); };
  const std::string toml = peaks() + "negatives.kind = \"shuffled\"\n";
  EXPECT_FALSE(equal(negative(build(toml), 1), negative(build(toml), 2)));
  const std::string fixed = toml + "negatives.redraw = false\ndata_seed = 5\n";
  EXPECT_THAT(error_text([&] { build(fixed); }), HasSubstr("data_seed"));
  const DataSplits a = build(toml + "negatives.redraw = false\nseed = 5\n", 1);
  EXPECT_TRUE(equal(negative(a, 1), negative(a, 2)));
  EXPECT_TRUE(equal(negative(a, 1), negative(build(toml + "negatives.redraw = false\nseed = 5\n", 2), 1))) << "by the seed of the data";
}

TEST(BinaryBuild, ATestSetOfItsOwnFileKeepsItsLabels) {
  std::string text = "id\tseq\ty\n";
  std::string test = text;
  for (std::uint64_t i = 0; i < 10; ++i) text += format("p{}\t{}\t1\n", i, random_letters(21, i));
  for (std::uint64_t i = 0; i < 6; ++i) test += format("t{}\t{}\t{}\n", i, random_letters(21, 50 + i), i % 2);
  const std::string toml = format(
      "kind = \"table\"\ntable = {{file = \"{}\", test_file = \"{}\", sequence = \"seq\", name = \"id\", labels = [\"y\"]}}\n"
      "split.validation_fraction = 0.2\nnegatives = {{kind = \"shuffled\", sets = [\"train\", \"validation\"]}}\n",
      file("a.tsv", text).string(), file("b.tsv", test).string());
  const DataSplits splits = build(toml + "split.test_fraction = 0\n");
  EXPECT_EQ(splits.train->size(), 16);
  EXPECT_EQ(splits.validation->size(), 4);
  ASSERT_EQ(splits.test->size(), 6);
  for (std::int64_t i = 0; i < 6; ++i) {
    const Bundle example = splits.test->get(i, Stream(0));
    EXPECT_EQ(example.at("labels").item<float>(), static_cast<float>(i % 2));
    EXPECT_EQ(letters_of(example.at("sequence")), random_letters(21, 50 + static_cast<std::uint64_t>(i)));
  }
  EXPECT_EQ(splits.inputs.size(), 2U);
  EXPECT_EQ(build(toml).validation->size(), 4) << "the fraction that nobody asked for is none";
  EXPECT_THAT(error_text([&] { build(toml + "split.test_fraction = 0.2\n"); }),
              HasSubstr("table.test_file gives the test set, and split.test_fraction = 0.2 asks for a share of the other sequences"));
  EXPECT_THAT(error_text([&] { build(toml + "split.by = \"chromosome\"\n"); }), HasSubstr("needs names such as chr2:1000-1100"));
  file("b.tsv", "id\tseq\ty\nt0\t" + random_letters(22, 3) + "\t1\n");
  EXPECT_THAT(error_text([&] { build(toml + "split.test_fraction = 0\n"); }), HasSubstr("b.tsv:2: the sequence has 22 bases, expected 21"));
}

TEST(BinaryBuild, SetsOfNegativesAreChecked) {
  EXPECT_THAT(error_text([&] { build(peaks() + "negatives = {kind = \"shuffled\", sets = [\"dev\"]}\n"); }),
              AllOf(HasSubstr("negatives.sets"), HasSubstr("\"dev\""), HasSubstr("train, validation, test")));
}

TEST(BinaryBuild, NegativesAroundPlacesOfAnotherFile) {
  const auto fasta = file("g.fa", ">1\n" + random_letters(3000, 1) + "\n>2\n" + random_letters(2000, 2) + "\n");
  const auto sites = file("sites.bed", "chr1\t500\t600\nchr1\t1500\t1600\nchr2\t700\t800\n");
  const auto others = file("others.bed", "chr1\t900\t901\nchr1\t1000\t1001\nchr2\t300\t301\nchr2\t5\t6\nchr1\t2000\t2001\n");
  const std::string toml = format(
      "kind = \"genome\"\ncheck_duplicates = false\ngenome = {{fasta = \"{}\", window = 40, sites.file = \"{}\"}}\nsplit = {{by = "
      "\"chromosome\", "
      "test_chromosomes = [\"2\"]}}\nnegatives.kind = \"places\"\n",
      fasta.string(), sites.string());
  const DataSplits splits = build(toml + format("negatives.places.file = \"{}\"\n", others.string()));
  EXPECT_EQ(splits.train->size(), 5);
  EXPECT_EQ(splits.test->size(), 2) << "the window around base 5 leaves the chromosome";
  EXPECT_EQ(splits.validation->size(), 0);
  std::map<std::int64_t, float> labels;
  for (std::int64_t i = 0; i < 5; ++i) {
    const Bundle example = splits.train->get(i, Stream(0));
    labels[example.at("position").item<std::int64_t>() + 20] = example.at("labels").item<float>();
    EXPECT_EQ(splits.train->positive(i), i < 2);
  }
  EXPECT_EQ(labels, (std::map<std::int64_t, float>{{550, 1}, {1550, 1}, {900, 0}, {1000, 0}, {2000, 0}}));
  EXPECT_THAT(splits.summary, HasSubstr("1 windows of negatives were left out: they leave their chromosome"));
  EXPECT_THAT(splits.summary, HasSubstr("2 around sites, 3 around other places"));
  EXPECT_THAT(error_text([&] { build(toml); }), HasSubstr("negatives.places: the option 'file' is missing"));
}

TEST(BinaryBuild, TrainingSetsWithoutRandomChanges) {
  DataOptions o;
  read_toml(described(o), peaks() + "augment = {reverse_complement = 0.5, jitter = 3}\n", "recipe.toml");
  const DataSplits random = build_data(o, 1);
  o.augment.random = false;
  const DataSplits plain = build_data(o, 1);
  std::set<std::string> seen;
  for (std::uint64_t k = 0; k < 400; ++k) {
    seen.insert(letters_of(random.train->get(0, Stream(k)).at("sequence")));
    EXPECT_EQ(letters_of(plain.train->get(0, Stream(k)).at("sequence")), random_letters(31, 0).substr(3, 25));
  }
  EXPECT_EQ(seen.size(), 14U) << "seven places on two strands";
}

}  // namespace
}  // namespace basewise::data
