#include "basewise/corpus/sites.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/corpus/site_index.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using seq::Strand;
using testing::ElementsAre;
using testing::HasSubstr;

std::filesystem::path file(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "basewise_corpus_sites" / name;
  write_file(path, text);
  return path;
}

seq::ChromSizes sizes() { return seq::ChromSizes({{"chr1", 100, false}, {"chr2", 50, true}}, "toy.fa"); }

const std::string kTable = "chrom\tpos\tstrand\tkind\nchr1\t1\t+\ta\nchr1\t100\t-\ta\nchr2\t7\t+\tb\nchr2\t7\t+\tb\nchr2\t7\t-\tb\n";

SiteOptions table(const std::string& name, const std::string& text) {
  return {.file = file(name, text), .chromosome = "chrom", .position = "pos", .position_base = 1, .strand = "strand"};
}

TEST(Sites, TablesAreFilteredAndDeduplicated) {
  SiteOptions o = table("a.tsv", kTable);
  const SiteTable all = read_sites(o, sizes());
  EXPECT_EQ(all.sites,
            (std::vector<Site>{{0, 0, Strand::forward}, {0, 99, Strand::reverse}, {1, 6, Strand::forward}, {1, 6, Strand::reverse}}));
  EXPECT_EQ(all.rows, 5);
  EXPECT_EQ(all.duplicates, 1);
  o.where = {"kind=b"};
  const SiteTable some = read_sites(o, sizes());
  EXPECT_EQ(some.sites.size(), 2U);
  EXPECT_EQ(some.filtered, 2);
  EXPECT_EQ(some.summary(),
            "2 sites (1 on the reverse strand) from 5 rows, 2 rows did not meet the conditions, 1 rows were repeats of another one");
  o.where.clear();
  o.task = "kind";
  EXPECT_EQ(read_sites(o, sizes()).tasks, (std::vector<std::string>{"a", "b"}));
}

TEST(Sites, TwoNamesOfOneFileAreNotMerged) {
  const SiteTable table = read_sites({.file = file("two.bed", "chr1\t0\t5\n1\t7\t9\n")}, sizes());
  EXPECT_EQ(table.sites, (std::vector<Site>{{0, 2, Strand::none}}));
  EXPECT_THAT(table.summary(),
              HasSubstr("1 of 2 lie on sequences that are not used and were left out: '1' is not taken for another spelling"));
  seq::ChromSizes told = sizes();
  told.add_aliases({{"chr1", "1"}});
  EXPECT_EQ(read_sites({.file = file("two.bed", "chr1\t0\t5\n1\t7\t9\n")}, told).sites.size(), 2U) << "a table may say so";
}

TEST(Sites, BedPoints) {
  const auto path = file("p.narrowPeak", "chr1\t10\t21\tx\t0\t-\t5\t-1\t-1\t3\n");
  const auto at = [&](SitePoint point) { return read_sites({.file = path, .point = point}, sizes()).sites.at(0).position; };
  EXPECT_EQ(at(SitePoint::centre), 15);
  EXPECT_EQ(at(SitePoint::summit), 13);
  EXPECT_EQ(at(SitePoint::start), 20) << "the 5' end of a feature on the reverse strand";
}

TEST(Sites, ThoseElsewhereAreLeftOutAndCounted) {
  seq::ChromSizes used = sizes();
  used.add_unused("chrM");
  const std::string rows = "chrom\tpos\tstrand\nchr1\t1\t+\nchrM\t1\t+\nchrUn\t1\t+\nchrM\t9\t+\n";
  const SiteTable from_table = read_sites(table("elsewhere.tsv", rows), used);
  EXPECT_EQ(from_table.left_out, 3);
  EXPECT_EQ(from_table.summary(),
            "1 sites (0 on the reverse strand) from 4 rows; 3 of 4 lie on sequences that are not used and were left out: 'chrM' is not "
            "among the chromosomes that were asked for; 'chrUn' is not in toy.fa, which has 'chr1', 'chr2'");
  const SiteTable from_bed = read_sites({.file = file("e.bed", "1\t0\t5\nchrUn\t3\t9\n2\t3\t9\n")}, used);
  EXPECT_EQ(from_bed.rows, 3);
  EXPECT_EQ(from_bed.left_out, 1);
  EXPECT_EQ(from_bed.sites, (std::vector<Site>{{0, 2, Strand::none}, {1, 6, Strand::none}}));
  EXPECT_THAT(from_bed.summary(), HasSubstr("2 names are translated, such as '1' to 'chr1' of toy.fa"));
  EXPECT_THAT(error_text([&] { read_sites({.file = file("m.bed", "chrM\t0\t5\n")}, used); }),
              HasSubstr("m.bed uses 'chrM', which toy.fa holds but which was not asked for"));
}

