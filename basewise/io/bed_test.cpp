#include "basewise/io/bed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using seq::Interval;
using seq::Strand;
using testing::HasSubstr;

TEST(Bed, ThreeToNineColumnsAndHeaderLines) {
  const Folder folder;
  const auto three = read_bed(folder.file("a.bed", "browser position chr1\ntrack name=x\n# c\n\nchr1\t0\t5\nchr2 7 7"));
  ASSERT_EQ(three.records.size(), 2u);
  EXPECT_EQ(three.records[1].interval, (Interval{"chr2", 7, 7, Strand::none}));
  EXPECT_EQ(three.report.summary(), "2 records, 4 skipped (1 blank line, 1 browser line, 1 comment line, 1 track line)");
  const auto nine = read_bed(folder.file("b.bed.gz", gzip("chr1\t0\t5\tn\t3.5\t-\t1\t2\t255,0,0\n"))).records.at(0);
  EXPECT_EQ(nine.name, "n");
  EXPECT_EQ(nine.score, 3.5);
  EXPECT_EQ(nine.interval.strand, Strand::reverse);
  EXPECT_EQ(nine.rest, (std::vector<std::string>{"1", "2", "255,0,0"}));
  EXPECT_TRUE(read_bed(folder.file("empty.bed", "")).records.empty());
}

TEST(Bed, ScoreThatIsANameIsNoted) {
  const Folder folder;
  const auto result = read_bed(folder.file("a.bed", "chr21\t10\t20\t.\tTPTE\n"));
  EXPECT_FALSE(result.records[0].score);
  EXPECT_EQ(result.records[0].name, "");
  EXPECT_EQ(result.report.summary(), "1 records; 1 score is no number");
}

TEST(Bed, NarrowPeak) {
  const Folder folder;
  const auto result =
      read_bed(folder.file("a.narrowPeak", "chr1\t100\t200\tp\t5\t.\t1.5\t-1\t3\t30\nchr1\t300\t401\tq\t5\t.\t1.5\t2\t3\t-1\n"));
  EXPECT_EQ(result.records[0].focus(), 130);
  EXPECT_EQ(result.records[0].signal, 1.5);
  EXPECT_FALSE(result.records[0].p_value);
  EXPECT_FALSE(result.records[1].summit);
  EXPECT_EQ(result.records[1].focus(), 350);
  EXPECT_THAT(error_text([&] { read_bed(folder.file("b.narrowPeak", "chr1\t100\t200\n")); }),
              HasSubstr("b.narrowPeak:1: 3 columns; narrowPeak has 10"));
}

TEST(Bed, PlacedOnAGenome) {
  const Folder folder;
  const seq::ChromSizes sizes({{"I", 100, false}, {"II", 50, false}}, "genome.fa");
  const auto path = folder.file("a.bed", "chr1\t0\t100\nchrII\t3\t7\n");
  EXPECT_EQ(read_bed(path, sizes).records[1].interval.chrom, "II");
  EXPECT_THAT(error_text([&] { read_bed(folder.file("b.bed", "chrI\t0\t5\nchrII\t3\t57\n"), sizes); }),
              HasSubstr("b.bed:2: interval II [3, 57) (0-based) does not lie inside 'II', which has 50 bases in genome.fa"));
  EXPECT_THAT(error_text([&] { read_bed(folder.file("c.bed", "2L\t0\t5\n"), sizes); }),
              HasSubstr("c.bed uses '2L', genome.fa has 'I', 'II'"));
}

TEST(Bed, RecordsElsewhereAreLeftOutAndCounted) {
  const Folder folder;
  seq::ChromSizes sizes({{"I", 100, false}, {"II", 50, false}}, "genome.fa");
  sizes.add_unused("Mito");
  const auto result = read_bed(folder.file("a.bed", "chr1\t0\t100\nchrM\t1\t2\nII\t3\t7\n2L\t1\t2\nMito\t1\t2\n"), sizes);
  EXPECT_EQ(intervals(result.records), (std::vector<Interval>{{"I", 0, 100, Strand::none}, {"II", 3, 7, Strand::none}}));
  EXPECT_EQ(result.left_out, 3);
  EXPECT_EQ(result.report.summary(), "2 records, 3 skipped (3 on a sequence that is not used)");
  EXPECT_THAT(result.report.remarks,
              testing::ElementsAre("1 name is translated, such as 'chr1' to 'I' of genome.fa",
                                   "3 of 5 lie on sequences that are not used and were left out: 'chrM', 'Mito' are not among the "
                                   "chromosomes that were asked for; '2L' is not in genome.fa, which has 'I', 'II'"));
  EXPECT_EQ(read_bed(folder.file("empty.bed", ""), sizes).report.remarks.size(), 0U);
}

