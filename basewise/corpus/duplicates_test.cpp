#include "basewise/corpus/duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/random.h"
#include "basewise/seq/alphabet.h"
#include "basewise/seq/reverse_complement.h"

namespace basewise::corpus {
namespace {

using testing::HasSubstr;

std::string random_letters(std::int64_t length, std::uint64_t seed) {
  Stream stream(seed);
  std::string letters;
  for (std::int64_t i = 0; i < length; ++i) letters += "ACGT"[stream.below(4)];
  return letters;
}

TEST(Duplicates, FindsCopiesOnBothStrandsAndNearCopies) {
  std::vector<std::string> train;
  for (std::uint64_t i = 0; i < 20; ++i) train.push_back(random_letters(200, i));
  std::string near = train[7];
  for (const std::size_t at : {50U, 150U}) near[at] = near[at] == 'A' ? 'C' : 'A';
  const std::vector<std::string> test{random_letters(200, 99),       train[3], seq::reverse_complement(train[5]), near,
                                      seq::reverse_complement(near), "ACGT"};
  const DuplicateReport report = find_duplicates(train, test);
  EXPECT_EQ(report.queries, 6);
  EXPECT_EQ(report.exact, 2);
  EXPECT_EQ(report.near, 2);
  EXPECT_EQ(report.skipped, 1);
  ASSERT_EQ(report.examples.size(), 4U);
  EXPECT_EQ(report.examples[1].reference, "sequence 5");
  EXPECT_EQ(report.examples[2].reference, "sequence 7");
  // Two changes spoil 2 x 24 of the 177 words.
  EXPECT_NEAR(report.examples[2].containment, 129.0 / 177, 1e-9);
  EXPECT_THAT(report.to_string("train", "test"),
              HasSubstr("4 of the 6 test sequences also occur in train: 2 exactly (either strand), 2 nearly"));
}

TEST(Duplicates, RandomSequencesShareNothing) {
  std::vector<std::string> a, b;
  for (std::uint64_t i = 0; i < 50; ++i) {
    a.push_back(random_letters(300, i));
    b.push_back(random_letters(300, 1000 + i));
  }
  const DuplicateReport report = find_duplicates(a, b);
  EXPECT_EQ(report.exact + report.near, 0);
  EXPECT_EQ(report.to_string("train", "validation"), "none of the 50 validation sequences occurs in train");
}

TEST(Duplicates, SamplingStillFindsThem) {
  DuplicateOptions options;
  options.max_words = 1000;
  DuplicateIndex index(20'000, options);
  EXPECT_EQ(index.sampling(), 20);
  for (std::uint64_t i = 0; i < 20; ++i) index.add("t" + std::to_string(i), random_letters(1000, i));
  for (std::uint64_t i = 0; i < 10; ++i) index.look_up("q", random_letters(1000, i).substr(100));
  EXPECT_EQ(index.report().near, 10);
}

TEST(Duplicates, UnknownLettersBreakWords) {
  const std::string half = random_letters(100, 1);
  const DuplicateReport report = find_duplicates({half + std::string(100, 'N')}, {std::string(120, 'N'), half + half.substr(0, 20)});
  EXPECT_EQ(report.skipped, 1);
  EXPECT_EQ(report.near, 1);
}

}  // namespace
}  // namespace basewise::corpus
