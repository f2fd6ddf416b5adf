#include "basewise/interpret/planted.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/interpret/detail/planted_text.h"
#include "tests/support/error_text.h"

namespace basewise::interpret {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Planted : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / "basewise_planted";
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    // The second "Two" is not the one that counts. Column 1 of "Nkx2-5" tells nothing.
    write_file(folder_ / "m.txt", ">M1\tTwo\nA [ 8 0 ]\nC [ 0 8 ]\nG [ 0 0 ]\nT [ 0 0 ]\n>M2\tTwo\nA [ 2 ]\nC [ 2 ]\nG [ 2 ]\nT [ 2 ]\n"
                                  ">M3\tNkx2-5\nA [ 4 2 0 ]\nC [ 0 2 0 ]\nG [ 0 2 8 ]\nT [ 4 2 0 ]\n");
  }
  void TearDown() override { fs::remove_all(folder_); }

  PlantedTruth read(const std::string& rows) const {
    write_file(folder_ / "t.tsv", "sequence\tplanted\n" + rows);
    return PlantedTruth::read(folder_ / "t.tsv", folder_ / "m.txt");
  }
  std::string error(const std::string& rows) const {
    return error_text<DataError>([&] { return read(rows); });
  }

  fs::path folder_;
};

TEST_F(Planted, TextsAreTakenApart) {
  const auto all = detail::parse_planted("29-40:Nkx2-5-;67-78:Ahr::Arnt+");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "Nkx2-5");
  EXPECT_TRUE(all[0].reverse);
  EXPECT_EQ(all[1].name, "Ahr::Arnt");
  EXPECT_EQ(all[1].start, 67);
  EXPECT_EQ(all[1].end, 78);
  EXPECT_FALSE(all[1].reverse);
  EXPECT_TRUE(detail::parse_planted("").empty());
  for (const char* bad : {"29-40", "29-40:Gabpa", "29:Gabpa+", "40-29:Gabpa+", "a-40:Gabpa+", "1-2:+", ";"})
    EXPECT_THAT(error_text<DataError>([&] { return detail::parse_planted(bad); }), HasSubstr("expected START-END:NAME and the strand"))
        << bad;
}

TEST_F(Planted, InformationIsThatOfTheMatrixThatWasSampled) {
  const PlantedTruth truth = read("AAACTTTTG\t1-3:Two+;5-8:Nkx2-5-\nCCCCC\t\n");
  const auto bits = truth.information("AAACTTTTG");
  ASSERT_EQ(bits.size(), 9u);
  const double expected[] = {0, 2, 2, 0, 0, 2, 0, 1, 0};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(bits[i], expected[i], 1e-8) << i;
  EXPECT_THAT(truth.labels("AAACTTTTG"), ElementsAre(0, 1, 1, 0, 0, 1, 0, 1, 0));
  EXPECT_THAT(truth.labels("AAACTTTTG", 1.5), ElementsAre(0, 1, 1, 0, 0, 1, 0, 0, 0));
  EXPECT_THAT(truth.labels("CCCCC"), ElementsAre(0, 0, 0, 0, 0));
  const auto matrices = truth.matrices();
  ASSERT_EQ(matrices.size(), 2u);
  EXPECT_EQ(matrices[0].name, "M3");
  EXPECT_EQ(matrices[1].name, "M1");
}

TEST_F(Planted, WhatDoesNotFitIsAnError) {
  EXPECT_THAT(error("ACGT\t0-2:Three+\n"), HasSubstr("t.tsv:2: " + (folder_ / "m.txt").string() + " has no motif 'Three'"));
  EXPECT_THAT(error("ACGT\t\nAAAA\t0-3:Two+\n"), HasSubstr("t.tsv:3: motif 'Two' is planted over 3 bases, and has 2 columns"));
  EXPECT_THAT(error("ACGT\t3-5:Two+\n"), HasSubstr("motif 'Two' ends at 5, behind the 4 letters"));
  EXPECT_THAT(error("ACGT\t3-5Two+\n"), HasSubstr("t.tsv:2: planted motif '3-5Two+'"));
  EXPECT_THAT(error_text<DataError>([&] { return read("ACGT\t\n").labels("ACGG"); }), HasSubstr("t.tsv does not have the sequence ACGG"));
  write_file(folder_ / "t.tsv", "sequence\tlabel\nACGT\t1\n");
  EXPECT_THAT(error_text<DataError>([&] { return PlantedTruth::read(folder_ / "t.tsv", folder_ / "m.txt"); }), HasSubstr("planted"));
}

}  // namespace
}  // namespace basewise::interpret
