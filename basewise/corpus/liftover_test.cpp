#include "basewise/corpus/liftover.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using testing::HasSubstr;

constexpr std::string_view kHeading = "old_start\told_end\tadd\n";

TEST(Liftover, AddsAConstantInEachStretch) {
  const Liftover lift({{0, 10, 0}, {10, 15, 7}, {20, 30, -4}});
  EXPECT_EQ(lift.lift(0), 0);
  EXPECT_EQ(lift.lift(9), 9);
  EXPECT_EQ(lift.lift(10), 17);
  EXPECT_EQ(lift.lift(14), 21);
  EXPECT_EQ(lift.lift(15), std::nullopt) << "deleted";
  EXPECT_EQ(lift.lift(20), 16);
  EXPECT_EQ(lift.lift(29), 25);
  EXPECT_EQ(lift.lift(30), std::nullopt);
  EXPECT_EQ(lift.lift(-1), std::nullopt);
}

TEST(Liftover, TablesCountFromOne) {
  const testing_files::Folder folder;
  const auto path = folder.file("l.tsv", "# old to new\nadd\told_start\told_end\twhy\n0\t1\t9\t\n5\t10\t37\tan insertion\n");
  const Liftover lift = read_liftover(path);
  EXPECT_EQ(std::vector(lift.stretches().begin(), lift.stretches().end()), (std::vector<LiftedStretch>{{0, 9, 0}, {9, 37, 5}}));
}

// The lengths of both assemblies, and the two insertion sequences with their target duplications (8
// and 4 bases).
TEST(Liftover, OfTheTwoAssembliesOfEscherichiaColi) {
  const Liftover lift = read_liftover("recipes/dna_transformer/U00096.2_to_NC_000913.3.tsv");
  EXPECT_EQ(lift.lift(0), 0);
  EXPECT_EQ(*lift.lift(4'639'674) + 1, 4'641'652) << "the last base of both";
  EXPECT_EQ(lift.lift(4'639'675), std::nullopt);
  EXPECT_EQ(*lift.lift(257'907) - *lift.lift(257'906), 1 + 768 + 8);
  EXPECT_EQ(*lift.lift(1'298'721) - *lift.lift(1'298'720), 1 + 1195 + 4);
  EXPECT_EQ(*lift.lift(3'558'477) - *lift.lift(3'558'476), 0) << "a base less";
}

TEST(Liftover, IsThatOfTheSharedData) {
  const auto path = testing_files::shared_data("ecoli_tss/derived_open/liftover_U00096.2_to_NC_000913.3.tsv");
  if (!path) GTEST_SKIP() << "no ecoli_tss/derived_open/liftover_U00096.2_to_NC_000913.3.tsv in the shared data";
  const testing_files::Folder folder;
  std::string text = read_file(*path);
  text.replace(text.find("\toffset\t"), 8, "\tadd\t");
  const Liftover shared = read_liftover(folder.file("shared.tsv", text));
  const Liftover ours = read_liftover("recipes/dna_transformer/U00096.2_to_NC_000913.3.tsv");
  EXPECT_EQ(std::vector(shared.stretches().begin(), shared.stretches().end()),
            std::vector(ours.stretches().begin(), ours.stretches().end()));
}

TEST(Liftover, WhatIsNoLiftoverIsRefusedWithItsLine) {
  const testing_files::Folder folder;
  const auto error = [&](const std::string& rows) {
    return error_text<DataError>([&] { read_liftover(folder.file("x.tsv", std::string(kHeading) + rows)); });
  };
  EXPECT_THAT(error("1\t10\t0\n8\t20\t5\n"), HasSubstr("x.tsv:3: old positions 8 to 20 overlap 1 to 10"));
  EXPECT_THAT(error("11\t20\t5\n1\t10\t0\n"),
              HasSubstr("x.tsv:3: old positions 1 to 10 stand behind 11 to 20; expected stretches in rising order"));
  EXPECT_THAT(error("0\t10\t0\n"), HasSubstr("x.tsv:2: old_start is 0; positions count from 1"));
  EXPECT_THAT(error("10\t9\t0\n"), HasSubstr("x.tsv:2: old_end 9 lies before old_start 10"));
  EXPECT_THAT(error("1\t9\tmany\n"), HasSubstr("x.tsv:2: column 'add': 'many' is no whole number"));
  EXPECT_THAT(error("1\t9000000000000000000\t0\n"), HasSubstr("x.tsv:2: column 'old_end': 9000000000000000000 is no position"));
  EXPECT_THAT(error(""), HasSubstr("x.tsv: there is no stretch in the table"));
  EXPECT_THAT(error_text<DataError>([&] { read_liftover(folder.file("y.tsv", "old_start\told_end\toffset\n1\t2\t0\n")); }),
              HasSubstr("no column 'add'"));
  EXPECT_THAT(error_text<ArgumentError>([] { return Liftover({{0, 5, 0}, {4, 9, 1}}); }),
              HasSubstr("liftover: old positions 5 to 9 overlap 1 to 5"));
}

}  // namespace
}  // namespace basewise::corpus
