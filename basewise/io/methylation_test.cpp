#include "basewise/io/methylation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

std::vector<MethylationCall> read(const fs::path& path, const MethylationFileOptions& options = {}, ReadReport* report = nullptr) {
  MethylationReader reader(path, options);
  std::vector<MethylationCall> all;
  for (MethylationCall call; reader.next(call);) all.push_back(call);
  if (report) *report = reader.report();
  return all;
}

std::string error_of(const std::string& text, const MethylationFileOptions& options = {}) {
  const Folder folder;
  const fs::path path = folder.file("bad.tsv", text);
  return error_text<DataError>([&] { read(path, options); });
}

TEST(Methylation, ProfilesCountFromOne) {
  const Folder folder;
  const std::string text = "# cell 1\n18\t3000023\t1.0\n18\t3000086\t0.25\n\nX 7 0\n";
  for (const fs::path& path : {folder.file("a.tsv", text), folder.file("a.tsv.gz", gzip(text))}) {
    ReadReport report;
    EXPECT_THAT(read(path, {}, &report), ElementsAre(MethylationCall{"18", 3'000'022, 1, 0}, MethylationCall{"18", 3'000'085, 0.25, 0},
                                                     MethylationCall{"X", 6, 0, 0}));
    EXPECT_EQ(report.records, 3);
    EXPECT_THAT(report.reasons, ElementsAre(Pair("blank line", 1), Pair("comment line", 1)));
  }
}

TEST(Methylation, BedGraphCountsFromZero) {
  const Folder folder;
  const fs::path path = folder.file("a.bedGraph", "track type=bedGraph\nchr1\t10\t11\t100\nchr1\t14\t16\t12.5\n");
  EXPECT_THAT(read(path, {.values = MethylationValues::percent}),
              ElementsAre(MethylationCall{"chr1", 10, 1, 0}, MethylationCall{"chr1", 14, 0.125, 0}));
  EXPECT_THAT(read(path, {.values = MethylationValues::percent, .first_base = FirstBase::zero}).front().position, 10);
}

TEST(Methylation, CoverageFilesHaveReads) {
  const Folder folder;
  const fs::path path = folder.file("a.cov", "1\t5\t5\t75.000000\t3\t1\n1\t6\t6\t10\t1\t1\n1\t9\t9\t0\t0\t0\n2\t1\t1\t0\t0\t2\n");
  ReadReport report;
  EXPECT_THAT(read(path, {}, &report),
              ElementsAre(MethylationCall{"1", 4, 0.75, 4}, MethylationCall{"1", 5, 0.5, 2}, MethylationCall{"2", 0, 0, 2}));
  EXPECT_EQ(report.reasons.at("row without reads"), 1);
  EXPECT_EQ(report.notes.at("percentage is not that of the reads"), 1);
}

TEST(Methylation, RowsOfTwoBasesNeedAWord) {
  const std::string text = "1\t5\t6\t100\t1\t0\n";
  EXPECT_THAT(error_of(text), AllOf(HasSubstr("bad.tsv:1: start 5 and end 6"), HasSubstr("first_base = 0 or 1")));
  const Folder folder;
  const fs::path path = folder.file("a.cov", text);
  EXPECT_EQ(read(path, {.first_base = FirstBase::zero}).front().position, 5);
  EXPECT_EQ(read(path, {.first_base = FirstBase::one}).front().position, 4);
}

TEST(Methylation, RowsWithoutAValueAreCounted) {
  const Folder folder;
  ReadReport report;
  EXPECT_EQ(read(folder.file("a.tsv", "1\t5\tnan\n1\t6\t.\n1\t9\t1\n"), {}, &report).size(), 1U);
  EXPECT_EQ(report.reasons.at("row without a value"), 2);
}

TEST(Methylation, SharesReadAsPercentagesAreNoted) {
  const Folder folder;
  const MethylationFileOptions percent = {.values = MethylationValues::percent};
  ReadReport report;
  read(folder.file("a.tsv", "1\t5\t0\n1\t9\t1\n1\t12\t0.5\n"), percent, &report);
  EXPECT_THAT(report.remarks, ElementsAre(HasSubstr("no percentage is above 1: if the values are shares, read them with values = share")));
  for (const char* text : {"1\t5\t0\n1\t9\t1.5\n", "1\t5\t0\n1\t9\t0\n"}) {
    read(folder.file("a.tsv", text), percent, &report);
    EXPECT_TRUE(report.remarks.empty()) << text;
  }
}