TEST(Sites, WhatTheUserSaysBeatsTheNameOfTheFile) {
  const std::string ten = "chr1\t10\t21\tx\t0\t-\tgeneA\tintron\t5\thigh\n", peak = "chr1\t10\t21\tx\t0\t-\t5\t-1\t-1\t3\n";
  const auto at = [](SiteOptions o) { return read_sites(o, sizes()).sites.at(0).position; };
  EXPECT_EQ(at({.file = file("t.bed", ten), .format = SiteFormat::bed}), 15);
  EXPECT_EQ(at({.file = file("t.bed", ten), .point = SitePoint::summit}), 15) << "no peak, though it has ten columns";
  EXPECT_EQ(at({.file = file("p.bed", peak), .point = SitePoint::summit}), 13);
  const SiteTable plain = read_sites({.file = file("p.narrowPeak", peak), .format = SiteFormat::bed, .point = SitePoint::summit}, sizes());
  EXPECT_EQ(plain.sites.at(0).position, 15);
  EXPECT_THAT(plain.summary(), HasSubstr("; 1 of 1 have no summit: their centre was taken"));
  EXPECT_EQ(at({.file = file("b.broadPeak", "chr1\t10\t21\tx\t0\t.\t5.1\t2.0\t1.0\n")}), 15);
  EXPECT_EQ(at({.file = file("g.gappedPeak.gz", testing_files::gzip("chr1\t10\t21\tx\t0\t.\t10\t21\t0\t1\t11\t0\t5.1\t2.0\t1.0\n"))}), 15);
  EXPECT_EQ(at({.file = file("sites", "chr1\t10\t21\n")}), 15) << "its lines tell";
  EXPECT_EQ(at({.file = file("sites.txt", "chr1 10 21\n")}), 15);
}

const std::string kGenes =
    "##gff-version 3\nchr1\tx\tgene\t11\t20\t.\t+\t.\tID=a;biotype=coding\nchr1\tx\tmRNA\t12\t20\t.\t+\t.\tParent=a\n"
    "chr2\tx\tgene\t11\t20\t.\t-\t.\tID=b;biotype=tRNA\nchr2\tx\texon\t1\t5\t.\t-\t.\tID=c\n";

TEST(Sites, FeaturesOfGffAndGtf) {
  const SiteTable genes = read_sites({.file = file("a.gff3", kGenes)}, sizes());
  EXPECT_EQ(genes.sites, (std::vector<Site>{{0, 10, Strand::forward}, {1, 19, Strand::reverse}}));
  EXPECT_EQ(genes.summary(), "2 sites (1 on the reverse strand) from 2 rows; sites are the 5' ends of the features 'gene'");
  SiteOptions o{.file = file("a.gff3", kGenes), .features = {"gene"}, .feature_point = SitePoint::centre, .task = "biotype"};
  const SiteTable centres = read_sites(o, sizes());
  EXPECT_EQ(centres.sites, (std::vector<Site>{{0, 15, Strand::forward, 0}, {1, 15, Strand::reverse, 1}}));
  EXPECT_EQ(centres.tasks, (std::vector<std::string>{"coding", "tRNA"}));
  const std::string gtf =
      "1\tx\ttranscript\t11\t20\t.\t-\t.\tgene_id \"g\"; transcript_id \"t\";\n1\tx\texon\t11\t20\t.\t-\t.\tgene_id \"g\";\n";
  EXPECT_EQ(read_sites({.file = file("a.gtf.gz", testing_files::gzip(gtf))}, sizes()).sites, (std::vector<Site>{{0, 19, Strand::reverse}}));
  EXPECT_EQ(read_sites({.file = file("genes", gtf)}, sizes()).sites.size(), 1U) << "nine columns with places in two of them";
}

