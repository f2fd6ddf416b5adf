#include "basewise/io/alignments.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <htslib/sam.h>

#include "tests/support/bam_bytes.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHeader = "@HD\tVN:1.6\n@SQ\tSN:chr1\tLN:1000\n@SQ\tSN:chr2\tLN:500\n";
const std::string kTail = "\t*\t0\t0\t*\t*";

std::vector<Alignment> read(const fs::path& path, ReadReport* report = nullptr) {
  AlignmentReader reader(path, {.threads = 3});
  std::vector<Alignment> all;
  for (Alignment a; reader.next(a);) {
    all.push_back(a);
    all.back().name = {};
  }
  if (report) *report = reader.report();
  return all;
}

TEST(Alignments, SamTellsPlaceStrandFlagsAndBlocks) {
  const Folder folder;
  const auto path = folder.file("x.sam", kHeader + "a\t0\tchr1\t11\t37\t5M2D3M4N6M2S" + kTail + "\n" +
                                             "b\t1171\tchr2\t101\t0\t3S20M\t=\t1\t-120\t*\t*\n" + "c\t4\t*\t0\t0\t*" + kTail + "\n");
  const auto all = read(path);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].chromosome, 0);
  EXPECT_EQ(all[0].stretch, (AlignedStretch{10, 30}));
  EXPECT_THAT(all[0].blocks, ElementsAre(AlignedStretch{10, 15}, AlignedStretch{17, 20}, AlignedStretch{24, 30}));
  EXPECT_EQ(all[0].quality, 37);
  EXPECT_FALSE(all[0].reverse || all[0].paired || all[0].duplicate);
  EXPECT_EQ(all[1].chromosome, 1);  // 1171 = 1024 + 128 + 16 + 2 + 1
  EXPECT_TRUE(all[1].reverse && all[1].paired && all[1].proper && all[1].second && all[1].duplicate);
  EXPECT_EQ(all[1].template_length, -120);
  EXPECT_EQ(all[1].stretch, (AlignedStretch{100, 120}));
  EXPECT_EQ(all[2].chromosome, -1);
}

TEST(Alignments, BamSaysTheSameAsSam) {
  const Folder folder;
  const std::vector<BamRecord> records = {
      {.name = "a", .flag = 16, .chrom = 1, .position = 40, .quality = 7, .cigar = {{4, 'S'}, {6, '='}, {1, 'X'}, {2, 'I'}, {3, 'M'}}},
      {.name = "b", .flag = 99, .chrom = 0, .position = 5, .mate_chrom = 0, .mate_position = 85, .template_length = 90},
      {.name = "d", .flag = 256 | 512 | 2048, .chrom = 0, .position = 995, .cigar = {{10, 'M'}}}};
  const std::string bytes = bam_bytes({{"chr1", 1000}, {"chr2", 500}}, records);
  for (const fs::path& path : {folder.file("x.bam", bytes), folder.file("y.bam", gzip(bytes))}) {
    ReadReport report;
    const auto all = read(path, &report);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[0].chromosome, 1);
    EXPECT_TRUE(all[0].reverse);
    EXPECT_THAT(all[0].blocks, ElementsAre(AlignedStretch{40, 50}));
    EXPECT_EQ(all[1].template_length, 90);
    EXPECT_TRUE(all[2].secondary && all[2].supplementary && all[2].failed);
    EXPECT_EQ(all[2].stretch, (AlignedStretch{995, 1000})) << "cut at the end of the chromosome";
    EXPECT_EQ(report.notes.at("reaches over the end of its chromosome"), 1);
    EXPECT_EQ(AlignmentReader(path).chromosomes(), (TrackChromosomes{{"chr1", 1000}, {"chr2", 500}}));
  }
}

