#include "basewise/data/detail/label_columns.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace basewise::data::detail {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LabelColumns::Result read(const std::string& text, std::vector<std::string> names = {}, std::vector<std::size_t> taken = {0}) {
  io::TsvReader table(io::LineReader::over(text, "t.tsv"));
  LabelColumns labels({std::move(names), std::move(taken), "labels"}, table);
  while (table.next()) labels.add(table);
  return labels.finish();
}

TEST(ParseLabel, NumbersTruthsAndWhatIsMissing) {
  EXPECT_EQ(parse_label("0.1"), 0.1F);
  EXPECT_EQ(parse_label(" -2e3 "), -2000.0F);
  EXPECT_EQ(parse_label("+1"), 1.0F);
  EXPECT_EQ(parse_label("1e-60"), 0.0F);
  for (const char* text : {"TRUE", "True", "true"}) EXPECT_EQ(parse_label(text), 1.0F);
  for (const char* text : {"FALSE", "False", "false"}) EXPECT_EQ(parse_label(text), 0.0F);
  for (const char* text : {"", "NA", "NaN", "-nan", ".", " ", "null"}) {
    ASSERT_TRUE(parse_label(text)) << text;
    EXPECT_TRUE(std::isnan(*parse_label(text))) << text;
  }
  for (const char* text : {"inf", "-inf", "INF", "1e60", "O", "1,5", "1 2", "T", "yes", "+-1", "0x10"})
    EXPECT_FALSE(parse_label(text)) << text;
}

TEST(LabelColumns, NumbersWithoutAnotherRole) {
  const auto read_all = read(
      "seq\tchrom\tstart\tpeak."
      "end\tScore\tfold\ta\tb\tword\tvoid\nAC\tchr1\t1\t2\t3\t4\t1\tTRUE\tx\tNA\nGT\tchr2\t1\t2\t3\t4\tNA\tFALSE\t2\t\n"
      "GT\tchr2\t1\t2\t3\t4\t0\tTRUE\tz\t.\n");
  EXPECT_THAT(read_all.names, ElementsAre("a", "b"));
  EXPECT_EQ(read_all.values.size(), 6U);
  EXPECT_THAT(std::vector<float>(read_all.values.begin() + 3, read_all.values.end()), ElementsAre(0, 0, 1));
  EXPECT_TRUE(std::isnan(read_all.values[2]));
  EXPECT_THAT(read_all.notes,
              ElementsAre("TRUE and FALSE in column 'b' are 1 and 0", "labels are the columns a, b (labels chooses)",
                          "columns of numbers that are no labels by their names: start, peak.end, Score, fold",
                          "columns that hold no numbers are no labels: chrom, word", "columns without any value are no labels: void"));
}

TEST(LabelColumns, WhoNamesAColumnGetsIt) {
  const auto named = read("seq\tstart\tbound\nAC\t7\tT\nGT\t8\tF\n", {"bound", "start"});
  EXPECT_THAT(named.names, ElementsAre("bound", "start"));
  EXPECT_THAT(named.values, ElementsAre(1, 7, 0, 8));
  EXPECT_THAT(read("seq\tbases\nAC\tT\nGT\tT\n").names, testing::IsEmpty()) << "T may be a base";
  const auto letters = read("seq\tbound\nAC\tT\nGT\tF\nGT\tNA\n");
  EXPECT_THAT(letters.notes, ElementsAre("T and F in column 'bound' are 1 and 0", "labels are the columns bound (labels chooses)"));
  EXPECT_EQ(letters.values.at(1), 0);
  EXPECT_THAT(read("seq\tref\ty\nAC\tT\t1\nGT\tA\t0\n").notes,
              ElementsAre("labels are the columns y (labels chooses)", "columns that hold no numbers are no labels: ref"));
}

TEST(LabelColumns, ATypoIsAnErrorAtItsRow) {
  const auto column = [](std::vector<std::string> fields) {
    std::string text = "seq\ty\n";
    for (const std::string& field : fields) text += "AC\t" + field + "\n";
    return text;
  };
  EXPECT_THAT(
      error_text([&] {
        read(column({"1", "O", "0", "l"}));
      }),
      HasSubstr(
          "t.tsv:3: label 'O' in column 'y' is no number (2 of 4 rows are); a missing label is empty or NA, and labels names the columns"));
  EXPECT_THAT(read(column({"1", "a", "b"})).notes, ElementsAre("columns that hold no numbers are no labels: y"));
  EXPECT_EQ(read(column({"1", "a", "b"})).instead, "'y' holds 'a' in line 3");
  EXPECT_EQ(read("seq\ty\tz\nAC\tNA\t0,5\n").instead, "'y' has no value, 'z' holds '0,5' in line 2");
  EXPECT_EQ(read(column({"1", "0"})).instead, "");
  EXPECT_THAT(error_text([&] { read(column({"1", "0"}), {"y", "y"}); }), HasSubstr("labels names the column 'y' twice"));
  EXPECT_THAT(error_text([&] {
                read(column({"1", "a", "b"}), {"y"});
              }),
              HasSubstr("t.tsv:3: label 'a' in column 'y' is no number (1 of 3 rows are)"));
  EXPECT_THAT(error_text([&] { read(column({"1", "inf"})); }), HasSubstr("t.tsv:3: label 'inf' in column 'y' is not finite"));
  EXPECT_THAT(error_text([&] {
                read(column({"TRUE", "0", "FALSE"}));
              }),
              HasSubstr("t.tsv:3: label '0' in column 'y' is a number (1 rows are numbers, 2 TRUE or FALSE)"));
  EXPECT_THAT(error_text([] { read("seq\tstart\tscore\nAC\t1\t2\n"); }),
              HasSubstr("t.tsv: which columns are labels? start, score are columns of numbers, but by name places or marks of rows; name "
                        "the labels with labels"));
  EXPECT_THAT(error_text([] { read("seq\tscore\nAC\t1\n"); }),
              HasSubstr("score is a column of numbers, but by name a place or a mark of rows"));
}

}  // namespace
}  // namespace basewise::data::detail
