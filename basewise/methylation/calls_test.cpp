#include "basewise/methylation/calls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::methylation {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing_files::Folder;

TEST(Calls, OfSeveralFilesShareTheirChromosomes) {
  const Folder folder;
  const auto a = folder.file("cell_1.cov", "1\t5\t5\t75\t3\t1\n1\t9\t9\t100\t1\t0\nX\t2\t2\t0\t0\t7\n");
  const auto b = folder.file("cell_2.bed.gz", testing_files::gzip("chrX\t4\t1\nchr7\t8\t0.5\n"));
  const CallTable table = read_calls({a, b});
  EXPECT_THAT(table.chromosomes, ElementsAre("1", "X", "chr7"));
  ASSERT_EQ(table.cells.size(), 2U);
  const CellCalls &first = table.cells[0], &second = table.cells[1];
  EXPECT_EQ(first.name, "cell_1");
  EXPECT_EQ(second.name, "cell_2");
  EXPECT_THAT(first.chroms[0].positions, ElementsAre(4, 8));
  EXPECT_THAT(first.chroms[0].shares, ElementsAre(0.75F, 1.0F));
  EXPECT_THAT(first.chroms[0].coverage, ElementsAre(4, 1));
  EXPECT_THAT(first.chroms[2].positions, IsEmpty());
  EXPECT_THAT(second.chroms[1].positions, ElementsAre(3));
  EXPECT_THAT(second.chroms[1].coverage, IsEmpty());
  EXPECT_EQ(first.size(), 3);
  EXPECT_EQ(second.size(), 2);
}

TEST(Calls, NamesOfTheSequenceComeFirst) {
  const Folder folder;
  const auto a = folder.file("a.tsv", "2\t5\t1\n1\t9\t0\n");
  EXPECT_THAT(read_calls({a}, {}, {"chr1", "chr2", "chr3"}).chromosomes, ElementsAre("chr2", "chr1"));
}

TEST(Calls, FewReadsAndOtherChromosomesAreLeftOut) {
  const Folder folder;
  const auto a = folder.file("a.cov", "1\t5\t5\t75\t3\t1\n1\t9\t9\t100\t1\t0\nX\t2\t2\t0\t0\t7\n");
  const CallTable table = read_calls({a}, {.least_reads = 2});
  EXPECT_THAT(table.cells[0].chroms[0].positions, ElementsAre(4));
  EXPECT_EQ(table.cells[0].thin, 1);
  const CallTable one = read_calls({a}, {.chromosomes = {"chrX"}});
  EXPECT_THAT(one.chromosomes, ElementsAre("X"));
  EXPECT_THAT(one.cells[0].chroms[0].positions, ElementsAre(1));
}

TEST(Calls, Errors) {
  const Folder folder;
  const auto a = folder.file("a.tsv", "1\t5\t1\n"), empty = folder.file("b.tsv", "# nothing\n");
  const auto twice = folder.file("c.tsv", "1\t5\t1\nchr1\t9\t0\n");
  const auto same = folder.file("a.cov", "1\t5\t5\t75\t3\t1\n");
  EXPECT_THAT(error_text<ArgumentError>([&] { read_calls({}); }), HasSubstr("no file of methylation calls"));
  EXPECT_THAT(error_text<ArgumentError>([&] { read_calls({a, same}); }), HasSubstr("are both called 'a'"));
  EXPECT_THAT(error_text<DataError>([&] { read_calls({a, empty}); }), HasSubstr("b.tsv: holds no methylation call"));
  EXPECT_THAT(error_text<DataError>([&] { read_calls({twice}); }), HasSubstr("c.tsv: '1' and 'chr1' are two names of one chromosome"));
  EXPECT_THAT(error_text<DataError>([&] {
                read_calls({a}, {.chromosomes = {"chr1", "19"}});
              }),
              HasSubstr("no file has calls on chromosome 19"));
}

}  // namespace
}  // namespace basewise::methylation
