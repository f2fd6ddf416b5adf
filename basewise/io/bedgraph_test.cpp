#include "basewise/io/bedgraph.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "tests/support/error_text.h"

namespace basewise::io {
namespace {

using testing::HasSubstr;

fs::path fresh_folder() {
  const fs::path folder = fs::path(testing::TempDir()) / "bedgraph";
  fs::remove_all(folder);
  fs::create_directories(folder);
  return folder;
}

std::string error_of(const std::string& text) {
  const fs::path path = fresh_folder() / "bad.bedGraph";
  write_file(path, text);
  return error_text<DataError>([&] { read_bedgraph(path); });
}

TEST(BedGraph, WhatIsWrittenIsReadPlainAndCompressed) {
  for (const char* name : {"a.bedGraph", "a.bedGraph.gz"}) {
    const fs::path path = fresh_folder() / name;
    BedGraphWriter writer(path);
    writer.add_run("II", 5, std::vector<float>{1, 1, kMissing, 0.1f, -3});
    writer.add("XVI", {100, 250, 1e-7f});
    EXPECT_FALSE(fs::exists(path));
    writer.close();
    EXPECT_EQ(fs::path(name).extension() == ".gz", read_file(path).starts_with("\x1f\x8b"));
    const auto records = read_bedgraph(path);
    ASSERT_EQ(records.size(), 4u);
    EXPECT_EQ(records[0], (BedGraphRecord{"II", 5, 7, 1}));
    EXPECT_EQ(records[1].start, 8);
    EXPECT_EQ(static_cast<float>(records[1].value), 0.1f);
    EXPECT_EQ(records[2], (BedGraphRecord{"II", 9, 10, -3}));
    EXPECT_EQ(static_cast<float>(records[3].value), 1e-7f);
  }
}

TEST(BedGraph, SkippedLinesAreCounted) {
  const fs::path path = fresh_folder() / "a.bedGraph";
  write_file(path, "browser position chr1\ntrack type=bedGraph\n# note\n\nchr1 0 10 2.5\nchr1\t10\t12\tnan\r\n");
  const ReadReport report = for_each_bedgraph(path, [](const BedGraphRecord&) {});
  EXPECT_EQ(report.records, 2);
  EXPECT_EQ(report.skipped, 4);
  EXPECT_EQ(report.reasons.at("track line"), 1);
}

TEST(BedGraph, TheFirstBadLineIsNamed) {
  EXPECT_THAT(error_of("chr1 0 1 1\nchr1 1 2\n"),
              AllOf(HasSubstr("bad.bedGraph:2"), HasSubstr("has 4 fields (chromosome start end value), this one has 3")));
  EXPECT_THAT(error_of("chr1 0 1 1 x\n"), HasSubstr("this one has more"));
  EXPECT_THAT(error_of("chr1 0 1e2 1\n"), HasSubstr("'0' and '1e2' are no whole numbers"));
  EXPECT_THAT(error_of("chr1 5 5 1\n"), HasSubstr("stretch 5-5 is empty or negative"));
  EXPECT_THAT(error_of("chr1 -1 5 1\n"), HasSubstr("stretch -1-5 is empty or negative"));
  EXPECT_THAT(error_of("chr1 1 5 1,5\n"), HasSubstr("'1,5' is no finite number"));
  EXPECT_THAT(error_of("chr1 1 5 inf\n"), HasSubstr("'inf' is no finite number"));
}

TEST(BedGraph, WriterErrorsLeaveNothingBehind) {
  const fs::path folder = fresh_folder();
  {
    BedGraphWriter writer(folder / "a.bedGraph");
    EXPECT_THROW(writer.add("chr 1", {0, 1, 1}), ArgumentError);
    EXPECT_THROW(writer.add("chr1", {1, 1, 1}), ArgumentError);
    EXPECT_THROW(writer.add("chr1", {0, 1, std::numeric_limits<float>::infinity()}), ArgumentError);
  }
  EXPECT_TRUE(fs::is_empty(folder));
}

std::string order_error(const std::string& text) {
  const fs::path path = fresh_folder() / "bad.bedGraph";
  write_file(path, text);
  const LengthOf length_of = [](std::string_view name) { return name == "chr1" ? std::optional<std::int64_t>(50) : std::nullopt; };
  return maybe_error_text<DataError>([&] { for_each_bedgraph_in_order(path, length_of, [](const BedGraphRecord&) {}); });
}

TEST(BedGraph, RowsOfATrackStandInOrder) {
  const std::string head = "track type=bedGraph\nchr2 10 20 1\n";
  EXPECT_EQ(order_error(head + "chr2 20 30 1\nchr1 0 50 2\n"), "") << "chromosomes come in any order";
  EXPECT_THAT(order_error(head + "chr2 5 8 1\n"),
              AllOf(HasSubstr("bad.bedGraph:3: stretch 5-8 of chr2 begins before the one above it, 10-2"), HasSubstr("sort -k1,1 -k2,2n")));
  EXPECT_THAT(order_error(head + "chr2 19 25 1\n"), HasSubstr("bad.bedGraph:3: stretch 19-25 of chr2 overlaps the one above it, 10-20"));
  EXPECT_THAT(order_error(head + "chr2 10 20 1\n"), HasSubstr("bad.bedGraph:3: stretch 10-20 of chr2 overlaps"));
  EXPECT_THAT(order_error(head + "chr1 0 5 1\nchr2 30 40 1\n"), HasSubstr("bad.bedGraph:4: rows of chr2 stand in two places"));
}

TEST(BedGraph, ValuesOfATrackLieOnTheirChromosome) {
  EXPECT_THAT(order_error("chr1 40 51 1\n"), HasSubstr("bad.bedGraph:1: stretch 40-51 ends behind chr1, which has 50 bases"));
  EXPECT_THAT(order_error("chr9 40 4294967296 1\n"), HasSubstr("which has 4294967295 bases"));
  EXPECT_THAT(order_error("chr1 4 5 1e39\n"), HasSubstr("bad.bedGraph:1: 1e+39 is larger than the values of a track can be"));
  EXPECT_THAT(order_error("chr1 4 5 inf\n"), HasSubstr("bad.bedGraph:1: 'inf' is no finite number"));
  EXPECT_THAT(order_error("track type=wiggle_0\nfixedStep chrom=chr1 start=1 step=1\n1\n"),
              HasSubstr("bad.bedGraph:2: this is a wiggle file"));
}

}  // namespace
}  // namespace basewise::io
