// Genes and groups of places from BED, GTF and GFF3.
#include "basewise/corpus/genes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/corpus/region_groups.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using seq::Strand;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

seq::ChromSizes sizes() { return seq::ChromSizes({{"chr1", 1000}, {"chr2", 500}}, "toy.fa"); }

const char* const kGtf =
    "#!genome-build toy\n"
    "1\tx\tgene\t101\t300\t.\t+\t.\tgene_id \"A\"; gene_name \"alpha\";\n"
    "1\tx\ttranscript\t101\t300\t.\t+\t.\tgene_id \"A\"; transcript_id \"A1\";\n"
    "1\tx\texon\t101\t120\t.\t+\t.\tgene_id \"A\"; transcript_id \"A1\";\n"
    "1\tx\texon\t281\t300\t.\t+\t.\tgene_id \"A\"; transcript_id \"A1\";\n"
    "1\tx\ttranscript\t151\t300\t.\t+\t.\tgene_id \"A\"; transcript_id \"A2\";\n"
    "1\tx\texon\t111\t130\t.\t+\t.\tgene_id \"A\"; transcript_id \"A2\";\n"
    "2\tx\tgene\t11\t60\t.\t-\t.\tgene_id \"B\";\n"
    "2\tx\ttranscript\t11\t60\t.\t-\t.\tgene_id \"B\"; transcript_id \"B1\";\n"
    "2\tx\texon\t11\t60\t.\t-\t.\tgene_id \"B\"; transcript_id \"B1\";\n"
    "9\tx\tgene\t11\t60\t.\t-\t.\tgene_id \"C\";\n";

class GeneFiles : public ::testing::Test {
 protected:
  GeneTable read(const char* name, const std::string& text, GeneOptions o = {}) const {
    o.file = folder_.file(name, text);
    return read_genes(o, sizes());
  }
  std::string error(const char* name, const std::string& text, const GeneOptions& o = {}) const {
    return error_text([&] { return read(name, text, o); });
  }
  testing_files::Folder folder_;
};

TEST_F(GeneFiles, StartsOfTranscripts) {
  const GeneTable table = read("a.gtf", kGtf);
  ASSERT_EQ(table.genes.size(), 2u);
  EXPECT_EQ(table.genes[0].name, "A");
  EXPECT_THAT(table.genes[0].starts, ElementsAre(100, 150));
  EXPECT_THAT(table.genes[0].pieces, ElementsAre(Pair(100, 101), Pair(150, 151)));
  EXPECT_EQ(table.genes[1].chrom, 1u);
  EXPECT_EQ(table.genes[1].strand, Strand::reverse);
  EXPECT_THAT(table.genes[1].starts, ElementsAre(59));
  EXPECT_EQ(table.left_out, 1);
  EXPECT_FALSE(table.remarks.empty()) << "names are translated";
  const GeneTable wide = read("a.gtf", kGtf, {.around = 60});
  EXPECT_THAT(wide.genes[0].pieces, ElementsAre(Pair(40, 211))) << "what touches is joined";
  EXPECT_THAT(wide.genes[1].pieces, ElementsAre(Pair(0, 120))) << "no place in front of a chromosome";
  EXPECT_EQ(wide.genes[0].bases(), 171);
}

TEST_F(GeneFiles, SpansAndExons) {
  EXPECT_THAT(read("a.gtf", kGtf, {.part = GenePart::span}).genes[0].pieces, ElementsAre(Pair(100, 300)));
  const GeneTable exons = read("a.gtf", kGtf, {.part = GenePart::exons});
  EXPECT_THAT(exons.genes[0].pieces, ElementsAre(Pair(100, 130), Pair(280, 300)));
  EXPECT_EQ(exons.genes[0].bases(), 50);
}

TEST_F(GeneFiles, Gff3ClimbsToTheOutermostParent) {
  const std::string gff =
      "##gff-version 3\nchr1\tx\tgene\t1\t90\t.\t+\t.\tID=gene1\nchr1\tx\tmRNA\t5\t90\t.\t+\t.\tID=t1;Parent=gene1\n"
      "chr1\tx\texon\t5\t20\t.\t+\t.\tParent=t1\nchr1\tx\texon\t70\t90\t.\t+\t.\tParent=t1\n"
      "chr1\tx\tmRNA\t200\t210\t.\t-\t.\tID=loop;Parent=loop\n";
  const GeneTable exons = read("a.gff3", gff, {.part = GenePart::exons});
  ASSERT_EQ(exons.genes.size(), 1u);
  EXPECT_EQ(exons.genes[0].name, "gene1");
  EXPECT_THAT(exons.genes[0].pieces, ElementsAre(Pair(4, 20), Pair(69, 90)));
  const GeneTable starts = read("a.gff3", gff);
  ASSERT_EQ(starts.genes.size(), 2u);
  EXPECT_EQ(starts.genes[1].name, "loop") << "a circle of parents ends";
  EXPECT_THAT(error("a.gff3", gff, {.types = {"snoRNA"}}), HasSubstr("no feature of type snoRNA; there are exon, gene, mRNA"));
}

