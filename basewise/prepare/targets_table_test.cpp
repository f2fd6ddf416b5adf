#include "basewise/prepare/targets_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Table {
  Folder folder;
  TargetsTable read(const std::string& text, TransformForm form = TransformForm::current) const {
    folder.file("a.bw", "");
    folder.file("b.bed", "");
    return read_targets(folder.file("targets.txt", text), form);
  }
  std::string fails(const std::string& text, TransformForm form = TransformForm::current) const {
    return error_text<DataError>([&] { return read(text, form); });
  }
};

TEST(TargetsTable, OfTheField) {
  const Table table;
  const auto t = table.read(
      "\tidentifier\tfile\tclip\tclip_soft\tscale\tsum_stat\tstrand_pair\tdescription\n"
      "0\tA+\ta.bw\t384\t64\t0.5\tsum_sqrt\t1\tCAGE:a \"b\"\n"
      "1\tA-\tb.bed\t\tnan\t\tavg_sqrt\t0\t\n");
  ASSERT_EQ(t.targets.size(), 2u);
  EXPECT_EQ(t.targets[0].index, "0");
  EXPECT_EQ(t.targets[0].identifier, "A+");
  EXPECT_EQ(t.targets[0].file, table.folder.path() / "a.bw");
  EXPECT_EQ(t.targets[0].transform.clip, 384);
  EXPECT_EQ(t.targets[0].transform.clip_soft, 64);
  EXPECT_EQ(t.targets[0].transform.scale, 0.5);
  EXPECT_EQ(t.targets[0].transform.statistic, BinStatistic::sum_sqrt);
  EXPECT_EQ(t.targets[0].strand_pair, "1");
  EXPECT_EQ(t.targets[1].transform.statistic, BinStatistic::mean_sqrt);
  EXPECT_EQ(t.targets[1].transform.clip, std::nullopt);
  EXPECT_EQ(t.targets[1].transform.clip_soft, std::nullopt);
  EXPECT_EQ(t.targets[1].transform.scale, 1);
  EXPECT_THAT(t.notes, IsEmpty());
  EXPECT_THAT(t.place(1), HasSubstr("targets.txt:3 (A-)"));
}

TEST(TargetsTable, ColumnsStandInAnyOrder) {
  const Table table;
  const auto t = table.read("file\tgroup\tidentifier\tstrand_pair\na.bw\tx\tA\t7\nb.bed\ty\tB\t\n");
  ASSERT_EQ(t.targets.size(), 2u);
  EXPECT_EQ(t.targets[1].index, "1");
  EXPECT_EQ(t.targets[1].transform.statistic, BinStatistic::sum);
  EXPECT_THAT(t.notes, ElementsAre("the table has no column sum_stat: bins are sums", "columns that say nothing here: group",
                                   "1 targets name a strand_pair that the table does not have"));
}

TEST(TargetsTable, SaysWhatIsWrong) {
  const Table t;
  const std::string head = "index\tidentifier\tfile\tsum_stat\tscale\tclip\n";
  EXPECT_THAT(t.fails("index\tidentifier\tsum_stat\n0\tA\tsum\n"), HasSubstr("file"));
  EXPECT_THAT(t.fails(head), HasSubstr("there is no target in the table"));
  EXPECT_THAT(t.fails(head + "0\tA\tnone.bw\tsum\t1\t\n"), HasSubstr("targets.txt:2: there is no file none.bw"));
  EXPECT_THAT(t.fails(head + "0\tA\t\tsum\t1\t\n"), HasSubstr("targets.txt:2: there is no file; each target needs the track"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsums\t1\t\n"), HasSubstr("sum_stat is \"sums\"; it must be one of sum, sum_sqrt"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum\t1\t\n0\tB\ta.bw\tsum\t1\t\n"), HasSubstr("targets.txt:3: index 0 is used in line 2 too"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum\t1\t\n1\tB\ta.bw\tsum\t1\t\n2\tA\tb.bed\tsum\t1\t\n"),
              HasSubstr("targets.txt:4: identifier 'A' is used in line 2 too; every target needs its own"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum\tNaN\t\n"),
              HasSubstr("targets.txt:2: column 'scale': 'NaN' is no number above 0; leave the field empty for 1"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum\t-1\t\n"), HasSubstr("A: scale is -1; it must be a number above 0"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum\tone\t\n"), HasSubstr("one"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum\t1\t0\n"), HasSubstr("clip is 0; it must be above 0"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\n"), HasSubstr("targets.txt:2"));
  EXPECT_THAT(t.fails(head + "0\tA\ta.bw\tsum_exp75\t1\t\n", TransformForm::old), HasSubstr("sum_exp75 belongs to the current"));
}

}  // namespace
}  // namespace basewise::prepare
