#include "basewise/io/vcf.h"

#include <array>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "basewise/core/files.h"
#include "basewise/io/vcf_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kHeader =
    "##fileformat=VCFv4.2\n##FILTER=<ID=PASS,Description=\"All filters passed\">\n##contig=<ID=chr1,length=99>\n"
    "##FILTER=<ID=q10,Description=\"low\">\n##INFO=<ID=AF,Number=A,Type=Float,Description=\"f\">\n"
    "##INFO=<ID=DB,Number=0,Type=Flag,Description=\"d\">\n##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNA1\n";
const std::string kRows =
    "chr1\t5\trs1\tA\tC,T\t50\tPASS\tAF=0.5,0.25;DB\tGT\t1|2\nchr1\t7\t.\tAC\tA\t.\tq10\t.\tGT\t0/1\n"
    "chr1\t9\t.\tg\t<DEL>,*,G[chr2:5[,.A\t.\t.\t.\tGT\t./.\nchr1\t11\t.\tN\t.\t.\t.\t.\tGT\t0|0\n";

std::vector<VcfRecord> records_of(VcfReader& reader) {
  std::vector<VcfRecord> all;
  for (VcfRecord record; reader.next(record);) all.push_back(record);
  return all;
}

/// What reading and writing gives.
std::string copied(const fs::path& from, const fs::path& to, const VcfInfo& added = {}, std::string_view value = {}) {
  VcfReader reader(from);
  VcfWriter writer(to, reader.header(), added);
  for (VcfRecord record; reader.next(record);) added.key.empty() ? writer.add(record) : writer.add(record, value);
  writer.close();
  return to.extension() == ".gz" ? std::string() : read_file(to);
}

TEST(Vcf, Rows) {
  const Folder folder;
  VcfReader reader(folder.file("a.vcf", kHeader + kRows));
  EXPECT_EQ(reader.header().lines.size(), 7u);
  EXPECT_EQ(reader.header().fields, 10);
  const auto rows = records_of(reader);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].chrom, "chr1");
  EXPECT_EQ(rows[0].position, 4);
  EXPECT_EQ(rows[0].id, "rs1");
  EXPECT_THAT(rows[0].alts, ElementsAre("C", "T"));
  EXPECT_EQ(rows[0].filter, "PASS");
  EXPECT_EQ(rows[0].info, "AF=0.5,0.25;DB");
  EXPECT_EQ(rows[0].number, 9);
  EXPECT_EQ(rows[1].id, "");
  EXPECT_EQ(rows[2].ref, "g");
  EXPECT_THAT(rows[2].kinds, ElementsAre(AlleleKind::symbolic, AlleleKind::overlapped, AlleleKind::breakend, AlleleKind::breakend));
  EXPECT_TRUE(rows[3].alts.empty());
  EXPECT_EQ(reader.report().summary(), "4 records");
}

TEST(Vcf, IsWrittenAsItWasRead) {
  const Folder folder;
  const fs::path out = folder.path() / "b.vcf";
  for (const std::string& text : {kHeader + kRows, kRows, kHeader, std::string("##fileformat=VCFv4.2\nchr1\t5\tx\tA\tC\t.\t.\n"),
                                  std::string("#CHROM\tPOS\tID\tREF\tALT\t QUAL\n1 7 x A G .\n")})
    EXPECT_EQ(copied(folder.file("a.vcf", text), out), text);
  const auto compressed = folder.file("a.vcf.gz", gzip(kHeader + kRows));
  EXPECT_EQ(copied(compressed, out), kHeader + kRows);
  copied(compressed, folder.path() / "c.vcf.gz");
  EXPECT_EQ(copied(folder.path() / "c.vcf.gz", out), kHeader + kRows);
}

TEST(Vcf, BcfHasTheSameRows) {
  const Folder folder;
  const fs::path bcf = folder.path() / "a.bcf";
  const std::string text = kHeader + kRows;
  copied(folder.file("a.vcf", text), bcf);
  EXPECT_NE(read_file(bcf).substr(0, 2), "##");
  EXPECT_EQ(copied(bcf, folder.path() / "b.vcf"), text);
  VcfReader reader(bcf);
  const auto rows = records_of(reader);
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[1].number, 2);
  EXPECT_EQ(rows[0].info, "AF=0.5,0.25;DB");
  EXPECT_THAT(error_text([&] { copied(folder.file("x.vcf", kHeader + "chr2\t5\t.\tA\tC\t.\t.\t.\tGT\t1\n"), folder.path() / "x.bcf"); }),
              HasSubstr("chromosome 'chr2' is not declared in the header (##contig), which BCF needs; write VCF"));
  EXPECT_THAT(error_text([&] { copied(folder.file("x.vcf", kHeader + "chr1\t5\t.\tA\tC\t.\t.\tXX=1\tGT\t1\n"), folder.path() / "x.bcf"); }),
              HasSubstr("a row holds what the header does not describe"));
  EXPECT_FALSE(fs::exists(folder.path() / "x.bcf"));
}

