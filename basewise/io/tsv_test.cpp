#include "basewise/io/tsv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

TsvReader over(std::string text, TsvOptions options = {}) {
  return TsvReader(LineReader::over(std::move(text), "t.tsv"), std::move(options));
}

TEST(Tsv, NamedColumns) {
  TsvReader table = over("# made by hand\nchrom\tpos\tscore\nchr1\t5\t0.5\n\n# more\nchr2\t7\tNA\n");
  EXPECT_THAT(table.columns(), ElementsAre("chrom", "pos", "score"));
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.text("chrom"), "chr1");
  EXPECT_EQ(table.integer("pos"), 5);
  EXPECT_EQ(table.number("score"), 0.5);
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.line_number(), 6);
  EXPECT_FALSE(table.optional_number("score"));
  EXPECT_FALSE(table.next());
  EXPECT_EQ(table.report().summary(), "2 records, 3 skipped (1 blank line, 2 comment line)");
}

TEST(Tsv, ASpreadsheetStatesItsSeparator) {
  TsvReader table = over("sep=;\r\nname;y\r\na, b;1\r\n");
  EXPECT_THAT(table.columns(), ElementsAre("name", "y"));
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.text("name"), "a, b");
  EXPECT_EQ(table.line_number(), 3);
  EXPECT_THAT(over("sep=;\tx\n1\t2\n").columns(), ElementsAre("sep=;", "x")) << "a name of a column";
  EXPECT_THAT(over("sep=;\n", plain_table()).columns(), ElementsAre("sep=;"));
}

TEST(Tsv, ManyColumnsAreNotAllListed) {
  std::string heading = "name";
  for (int i = 1; i < 2000; ++i) heading += format("\tc{}", i);
  TsvReader table = over(heading + "\na\tb\n");
  EXPECT_THAT(error_text([&] { table.column("none"); }), testing::EndsWith("c8, c9 and 1990 more"));
  EXPECT_THAT(error_text([&] { table.next(); }), HasSubstr("2 fields, expected 2000 (name, c1, c2, "));
}

TEST(Tsv, ADecimalCommaIsNamed) {
  TsvReader table = over("name;y\na;0,5\nb;1,2,3\n");
  ASSERT_TRUE(table.next());
  EXPECT_THAT(error_text([&] { table.number("y"); }), HasSubstr("column 'y': '0,5' is no number; write decimals with a point"));
  ASSERT_TRUE(table.next());
  EXPECT_THAT(error_text([&] { table.number("y"); }), testing::EndsWith("'1,2,3' is no number"));
}

TEST(Tsv, HeadingBehindACommentSign) {
  TsvReader table = over("#chrom\tstart\nchr1\t5\n");
  EXPECT_THAT(table.columns(), ElementsAre("chrom", "start"));
  ASSERT_TRUE(table.next());
  EXPECT_EQ(table.integer("start"), 5);
}

TEST(Tsv, WithoutHeader) {
  TsvReader table = over("a,1\nb,2\n", {.header = false, .separator = ","});
  ASSERT_TRUE(table.next());
  EXPECT_THAT(table.columns(), ElementsAre("1", "2"));
  TsvReader named = over("a\t1\n", {.header = false, .columns = {"x", "y"}});
  ASSERT_TRUE(named.next());
  EXPECT_EQ(named.integer("y"), 1);
}

TEST(Tsv, ErrorsNameLineAndColumn) {
  TsvReader table = over("chrom\tpos\nchr1\tfive\n");
  EXPECT_THAT(error_text([&] { table.text("chrom"); }), HasSubstr("call next first"));
  ASSERT_TRUE(table.next());
  EXPECT_THAT(error_text([&] { table.integer("pos"); }), HasSubstr("t.tsv:2: column 'pos': 'five' is no whole number"));
  EXPECT_THAT(error_text([&] { table.number("chrom"); }), HasSubstr("t.tsv:2: column 'chrom': 'chr1' is no number"));
  EXPECT_THAT(error_text([&] { table.text("chrmo"); }), HasSubstr("no column 'chrmo' (did you mean 'chrom'?); the columns are chrom, pos"));
  EXPECT_THAT(error_text([&] { over("a\tb\n1\n").next(); }), HasSubstr("t.tsv:2: 1 fields, expected 2 (a, b)"));
  EXPECT_THAT(error_text([&] { over("a\ta\n"); }), HasSubstr("t.tsv:1: two columns are named 'a'"));
  EXPECT_THAT(error_text([&] { over("a\t\n"); }), HasSubstr("t.tsv:1: column 2 has no name"));
  EXPECT_THAT(error_text([&] { over(""); }), HasSubstr("t.tsv: no heading: the table is empty"));
  EXPECT_THAT(error_text([&] { over("a", {.separator = "::"}); }), HasSubstr("separator = \"::\"; expected one character"));
}