TEST(Alignments, TagsCountByTheirTypes) {
  const Folder folder;
  const auto path = folder.file(
      "x.bam", bam_bytes({{"chr1", 1000}, {"chr2", 500}},
                         {{.tags = number_tag("NH", 3)},
                          {.tags = text_tag("XA", "chr2,-101,5M2D3M,1;chr1,+8,4S10M,0;")},
                          {.tags = text_tag("XA", "chr9,+1,10M,0;chr1,12,10M,0;chr1,+0,10M,0;chr2,+499,10M,0;")},
                          {.tags = number_tag("XA", 2) + text_tag("NH", "4")},
                          {.tags = number_tag("NH", 0)},
                          {.tags = text_tag("XA", "chr2,-101,10M,1;") + number_tag("NH", 5)}}));
  ReadReport report;
  const auto all = read(path, &report);
  ASSERT_EQ(all.size(), 6U);
  EXPECT_TRUE(all[0].hits == 3 && all[0].hits_stated);
  EXPECT_EQ(all[1].hits, 3);
  EXPECT_FALSE(all[1].hits_stated);
  EXPECT_THAT(all[1].others, ElementsAre(OtherPlace{1, {100, 110}, true}, OtherPlace{0, {7, 17}, false}));
  EXPECT_THAT(all[2].others, ElementsAre(OtherPlace{1, {498, 500}, false}));
  EXPECT_EQ(report.notes.at("a place in the tag XA cannot be read"), 3);
  EXPECT_TRUE(all[3].hits == 1 && !all[3].hits_stated) << "of bowtie, and text for a number";
  EXPECT_EQ(report.notes.at("the tag XA is no list of places"), 1);
  EXPECT_EQ(report.notes.at("the tag NH is no number of places"), 2);
  EXPECT_EQ(all[5].hits, 5) << "NH counts before XA";
}

/// The records of a SAM file as htslib writes them: mode "wb" for BAM, "wc" for CRAM without a
/// reference.
fs::path written_as(const fs::path& sam, const fs::path& to, const char* mode) {
  samFile* in = sam_open(sam.c_str(), "r");
  samFile* out = sam_open(to.c_str(), mode);
  if (std::string(mode) == "wc") hts_set_opt(out, CRAM_OPT_NO_REF, 1);
  sam_hdr_t* header = sam_hdr_read(in);
  EXPECT_EQ(sam_hdr_write(out, header), 0);
  bam1_t* record = bam_init1();
  while (sam_read1(in, header, record) >= 0) EXPECT_GE(sam_write1(out, header, record), 0);
  bam_destroy1(record);
  sam_hdr_destroy(header);
  sam_close(in);
  EXPECT_EQ(sam_close(out), 0);
  return to;
}

TEST(Alignments, BlocksOfBgzipAndCramByThreads) {
  const Folder folder;
  std::string text = kHeader;
  for (int i = 0; i < 9000; ++i)
    text += "read" + std::to_string(i * 7919 % 9000) + "\t" + std::to_string(16 * (i % 2)) + "\tchr1\t" + std::to_string(1 + i / 10) +
            "\t9\t4M1D6M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\tNH:i:" + std::to_string(1 + i % 3) + "\n";
  const fs::path sam = folder.file("x.sam", text);
  const auto expected = read(sam);
  const fs::path bam = written_as(sam, folder.path() / "x.bam", "wb");
  for (const fs::path& path : {bam, written_as(sam, folder.path() / "x.cram", "wc")}) {
    const auto found = read(path);
    ASSERT_EQ(found.size(), expected.size()) << path;
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].stretch, expected[i].stretch) << path << i;
      ASSERT_EQ(found[i].blocks, expected[i].blocks);
      ASSERT_EQ(found[i].hits, 1 + static_cast<std::int64_t>(i) % 3);
      ASSERT_EQ(found[i].reverse, i % 2 == 1);
      ASSERT_EQ(found[i].quality, 9);
    }
  }
  const std::string bytes = read_file(bam);
  testing::internal::CaptureStderr();
  ReadReport report;
  EXPECT_EQ(read(folder.file("short.bam", bytes.substr(0, bytes.size() - 28)), &report).size(), 9000U);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("short.bam"));
  EXPECT_THAT(report.remarks, ElementsAre(HasSubstr("end-of-file block is missing")));
  const std::string cram = read_file(folder.path() / "x.cram");
  read(folder.file("short.cram", cram.substr(0, cram.size() - 38)), &report);
  EXPECT_THAT(report.remarks, ElementsAre(HasSubstr("end-of-file block is missing")));
  // Often: what threads do differs from time to time.
  for (std::size_t i = 1; i < 20; ++i) {
    const std::size_t at = bytes.size() * i / 20;
    EXPECT_THAT(error_text<DataError>([&] { read(folder.file("cut.bam", bytes.substr(0, at))); }), HasSubstr("cut short")) << at;
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x10);
    EXPECT_THAT(error_text<DataError>([&] { read(folder.file("flipped.bam", flipped)); }), HasSubstr("damaged")) << at;
  }
}