TEST(Vcf, GetsAKey) {
  const Folder folder;
  const VcfInfo added{.key = "XY", .number = "A", .description = "a \"b\""};
  const std::string text = copied(folder.file("a.vcf", kHeader + kRows), folder.path() / "b.vcf", added, "1|2,3");
  EXPECT_THAT(text, HasSubstr("##INFO=<ID=XY,Number=A,Type=String,Description=\"a \\\"b\\\"\">\n#CHROM"));
  EXPECT_THAT(text, HasSubstr("chr1\t5\trs1\tA\tC,T\t50\tPASS\tAF=0.5,0.25;DB;XY=1|2,3\tGT\t1|2\n"));
  EXPECT_THAT(text, HasSubstr("chr1\t7\t.\tAC\tA\t.\tq10\tXY=1|2,3\tGT\t0/1\n"));
  // Once more: in place of what is there; an empty value takes it away.
  const std::string again = copied(folder.path() / "b.vcf", folder.path() / "c.vcf", added, "4");
  EXPECT_THAT(again, HasSubstr("AF=0.5,0.25;DB;XY=4\t"));
  EXPECT_THAT(again, testing::Not(HasSubstr("1|2,3")));
  EXPECT_EQ(again.find("ID=XY"), again.rfind("ID=XY"));
  EXPECT_THAT(copied(folder.path() / "c.vcf", folder.path() / "d.vcf", added), HasSubstr("AF=0.5,0.25;DB\tGT"));
  EXPECT_THAT(error_text([&] { copied(folder.path() / "b.vcf", folder.path() / "e.vcf", added, "1;2"); }),
              HasSubstr("holds what ends a value"));
  EXPECT_THAT(error_text([&] { copied(folder.path() / "b.vcf", folder.path() / "e.vcf", {.key = "9a", .description = ""}); }),
              HasSubstr("key '9a' is none of the column INFO"));
}

// Files of the field that htslib does not open.
TEST(Vcf, WhatTextLacksIsNotedAndFilledUp) {
  const Folder folder;
  const VcfInfo added{.key = "S", .description = "s"};
  const std::string line = "##INFO=<ID=S,Number=A,Type=String,Description=\"s\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
  const auto no_header = folder.file("a.vcf", "chr1\t5\tx\tA\tC\n");
  EXPECT_EQ(copied(no_header, folder.path() / "b.vcf", added, "1"), "##fileformat=VCFv4.2\n" + line + "chr1\t5\tx\tA\tC\t.\t.\tS=1\n");
  VcfReader reader(no_header);
  EXPECT_EQ(records_of(reader).size(), 1u);
  EXPECT_EQ(reader.report().summary(), "1 records; 1 fewer than 8 columns");
  EXPECT_THAT(reader.report().remarks, ElementsAre("there is no line #CHROM", HasSubstr("there is no header")));
  EXPECT_EQ(copied(folder.file("c.vcf", "##fileformat=VCFv4.0\n#CHROM POS\n1 5 x A C 100\n\n# c\n"), folder.path() / "b.vcf", added, "1"),
            "##fileformat=VCFv4.0\n" + line + "1\t5\tx\tA\tC\t100\t.\tS=1\n");
  EXPECT_THAT(copied(folder.file("d.vcf", "1\t5\tx\tA\tC\t.\t.\t.\tGT\t0\t1\n"), folder.path() / "b.vcf", added, "1"),
              HasSubstr("INFO\tFORMAT\tsample1\tsample2\n"));
}

TEST(Vcf, DamagedFilesAreRefused) {
  const Folder folder;
  const auto refused = [&](const std::string& bytes) {
    return error_text([&] {
      VcfReader reader(folder.file("x.vcf", bytes));
      records_of(reader);
    });
  };
  EXPECT_THAT(refused(""), HasSubstr("x.vcf: is empty; expected VCF or BCF"));
  EXPECT_THAT(refused(kHeader + "chr1\t5\n"), HasSubstr("x.vcf:9: 2 columns; a row of VCF has at least 5"));
  EXPECT_THAT(refused("\t5\tx\tA\tC\n"), HasSubstr("x.vcf:1: the name of the chromosome is empty"));
  EXPECT_THAT(refused("c\t5x\tx\tA\tC\n"), HasSubstr("x.vcf:1: position '5x' is no whole number"));
  EXPECT_THAT(refused("chrom\tpos\tid\tref\talt\n"),
              HasSubstr("position 'pos' is no whole number; a line with the names of the columns begins with #"));
  EXPECT_THAT(refused("c\t-5\tx\tA\tC\n"), HasSubstr("position -5 is negative"));
  EXPECT_THAT(refused("c\t5\tx\t-\tC\n"), HasSubstr("reference allele '-'; expected letters of DNA"));
  EXPECT_THAT(refused("c\t5\tx\tA\tC,,T\n"), HasSubstr("alternative allele ''; expected"));
  EXPECT_THAT(refused("c\t5\tx\tA\tC1\n"), HasSubstr("alternative allele 'C1'; expected letters"));
  EXPECT_THAT(error_text([] { VcfReader reader("nowhere.vcf"); }), HasSubstr("nowhere.vcf: cannot open"));
  copied(folder.file("a.vcf", kHeader + kRows), folder.path() / "a.bcf");
  const std::string bcf = read_file(folder.path() / "a.bcf");
  EXPECT_THAT(refused(bcf.substr(0, 60)), HasSubstr("x.vcf: "));
  std::string flipped = bcf;
  flipped[bcf.size() / 2] ^= 0x55;
  EXPECT_THAT(refused(flipped), HasSubstr("x.vcf: "));
}