TEST(Bed, TenColumnsArePeaksOnlyWhereTheyLookSo) {
  const Folder folder;
  const std::string annotated = "chr1\t1\t9\tp\t0\t.\tgeneA\tintron\t1234\thigh\n", peak = "chr1\t1\t9\tp\t0\t.\t5\t-1\t2\t3\n";
  EXPECT_EQ(read_bed(folder.file("a.bed", annotated)).records[0].rest, (std::vector<std::string>{"geneA", "intron", "1234", "high"}));
  EXPECT_EQ(read_bed(folder.file("b.bed", peak)).records[0].summit, 3);
  EXPECT_FALSE(read_bed(folder.file("b.bed", peak), {.format = BedFormat::bed}).records[0].summit);
  EXPECT_THAT(error_text([&] { read_bed(folder.file("a.bed", annotated), {.format = BedFormat::narrow_peak}); }),
              HasSubstr("signal 'geneA' is no number"));
  EXPECT_EQ(read_bed(folder.file("c.broadPeak", "chr1\t1\t9\tp\t0\t.\t5\t-1\t2\n")).records[0].rest.size(), 3U);
}

BedRecord some_record() {
  BedRecord r;
  const auto start = *rc::gen::inRange<std::int64_t>(0, 1000);
  r.interval = {*rc::gen::element<std::string>("chr1", "chrX"), start, start + *rc::gen::inRange<std::int64_t>(1, 99),
                *rc::gen::element(Strand::forward, Strand::reverse, Strand::none)};
  r.name = *rc::gen::element<std::string>("", "peak_1", "two words");
  r.score = static_cast<double>(*rc::gen::inRange(0, 1000)) / 7;
  r.signal = static_cast<double>(*rc::gen::inRange(0, 1000)) / 3;
  if (*rc::gen::arbitrary<bool>()) r.summit = *rc::gen::inRange<std::int64_t>(0, r.interval.length());
  return r;
}

RC_GTEST_PROP(BedLaws, WrittenPeaksAreReadBack, ()) {
  const Folder folder;
  std::vector<BedRecord> records;
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) records.push_back(some_record());
  const auto path = folder.path() / *rc::gen::element<std::string>("x.narrowPeak", "x.narrowPeak.gz");
  write_bed(path, records);
  const auto back = read_bed(path).records;
  RC_ASSERT(back.size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    RC_ASSERT(back[i].interval == records[i].interval);
    RC_ASSERT(back[i].name == records[i].name);
    RC_ASSERT(back[i].score == records[i].score);
    RC_ASSERT(back[i].signal == records[i].signal);
    RC_ASSERT(back[i].summit == records[i].summit);
  }
}

TEST(Bed, WritesNoMoreColumnsThanNeeded) {
  const Folder folder;
  write_bed(folder.path() / "x.bed", std::vector<Interval>{{"chr1", 3, 9, Strand::none}});
  EXPECT_EQ(read_file(folder.path() / "x.bed"), "chr1\t3\t9\n");
  write_bed(folder.path() / "y.bed", std::vector<Interval>{{"chr1", 3, 9, Strand::forward}});
  EXPECT_EQ(read_file(folder.path() / "y.bed"), "chr1\t3\t9\t.\t.\t+\n");
  EXPECT_THAT(error_text([&] {
                write_bed(folder.path() / "z.bed", std::vector<Interval>{{"a\tb", 3, 9, Strand::forward}});
              }),
              HasSubstr("holds a tab"));
  EXPECT_THAT(error_text([&] {
                write_bed(folder.path() / "z.bed", std::vector<Interval>{{"a", 9, 3, Strand::forward}});
              }),
              HasSubstr("the end lies before"));
  EXPECT_EQ(folder.count(), 2u);
}

TEST(Bed, SharedPeaks) {
  const auto peaks = shared_data("hg19_chr21/ctcf_gm12878/ctcf_gm12878.chr21.macs2_peaks.narrowPeak");
  const auto genes = shared_data("hg19_chr21/genes/protein_coding_l12_genes.chr21.bed");
  const auto ten = shared_data("bigwig_small/tangermeme/test2.bed10");
  if (!peaks || !genes || !ten) GTEST_SKIP() << "no hg19_chr21 and bigwig_small in the shared data";
  const seq::ChromSizes sizes({{"chr21", 48129895, false}}, "hg19");
  const auto result = read_bed(*peaks, sizes);
  EXPECT_EQ(result.records.size(), 346u);
  EXPECT_EQ(result.records[0].focus(), 9909594 + 79);
  EXPECT_EQ(read_bed(*genes).report.notes.at("score is no number"), static_cast<std::int64_t>(read_bed(*genes).records.size()));
  EXPECT_EQ(read_bed(*ten).records[3].focus(), 132);
}

}  // namespace
}  // namespace basewise::io