TEST_F(GeneFiles, BedRecordsOfOneNameAreStartsOfOneGene) {
  const std::string bed = "chr1\t400\t401\tB\t0\t+\nchr1\t10\t20\tA\t0\t-\nchr1\t450\t460\tB\t0\t+\nchr2\t7\t9\nchr3\t7\t9\n";
  const GeneTable table = read("a.bed", bed.substr(0, bed.find("chr2")));
  ASSERT_EQ(table.genes.size(), 2u);
  EXPECT_THAT(table.genes[0].starts, ElementsAre(19));
  EXPECT_THAT(table.genes[1].starts, ElementsAre(400, 450));
  EXPECT_THAT(read("a.bed", bed.substr(0, bed.find("chr2")), {.part = GenePart::span}).genes[1].pieces, ElementsAre(Pair(400, 460)));
  const GeneTable nameless = read("b.bed", "chr2\t7\t9\nchr3\t7\t9\n");
  ASSERT_EQ(nameless.genes.size(), 1u);
  EXPECT_EQ(nameless.genes[0].name, "chr2:8-9");
  EXPECT_EQ(nameless.left_out, 1);
  EXPECT_THAT(error("a.bed", bed, {.part = GenePart::exons}), HasSubstr("exons are read from a GTF or GFF3 file"));
  EXPECT_THAT(error("b.bed", "chr2\t7\t9\n", {.types = {"gene"}}), HasSubstr("types are of features"));
  EXPECT_THAT(error("c.bed", "chr1\t5\n"), HasSubstr("c.bed:1"));
}

TEST_F(GeneFiles, GroupsOfPlaces) {
  const GroupOptions o{.annotation = folder_.file("a.gtf", kGtf),
                       .upstream = 30,
                       .downstream = 10,
                       .files = {folder_.file("peaks.narrow.bed", "chr1\t0\t50\nchr1\t100\t120\n")}};
  const RegionGroups groups(o, sizes());
  EXPECT_THAT(groups.names(), ElementsAre("promoter", "intragenic", "intergenic", "peaks"));
  const auto in = [&](const char* chrom, std::int64_t at) {
    std::string found;
    for (std::size_t g = 0; g < 4; ++g)
      if (groups.contains(g, chrom, at)) found += groups.names()[g].substr(0, 6) + " ";
    return found;
  };
  EXPECT_EQ(in("chr1", 69), "interg ");
  EXPECT_EQ(in("chr1", 70), "promot ") << "30 bases before the start";
  EXPECT_EQ(in("chr1", 109), "promot peaks ") << "10 from it on";
  EXPECT_EQ(in("chr1", 110), "intrag peaks ");
  EXPECT_EQ(in("chr1", 125), "promot ") << "of the second start";
  EXPECT_EQ(in("chr1", 20), "interg peaks ");
  EXPECT_EQ(in("chr2", 89), "promot ") << "of the reverse strand, which begins at 59";
  EXPECT_EQ(in("chr2", 90), "interg ");
  EXPECT_EQ(in("chr2", 50), "promot ");
  EXPECT_EQ(in("chr2", 49), "intrag ");
}

TEST_F(GeneFiles, GroupsThatAreRefused) {
  EXPECT_THAT(error_text<ArgumentError>([] { return RegionGroups({}, sizes()); }), HasSubstr("name an annotation or files"));
  const auto bed = folder_.file("a.bed", "chr1\t0\t50\n"), twin = folder_.file("a.narrowPeak", "chr1\t0\t50\tp\t0\t.\t1\t-1\t-1\t-1\n");
  EXPECT_THAT(error_text<ArgumentError>([&] { return RegionGroups({.files = {bed, twin}}, sizes()); }),
              HasSubstr("two groups are called 'a'"));
  EXPECT_THAT(error_text<ArgumentError>([&] { return RegionGroups({.annotation = bed}, sizes()); }), HasSubstr("goes into files"));
}

}  // namespace
}  // namespace basewise::corpus