// Rows of a table as its fields, joined by '|'.
std::vector<std::string> rows_of(TsvReader table) {
  std::vector<std::string> rows;
  while (table.next()) {
    std::string row;
    for (std::size_t c = 0; c < table.columns().size(); ++c) row += (c > 0 ? "|" : "") + std::string(table.text(c));
    rows.push_back(row);
  }
  return rows;
}

TEST(Tsv, TheHeadingSaysWhatSeparates) {
  EXPECT_THAT(rows_of(over("name,seq\na b,\tAC\n")), ElementsAre("a b|\tAC"));
  EXPECT_THAT(rows_of(over("name;seq\n\"a;b\";1,5\n")), ElementsAre("a;b|1,5"));
  EXPECT_THAT(rows_of(over("name, or id\tseq\na,b\tAC\n")), ElementsAre("a,b|AC")) << "a tab comes first";
  EXPECT_THAT(over("\"a,b\"\n1\n").columns(), ElementsAre("a,b"));
  EXPECT_THAT(rows_of(over("# made in Rome, by hand\nname,seq\r\nx,AC\r\n")), ElementsAre("x|AC")) << "a comma in a comment is no heading";
  EXPECT_THAT(rows_of(over("\xef\xbb\xbfname,seq\nx,AC\n")), ElementsAre("x|AC"));
  EXPECT_THAT(over("\xef\xbb\xbfname,seq\nx,AC\n").columns(), ElementsAre("name", "seq"));
}

TEST(Tsv, QuotedFields) {
  const std::string text = "name,note\r\n\"a, b\",\"he said \"\"no\"\"\"\r\nc,\"two\nlines, \"\"x\"\"\"\r\nd,5' \"end\"\n\"\",\n";
  EXPECT_THAT(rows_of(over(text)), ElementsAre("a, b|he said \"no\"", "c|two\nlines, \"x\"", "d|5' \"end\"", "|"));
  TsvReader table = over(text);
  std::vector<std::int64_t> lines;
  while (table.next()) lines.push_back(table.line_number());
  EXPECT_THAT(lines, ElementsAre(2, 3, 5, 6)) << "a row is where it begins";
  EXPECT_THAT(rows_of(over("\"name\"\t\"seq\"\n\"a\tb\"\t\"AC\"\n")), ElementsAre("a\tb|AC"));
  EXPECT_THAT(rows_of(over("name\tseq\n\"5' end\tAC\nb\"\t\"G\n")), ElementsAre("\"5' end|AC", "b\"|\"G"))
      << "between tabs a quote alone is a letter";
}

TEST(Tsv, TheColumnWithoutAName) {
  TsvReader pandas = over(",seq,y\ns1,AC,1\n");
  EXPECT_THAT(pandas.columns(), ElementsAre("name", "seq", "y"));
  EXPECT_EQ(pandas.index_column(), 0u);
  TsvReader numbered = over(",name,y\n0,s1,1\n");
  EXPECT_THAT(numbered.columns(), ElementsAre("row", "name", "y"));
  TsvReader r = over("\"seq\"\t\"y\"\n# x\n\"s1\"\t\"AC\"\tTRUE\n\"s2\"\t\"GT\"\tFALSE\n");
  EXPECT_THAT(r.columns(), ElementsAre("name", "seq", "y"));
  EXPECT_THAT(rows_of(std::move(r)), ElementsAre("s1|AC|TRUE", "s2|GT|FALSE"));
  EXPECT_EQ(over("a,b\n1,2\n").index_column(), std::nullopt);
  EXPECT_THAT(error_text([&] { rows_of(over("a,b\n1,2,\n")); }), HasSubstr("t.tsv:2: 3 fields, expected 2"));
  EXPECT_THAT(error_text([&] { rows_of(over("a,b\n1,2\n1,2,3\n")); }), HasSubstr("t.tsv:3: 3 fields, expected 2"));
}