TEST(Sites, FeaturesThatAreNotThere) {
  const auto error = [](SiteOptions o) { return error_text([&] { read_sites(o, sizes()); }); };
  EXPECT_THAT(error({.file = file("b.gff3", kGenes), .features = {"TSS"}}),
              HasSubstr("b.gff3: no feature of type 'TSS'; its types are 'exon', 'gene', 'mRNA'"));
  EXPECT_THAT(error({.file = file("c.gff3", "chr1\tx\tCDS\t1\t5\t.\t+\t0\tID=a\nchr1\tx\texon\t1\t5\t.\t+\t.\tID=b\n")}),
              HasSubstr("say with 'features' which of its types are sites: 'CDS', 'exon'"));
  EXPECT_THAT(error({.file = file("d.gff3", kGenes), .point = SitePoint::summit}), HasSubstr("features of GFF and GTF have none"));
  EXPECT_THAT(error({.file = file("e.gff3", kGenes), .task = "source"}), HasSubstr("e.gff3:2: the feature has no attribute 'source'"));
}

TEST(Sites, ConditionsOnOneColumnAreAlternatives) {
  SiteOptions o = table("any.tsv", kTable);
  o.where = {"kind=a", "kind=b"};
  EXPECT_EQ(read_sites(o, sizes()).sites.size(), 4U);
  o.where = {"kind=a", "kind=b", "strand=-"};
  EXPECT_EQ(read_sites(o, sizes()).sites, (std::vector<Site>{{0, 99, Strand::reverse}, {1, 6, Strand::reverse}}));
}

// Start 148 (from 1) of thrL, as a model that sees upstream bases only is shown it.
TEST(Sites, AreMovedDownstreamOnTheirOwnStrand) {
  const seq::ChromSizes ecoli({{"NC_000913.3", 4641652, true}}, "ecoli.fa");
  SiteOptions o = table("shift.tsv", "pos\tstrand\n148\t+\n190\t-\n4641640\t+\n5\t-\n");
  o.chromosome.clear();
  o.shift = 20;
  const SiteTable moved = read_sites(o, ecoli);
  EXPECT_EQ(moved.sites, (std::vector<Site>{{0, 7, Strand::forward},
                                            {0, 167, Strand::forward},
                                            {0, 169, Strand::reverse},
                                            {0, 4641636, Strand::reverse}}));
  EXPECT_THAT(moved.summary(), HasSubstr("; they are moved by 20 bases along their strand"));
  SiteTable back = moved;
  move_downstream(back, -20, ecoli);
  o.shift = 0;
  EXPECT_EQ(back.sites, read_sites(o, ecoli).sites);
  SiteOptions linear = table("ends.tsv", "chrom\tpos\tstrand\nchr1\t99\t+\nchr1\t99\t-\n");
  linear.shift = 2;
  const SiteTable some = read_sites(linear, sizes());
  EXPECT_EQ(some.sites, (std::vector<Site>{{0, 96, Strand::reverse}}));
  EXPECT_THAT(some.summary(), HasSubstr("1 of them leave their sequence and were left out"));
  linear.strand.clear();
  EXPECT_THAT(error_text([&] { read_sites(linear, sizes()); }), HasSubstr("without a strand there is no downstream"));
}

// The circular roll of one vector of labels of both strands, each 5' to 3', is the same but for
// sites that it would carry from the end of one strand to the beginning of the other.
TEST(Sites, MovingThemIsTheRollOfLabelsOfBothStrands) {
  constexpr std::int64_t n = 50, shift = 7;
  const seq::ChromSizes ring({{"ring", n, true}});
  SiteTable table;
  for (const std::int64_t position : {0, 3, 41, 49})
    table.sites.push_back({0, position, position % 2 == 0 ? Strand::forward : Strand::reverse});
  const auto labels = [](const std::vector<Site>& sites) {
    std::vector<int> both(2 * n, 0);
    for (const Site& s : sites) both[static_cast<std::size_t>(s.strand == Strand::forward ? s.position : n + (n - 1 - s.position))] = 1;
    return both;
  };
  std::vector<int> rolled = labels(table.sites);
  std::rotate(rolled.begin(), rolled.end() - shift, rolled.end());
  move_downstream(table, shift, ring);
  std::vector<int> moved = labels(table.sites);
  // Position 3 of the reverse strand leaves over the origin:
  // the roll brings it to the forward strand.
  std::swap(moved[static_cast<std::size_t>(n + 3)], moved[3]);
  EXPECT_EQ(moved, rolled);
}