TEST(Methylation, TheFirstBadRowIsNamed) {
  EXPECT_THAT(error_of("1\t5\t1\n1\t7\t1.5\n"),
              AllOf(HasSubstr("bad.tsv:2: value '1.5' lies outside 0 to 1"), HasSubstr("values = percent")));
  EXPECT_THAT(error_of("1\t5\t-0.1\n"), AllOf(HasSubstr("'-0.1' lies outside 0 to 1"), Not(HasSubstr("percent"))));
  EXPECT_THAT(error_of("1\t5\t101\n", {.values = MethylationValues::percent}), HasSubstr("outside 0 to 100"));
  EXPECT_THAT(error_of("1\t5\thigh\n"), HasSubstr("value 'high' is no number"));
  EXPECT_THAT(error_of("1\t8\t1\n1\t7\t1\n"),
              AllOf(HasSubstr("bad.tsv:2: position '7' stands behind a larger one"), HasSubstr("sort -k1,1 -k2,2n")));
  EXPECT_THAT(error_of("1\t8\t1\n1\t8\t0\n"), HasSubstr("bad.tsv:2: position '8' stands twice"));
  EXPECT_THAT(error_of("1\t8\t1\n2\t8\t1\n1\t9\t1\n"), HasSubstr("bad.tsv:3: rows of '1' stand in two places"));
  EXPECT_THAT(error_of("1\t0\t1\n"), HasSubstr("position 0; positions count from 1 here"));
  EXPECT_THAT(error_of("1\tx\t1\n"), HasSubstr("position 'x' is no whole number; a line with the names of the columns begins with #"));
  EXPECT_THAT(error_of("1\t5\t1\n1\tx\t1\n"), AllOf(HasSubstr("bad.tsv:2: position 'x' is no whole number"), Not(HasSubstr("names"))));
  EXPECT_THAT(error_of("1\t5\n"), HasSubstr("2 columns; methylation calls have 3"));
  EXPECT_THAT(error_of("1\t5\t1\n1\t6\t7\t1\n"), HasSubstr("bad.tsv:2: 4 columns; profile has 3"));
  EXPECT_THAT(error_of("1\t5\t8\t1\n"), HasSubstr("a row stands for one C or both bases of a CpG"));
  EXPECT_THAT(error_of("1\t5\t5\t100\t1\t-1\n"), HasSubstr("-1 reads; expected 0 to"));
  EXPECT_THAT(error_of("1\t5\t5\t100\t1\tx\n"), HasSubstr("number of unmethylated reads 'x' is no whole number"));
}

TEST(Methylation, WhatIsWrittenIsRead) {
  const std::vector<MethylationCall> calls = {{"chr1", 0, 0.25, 8}, {"chr1", 77, 1, 3}, {"chrX", 5, 0.4F, 5}};
  const Folder folder;
  for (const auto format : {MethylationFormat::profile, MethylationFormat::bedgraph, MethylationFormat::coverage})
    for (const char* name : {"x.tsv", "x.tsv.gz"}) {
      MethylationWriter writer(folder.path() / name, format);
      for (const auto& call : calls) writer.add(call.chromosome, call.position, static_cast<float>(call.share), call.coverage);
      writer.close();
      const auto back = read(folder.path() / name);
      ASSERT_EQ(back.size(), 3U);
      for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(back[i].chromosome, calls[i].chromosome);
        EXPECT_EQ(back[i].position, calls[i].position);
        EXPECT_EQ(static_cast<float>(back[i].share), static_cast<float>(calls[i].share));
        EXPECT_EQ(back[i].coverage, format == MethylationFormat::coverage ? calls[i].coverage : 0);
      }
    }
  EXPECT_THAT(error_text<ArgumentError>([&] { MethylationWriter(folder.path() / "y", MethylationFormat::profile).add("a b", 1, 1); }),
              HasSubstr("white space"));
  EXPECT_THAT(error_text<ArgumentError>([&] { MethylationWriter(folder.path() / "y", MethylationFormat::coverage).add("a", 1, 1); }),
              HasSubstr("there are none"));
  EXPECT_THAT(error_text<ArgumentError>([&] { MethylationWriter(folder.path() / "y", MethylationFormat::profile).add("a", 1, 2); }),
              HasSubstr("a:2: share 2 lies outside 0 to 1"));
}

TEST(Methylation, ProfilesOfTwoCells) {
  const auto data = shared_data("deepcpg/cpg_profiles/BS27_4_SER.bed.gz");
  if (!data) GTEST_SKIP() << "deepcpg is not here";
  const auto calls = read(*data);
  double sum = 0;
  for (const auto& call : calls) sum += call.share;
  EXPECT_EQ(calls.size(), 10'000U);
  EXPECT_EQ(sum, 4069);
}

}  // namespace
}  // namespace basewise::io