TEST(Tsv, PlainTablesAreTakenAsTheyStand) {
  EXPECT_THAT(rows_of(over("a,x\tb\n\"1\"\t2,3\n", plain_table())), ElementsAre("\"1\"|2,3"));
  EXPECT_THAT(error_text([&] { rows_of(over("a\tb\n1\t2\t3\n", plain_table())); }), HasSubstr("t.tsv:2: 3 fields, expected 2"));
  EXPECT_THAT(error_text([&] { over("\tb\n", plain_table()); }), HasSubstr("column 1 has no name"));
}

TEST(Tsv, WhatIsMissing) {
  for (const char* word : {"", ".", "-", "NA", "na", "N/A", "NaN", "nan", "NULL", "null", "None"}) EXPECT_TRUE(is_missing(word)) << word;
  for (const char* word : {"0", "NAN1", "no", "nil", " ", "nothing"}) EXPECT_FALSE(is_missing(word)) << word;
}

TEST(Tsv, WritesWhatItReads) {
  const Folder folder;
  for (const char* name : {"x.tsv", "x.tsv.gz"}) {
    write_tsv(folder.path() / name, {"a", "b"}, {{"1", "x y"}, {"2", ""}});
    TsvReader table(folder.path() / name);
    ASSERT_TRUE(table.next());
    EXPECT_EQ(table.text("b"), "x y");
    ASSERT_TRUE(table.next());
    EXPECT_EQ(table.text("b"), "");
    EXPECT_FALSE(table.next());
  }
  EXPECT_THAT(error_text([&] { write_tsv(folder.path() / "y", {"a"}, {{"1", "2"}}); }), HasSubstr("a row of 2 fields, expected 1"));
  EXPECT_THAT(error_text([&] { write_tsv(folder.path() / "y", {"a"}, {{"1\t2"}}); }), HasSubstr("holds a tab"));
  EXPECT_EQ(folder.count(), 2u);
  write_tsv(folder.path() / "quotes.tsv", {"a", "b"}, {{"\"x\"", "5\" y"}, {"\"", "\"\""}});
  EXPECT_THAT(rows_of(TsvReader(folder.path() / "quotes.tsv")), ElementsAre("\"x\"|5\" y", "\"|\"\""));
}

TEST(Tsv, TranscriptionStartSites) {
  const auto path = shared_data("ecoli_tss/derived_open/tss_open_NC_000913.3.tsv.gz");
  if (!path) GTEST_SKIP() << "no ecoli_tss/derived_open in the shared data";
  TsvReader table(*path);
  std::int64_t rows = 0, cappable = 0;
  while (table.next()) {
    ++rows;
    cappable += table.text("source") == "cappable_ettwiller2016";
    EXPECT_GE(table.integer("pos1"), 1);
  }
  EXPECT_EQ(rows, 24957);
  EXPECT_EQ(cappable, 16359);
}

TEST(Tsv, RowsThatComeOneByOneAreTheTableOfAllRows) {
  const fs::path folder = fs::path(testing::TempDir()) / "tsv_rows";
  const std::vector<std::vector<std::string>> rows{{"1", "a b"}, {"2", ""}};
  write_tsv(folder / "whole.tsv", {"n", "text"}, rows);
  {
    TsvWriter writer(folder / "rows.tsv", {"n", "text"});
    for (const auto& row : rows) writer.add(row);
    EXPECT_FALSE(fs::exists(folder / "rows.tsv"));
    EXPECT_THROW(writer.add({"3"}), ArgumentError);
    EXPECT_THROW(writer.add({"3", "a\tb"}), ArgumentError);
    writer.close();
  }
  EXPECT_EQ(read_file(folder / "rows.tsv"), read_file(folder / "whole.tsv"));
  EXPECT_EQ(read_file(folder / "rows.tsv"), "n\ttext\n1\ta b\n2\t\n");
}

}  // namespace
}  // namespace basewise::io
