#include "basewise/io/gff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using seq::Interval;
using seq::Strand;
using testing::ElementsAre;
using testing::HasSubstr;

const std::string kGff3 =
    "##gff-version 3\n##sequence-region c%2C1 1 100\n# x\n"
    "c%2C1\tsrc\tregion\t1\t100\t.\t+\t.\tID=r;Is_circular=true\n"
    "c%2C1\tsrc\tCDS\t11\t20\t0.5\t-\t2\tID=x;Note=a%3Bb%2C,second;Name=50%\n"
    "##FASTA\n>c\nACGT\n";

TEST(Gff, Gff3) {
  const Folder folder;
  const GffResult result = read_gff(folder.file("x.gff3", kGff3));
  ASSERT_EQ(result.records.size(), 2u);
  const GffRecord& cds = result.records[1];
  EXPECT_EQ(cds.interval, (Interval{"c,1", 10, 20, Strand::reverse}));
  EXPECT_EQ(cds.type, "CDS");
  EXPECT_EQ(cds.score, 0.5);
  EXPECT_EQ(cds.phase, 2);
  EXPECT_EQ(cds.attribute("Note"), "a;b,");
  EXPECT_THAT(cds.attributes[1].second, ElementsAre("a;b,", "second"));
  EXPECT_EQ(cds.attribute("Name"), "50%");
  EXPECT_EQ(cds.attribute("none"), "");
  EXPECT_EQ(cds.line, 5);
  ASSERT_EQ(result.regions.size(), 1u);
  EXPECT_EQ(result.regions[0].length, 100);
  EXPECT_TRUE(result.regions[0].circular);
  EXPECT_EQ(result.report.summary(),
            "2 records, 4 skipped (1 comment line, 2 directive, 1 sequence behind ##FASTA, not read); 1 '%' that starts no code");
}

TEST(Gff, GtfWithQuotesAndRepeatedKeys) {
  const Folder folder;
  const auto path = folder.file("x.gtf", "I\te\texon\t5\t9\t.\t?\t.\tgene_id \"g;1\"; tag \"a\"; tag \"b=c\"; level 2;\n");
  const GffRecord exon = read_gff(path).records.at(0);
  EXPECT_EQ(exon.attribute("gene_id"), "g;1");
  EXPECT_EQ(exon.attribute("level"), "2");
  EXPECT_THAT(exon.attributes[1].second, ElementsAre("a", "b=c"));
  EXPECT_EQ(exon.interval, (Interval{"I", 4, 9, Strand::none}));
}

TEST(Gff, KeepsTypesAndPlacesOnAGenome) {
  const Folder folder;
  const auto path = folder.file("x.gtf", "chr1\te\texon\t95\t105\t.\t+\t.\ta \"1\"\nchr1\te\tgene\t5\t9\t.\t+\t.\ta \"1\"\n");
  const GffResult genes = read_gff(path, {.types = {"gene"}});
  EXPECT_EQ(genes.report.summary(), "1 records, 1 skipped (1 feature of another type)");
  const seq::ChromSizes ring({{"1", 100, true}}, "g.fa"), line({{"1", 100, false}}, "g.fa");
  EXPECT_EQ(read_gff(path, ring).records[0].interval.chrom, "1");
  EXPECT_THAT(error_text([&] { read_gff(path, line); }), HasSubstr("x.gtf:1: interval 1 [94, 105)"));
}

TEST(Gff, SharedAnnotations) {
  const auto coli = shared_data("ecoli_tss/open/NC_000913.3.gff.gz");
  const auto cappable = shared_data("ecoli_tss/open/cappable_ettwiller2016_TSS_U00096.2.gtf.gz");
  const auto yeast = shared_data("sacCer3_genome/Saccharomyces_cerevisiae.R64-1-1.81.gtf.gz");
  if (!coli || !cappable || !yeast) GTEST_SKIP() << "no ecoli_tss and sacCer3_genome in the shared data";
  const GffResult genes = read_gff(*coli, {.types = {"gene"}});
  EXPECT_EQ(genes.records.size(), 4494u);
  EXPECT_EQ(genes.records[0].interval, (Interval{"NC_000913.3", 189, 255, Strand::forward}));
  EXPECT_EQ(genes.records[0].attribute("Name"), "thrL");
  EXPECT_TRUE(genes.regions.at(0).circular);
  EXPECT_EQ(genes.regions.at(0).length, 4641652);
  const GffResult starts = read_gff(*cappable);
  EXPECT_EQ(starts.records.size(), 16359u);
  EXPECT_EQ(starts.report.notes.at("attribute without a key"), 16359);
  EXPECT_EQ(read_gff(*yeast, {.types = {"gene"}}).records.size(), 7126u);
}

}  // namespace
}  // namespace basewise::io