TEST(Alignments, ErrorsSayWhereAndWhat) {
  const Folder folder;
  const auto text = [&](const std::string& name, const std::string& bytes) {
    return error_text<DataError>([&, path = folder.file(name, bytes)] { read(path); });
  };
  EXPECT_THAT(text("none.sam", ""), HasSubstr("none.sam: is empty; expected a BAM, SAM or CRAM file"));
  EXPECT_THAT(text("v.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"), HasSubstr("is VCF"));
  EXPECT_THAT(text("q.fq", "@r\nACGT\n+\nIIII\n"), HasSubstr("expected BAM, SAM or CRAM"));
  EXPECT_THAT(text("h.sam", "@HD\tVN:1.6\n@CO\tx\n"), HasSubstr("names no sequence (@SQ)"));
  EXPECT_THAT(text("x.sam", kHeader + "a\t0\tchr1\t11\t37\t5M" + kTail + "\nb\t0\tchr1\tx\n"), HasSubstr("x.sam:5: is damaged"));
  EXPECT_THAT(text("o.sam", kHeader + "a\t0\tchr2\t601\t37\t5M" + kTail + "\n"),
              HasSubstr("o.sam:4: 'a' begins at base 601 of chr2, which has 500"));
  const std::string bam = bam_bytes({{"chr1", 1000}}, {{}, {}});
  EXPECT_THAT(text("cut.bam", bam.substr(0, bam.size() - 9)), HasSubstr("cut.bam: alignment 2: is damaged"));
  EXPECT_THAT(text("header.bam", bam.substr(0, 20)), HasSubstr("its header is damaged or cut short"));
  EXPECT_THAT(error_text<DataError>([&] { read(folder.path()); }), HasSubstr("is a folder"));
  EXPECT_THAT(error_text<DataError>([&] { read(folder.path() / "absent.bam"); }), HasSubstr("absent.bam: cannot open: No such file"));
}

TEST(Alignments, AFileIsKnownByItsContents) {
  const Folder folder;
  EXPECT_TRUE(is_alignment_file(folder.file("a.txt", kHeader + "a\t4\t*\t0\t0\t*" + kTail + "\n")));
  EXPECT_TRUE(is_alignment_file(folder.file("b.txt", bam_bytes({{"chr1", 9}}, {}))));
  EXPECT_TRUE(is_alignment_file(folder.file("c.txt", gzip(bam_bytes({{"chr1", 9}}, {})))));
  EXPECT_FALSE(is_alignment_file(folder.file("d.bam", "chr1\t5\t90\tACGT-1\t2\n")));
  EXPECT_FALSE(is_alignment_file(folder.file("e.bam", gzip("chr1\t5\t90\tACGT-1\t2\n"))));
  EXPECT_FALSE(is_alignment_file(folder.file("f.bam", "")));
}

// Counted by a program of its own: python3 over the inflated bytes (tests/golden/reads_golden.py).
TEST(Alignments, ARealFile) {
  const auto path = shared_data("yeast_stripeseq/S288C.bam");
  if (!path) GTEST_SKIP() << "yeast_stripeseq is not here";
  std::int64_t records = 0, reverse = 0;
  AlignmentReader reader(*path, {.threads = 3});
  for (Alignment a; reader.next(a); ++records) reverse += a.reverse;
  EXPECT_EQ(records, 26016);
  EXPECT_EQ(reader.report().records, 26016);
  EXPECT_GT(reverse, 0);
}

}  // namespace
}  // namespace basewise::io