TEST(Sites, ErrorsNameFileAndLine) {
  EXPECT_THAT(error_text([] { read_sites(table("b.tsv", "chrom\tpos\tstrand\nchr1\t101\t+\n"), sizes()); }),
              HasSubstr("b.tsv:2: position 101 is not in 1 to 100 of chr1 (positions are counted from 1"));
  EXPECT_THAT(error_text([] { read_sites(table("c.tsv", "chrom\tpos\tstrand\nchr9\t1\t+\n"), sizes()); }),
              HasSubstr("c.tsv uses 'chr9', toy.fa has 'chr1', 'chr2'; known aliases were tried"));
  EXPECT_THAT(error_text([] { read_sites(table("d.tsv", "chrom\tpos\tstrand\nchr1\t1\tx\n"), sizes()); }),
              HasSubstr("strand 'x' is none of + - ."));
  SiteOptions o = table("e.tsv", kTable);
  o.chromosome.clear();
  EXPECT_THAT(error_text([&] { read_sites(o, sizes()); }), HasSubstr("must name the column with chromosomes, for toy.fa has 2 sequences"));
}

TEST(Sites, KeysOfAnotherFormatAreRefused) {
  const auto read = [](const std::string& toml) {
    SiteOptions o;
    return maybe_error_text([&] { read_toml(described(o), toml, "r.toml"); });
  };
  EXPECT_EQ(read("point = \"summit\"\nstrand = \"strand\"\n"), "") << "the name of the file will tell";
  EXPECT_EQ(read("format = \"narrowpeak\"\npoint = \"summit\"\ntask = \"name\"\n"), "");
  EXPECT_THAT(read("format = \"bed\"\nposition_base = 1\n"),
              HasSubstr("position_base means nothing with format = \"bed\"; format = \"auto\" or \"table\" uses it"));
  EXPECT_THAT(read("format = \"table\"\npoint = \"start\"\n"),
              HasSubstr("point means nothing with format = \"table\"; format = \"auto\", \"bed\" or \"narrowpeak\" uses it"));
}

TEST(Sites, IndexFindsRanges) {
  const SiteTable sites{{{0, 5, Strand::forward}, {0, 9, Strand::none}, {0, 20, Strand::reverse}, {1, 5, Strand::forward}}, {"labels"}};
  const SiteIndex index(sites, sizes());
  EXPECT_THAT(index.range(0, Strand::forward, 5, 20), testing::ElementsAre(5, 9));
  EXPECT_THAT(index.range(0, Strand::reverse, 5, 21), testing::ElementsAre(9, 20));
  EXPECT_THAT(index.range(0, Strand::forward, 6, 9), testing::IsEmpty());
  EXPECT_EQ(index.count(0, 0, 100), 4);
  EXPECT_EQ(index.count(1, 0, 50), 1);
}

TEST(Sites, OfSeveralFilesAreThoseOfAllOfThem) {
  const std::filesystem::path bed = file("s1.bed", "chr1\t0\t5\nchr2\t3\t9\n");
  const std::filesystem::path again =
      file("s2.narrowPeak", "1\t10\t15\tp\t0\t-\t1\t1\t1\t2\n2\t3\t9\tp\t0\t.\t1\t1\t1\t-1\n");
  const SiteTable all = read_sites({.file = {bed, again}}, sizes());
  EXPECT_EQ(all.rows, 4);
  EXPECT_EQ(all.sites.size(), 3U);
  EXPECT_EQ(all.duplicates, 1);
  EXPECT_THAT(all.tasks, ElementsAre("labels"));
  EXPECT_THAT(all.summary(), HasSubstr("s2.narrowPeak: 2 names are translated"));
  const SiteTable apart = read_sites({.file = {bed, again}, .task = "file"}, sizes());
  EXPECT_THAT(apart.tasks, ElementsAre("s1", "s2"));
  EXPECT_EQ(apart.duplicates, 0);
  std::vector<std::size_t> tasks;
  for (const Site& site : apart.sites) tasks.push_back(site.task);
  EXPECT_THAT(tasks, ElementsAre(0U, 1U, 0U, 1U));
  EXPECT_THAT(error_text([&] { read_sites({.file = {bed, bed}, .task = "file"}, sizes()); }), HasSubstr("two files are called 's1'"));
  EXPECT_THAT(error_text([&] { read_sites({}, sizes()); }), HasSubstr("'file' is missing"));
}

}  // namespace
}  // namespace basewise::corpus