TEST(Vcf, RowsHaveTheColumnsOfTheirHeader) {
  const Folder folder;
  const auto refused = [&](const std::string& text) {
    return error_text([&] { copied(folder.file("x.vcf", text), folder.path() / "y.vcf"); });
  };
  const std::string eight = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n", row = "chr1\t5\trs1\tA\tC";
  EXPECT_NO_THROW(copied(folder.file("x.vcf", eight + row + "\n" + row + "\t.\t.\t.\n"), folder.path() / "y.vcf"));
  EXPECT_THAT(refused(eight + row + "\t.\t.\tA=b c\tGT\n"), HasSubstr("x.vcf:2: 9 columns, where the line #CHROM has 8"));
  EXPECT_THAT(refused(kHeader + row + "\t.\t.\t.\tGT\n"),
              HasSubstr("x.vcf:9: 9 columns, where the line #CHROM has 10; the row is cut short"));
  EXPECT_THAT(refused(row + "\t.\t.\t.\tGT\t0|1\n" + row + "\n"), HasSubstr("x.vcf:2: 5 columns, where the first row has 10"));
  EXPECT_THAT(refused("1 5 x A C . . A=b\n1 6 x A C . . A=b c\n"), HasSubstr("x.vcf:2: 9 columns, where the first row has 8"));
}

// Blocks of bgzip end with rows, so that a file cut between two of them is sound and short.
TEST(Vcf, BcfThatLacksItsLastBlockIsNoted) {
  const Folder folder;
  copied(folder.file("a.vcf", kHeader + kRows), folder.path() / "a.bcf");
  const std::string bytes = read_file(folder.path() / "a.bcf");
  const auto remarks = [&](const std::string& contents) {
    VcfReader reader(folder.file("x.bcf", contents));
    EXPECT_EQ(records_of(reader).size(), 4u);
    EXPECT_EQ(reader.counts(), "record");
    return reader.report().remarks;
  };
  EXPECT_THAT(remarks(bytes), testing::IsEmpty());
  EXPECT_THAT(remarks(bytes.substr(0, bytes.size() - 28)),
              ElementsAre(HasSubstr("the end-of-file block of bgzip is missing: the file may be truncated")));
}

/// What a reader of standard input sees of these bytes.
std::size_t rows_from_a_pipe(const std::string& bytes) {
  std::array<int, 2> ends = {};
  EXPECT_EQ(pipe(ends.data()), 0);
  EXPECT_EQ(write(ends[1], bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  close(ends[1]);
  const fs::path name = format("/dev/fd/{}", ends[0]);
  VcfReader reader(name);
  const std::size_t rows = records_of(reader).size();
  close(ends[0]);
  return rows;
}

TEST(Vcf, PipesHoldAnyForm) {
  const Folder folder;
  EXPECT_EQ(rows_from_a_pipe(kHeader + kRows), 4u);
  EXPECT_EQ(rows_from_a_pipe(gzip(kHeader + kRows)), 4u);
  copied(folder.file("a.vcf", kHeader + kRows), folder.path() / "a.bcf");
  EXPECT_EQ(rows_from_a_pipe(read_file(folder.path() / "a.bcf")), 4u);
}

TEST(Vcf, OfAGenomeProject) {
  const auto file = shared_data("hg19_chr21/variants/HG02102.vcf.gz");
  if (!file) GTEST_SKIP() << "hg19_chr21 is not in BASEWISE_DATA or ../shared/data";
  const Folder folder;
  VcfReader reader(*file);
  EXPECT_EQ(reader.header().lines.size(), 299u);
  std::int64_t rows = 0, single = 0;
  for (VcfRecord record; reader.next(record); ++rows)
    single += record.ref.size() == 1 && record.alts.size() == 1 && record.alts[0].size() == 1;
  EXPECT_EQ(rows, 60'694);
  EXPECT_EQ(single, 52'184);
  EXPECT_EQ(reader.report().summary(), "60694 records");
}

}  // namespace
}  // namespace basewise::io
