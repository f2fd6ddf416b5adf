#include "basewise/io/fragments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;

std::vector<Fragment> read(const fs::path& path, FragmentFormat format = FragmentFormat::automatic) {
  FragmentReader reader(path, format);
  std::vector<Fragment> all;
  for (Fragment f; reader.next(f);) all.push_back(f);
  return all;
}

TEST(Fragments, OfSingleCells) {
  const Folder folder;
  const std::string text = "# id=x\nchr1\t100\t250\tACGT-1\t3\nchr2\t7\t8\tTTTT-1\t1\n";
  for (const fs::path& path : {folder.file("f.tsv", text), folder.file("f.tsv.gz", gzip(text))}) {
    const auto all = read(path);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].first.chromosome, "chr1");
    EXPECT_EQ(all[0].first.start, 100);
    EXPECT_EQ(all[0].second.end, 250);
    EXPECT_EQ(all[0].first.strand, seq::Strand::forward);
    EXPECT_EQ(all[0].second.strand, seq::Strand::reverse);
    EXPECT_TRUE(all[0].is_pair);
    EXPECT_EQ(all[0].barcode, "ACGT-1");
    EXPECT_EQ(all[0].count, 3);
    EXPECT_EQ(all[1].count, 1);
  }
}

TEST(Fragments, ThreeColumnsAreAFragment) {
  const Folder folder;
  const auto all = read(folder.file("f.bedpe", "chrII\t0\t72\nchrII 8 77\n"));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[1].first.end, 77);
  EXPECT_EQ(all[1].barcode, "");
}

TEST(Fragments, PairsAndReads) {
  const Folder folder;
  const auto pairs = read(folder.file("p.bedpe",
                                      "c\t10\t20\tc\t50\t60\tn\t9\t-\t+\n"
                                      "c\t50\t60\tc\t10\t20\tn\t9\t.\t.\n"
                                      "c\t10\t20\t.\t-1\t-1\tn\t9\t+\t.\n"
                                      "c\t10\t20\td\t5\t6\tn\t9\t+\t-\n"));
  ASSERT_EQ(pairs.size(), 4U);
  EXPECT_EQ(pairs[0].first.strand, seq::Strand::reverse);
  EXPECT_TRUE(pairs[0].is_pair);
  EXPECT_EQ(pairs[1].first.strand, seq::Strand::reverse) << "it lies right";
  EXPECT_EQ(pairs[1].second.strand, seq::Strand::forward);
  EXPECT_EQ(pairs[2].second.chromosome, "");
  EXPECT_FALSE(pairs[2].is_pair || pairs[3].is_pair);
  const auto reads = read(folder.file("r.bed", "c\t10\t20\tn\t0\t-\n"));
  EXPECT_EQ(reads[0].first.strand, seq::Strand::reverse);
  EXPECT_EQ(reads[0].second.chromosome, "");
}

TEST(Fragments, ErrorsSayWhereAndWhat) {
  const Folder folder;
  const auto text = [&](const std::string& bytes, FragmentFormat format = FragmentFormat::automatic) {
    return error_text<DataError>([&, path = folder.file("x.tsv", bytes)] { read(path, format); });
  };
  EXPECT_THAT(text("c\t1\n"), HasSubstr("x.tsv:1: 2 columns; expected at least"));
  EXPECT_THAT(text("c\t1\tx\n"), HasSubstr("x.tsv:1: end 'x' is no whole number"));
  EXPECT_THAT(text("c\t-1\t5\n"), HasSubstr("start -1 is negative"));
  EXPECT_THAT(text("c\t1\t5\nc\t5\t5\n"), HasSubstr("x.tsv:2: end 5 is not behind start 5"));
  EXPECT_THAT(text("c\t1\t5\tb\t0\n"), HasSubstr("number of read pairs 0; expected 1 to 1000000"));
  EXPECT_THAT(text("c\t1\t5\tb\t0\t+\nc\t1\t5\tb\t0\t.\n"), HasSubstr("x.tsv:2: a read without a strand"));
  EXPECT_THAT(text("c\t1\t5\n", FragmentFormat::pairs), HasSubstr("3 columns; bedpe has at least 6"));
  EXPECT_THAT(text("c\t1\t5\tc\t7\t9\tn\t0\tx\t+\n"), HasSubstr("strand 'x'; expected +, - or ."));
}

}  // namespace
}  // namespace basewise::io
