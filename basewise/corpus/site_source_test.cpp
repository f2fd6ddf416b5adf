#include "basewise/corpus/site_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using seq::Strand;
using testing::ElementsAre;
using testing::HasSubstr;

/// A line of 100 bases and a ring of 50.
seq::ChromSizes two() { return seq::ChromSizes({{"chr1", 100, false}, {"ring", 50, true}}, "toy.fa"); }
seq::ChromSizes one(bool circular) { return seq::ChromSizes({{"only", 50, circular}}, "toy.fa"); }

class SiteSource : public testing::Test {
 protected:
  SiteSourceOptions of(const std::string& name, const std::string& text) {
    return {.name = "s", .file = folder_.file(name, text), .format = SiteFormat::table, .strand = "strand"};
  }
  std::vector<ScoredSite> sites(const SiteSourceOptions& o, const seq::ChromSizes& sizes) { return read_source(o, sizes).sites; }

  testing_files::Folder folder_;
};

// One base, 30 counted from 0, on both strands, in each way to say it.
TEST_F(SiteSource, EveryConventionGivesTheSameBase) {
  const std::vector<ScoredSite> both = {{0, 30, Strand::forward}, {0, 30, Strand::reverse}};
  SiteSourceOptions o = of("a.tsv", "position\tstrand\n31\t+\n31\t-\n");
  EXPECT_EQ(sites(o, one(false)), both);
  o = of("b.tsv", "position\tstrand\n30\t+\n30\t-\n");
  o.coordinates = Coordinates::zero_based;
  EXPECT_EQ(sites(o, one(false)), both);
  o = of("c.tsv", "position\tstrand\n30\tplus\n31\tminus\n");
  o.coordinates = Coordinates::zero_based;
  o.reverse_coordinates = Coordinates::one_based;
  EXPECT_EQ(sites(o, one(false)), both);
  o = of("d.tsv", "start\tend\tstrand\n30\t40\t+\n22\t31\t-\n");
  o.coordinates = Coordinates::half_open;
  EXPECT_EQ(sites(o, one(false)), both);
  o = of("e.tsv", "start\tend\tstrand\n31\t40\tforward\n23\t31\treverse\n");
  o.coordinates = Coordinates::inclusive;
  EXPECT_EQ(sites(o, one(false)), both);
  o.point = SiteEnd::end;
  EXPECT_EQ(sites(o, one(false)), (std::vector<ScoredSite>{{0, 22, Strand::reverse}, {0, 39, Strand::forward}})) << "the 3' ends";
  SiteSourceOptions bed{.name = "s", .file = folder_.file("f.bed", "only\t30\t40\tx\t2.5\t+\nonly\t22\t31\ty\t.\t-\n")};
  EXPECT_EQ(sites(bed, one(false)), (std::vector<ScoredSite>{{0, 30, Strand::forward, 2.5}, {0, 30, Strand::reverse}}));
  const std::string features = "only\tx\tTSS\t31\t31\t7.5\t-\t.\tid\nonly\tx\tgene\t1\t9\t.\t+\t.\tid\n";
  SiteSourceOptions gff{.name = "s", .file = folder_.file("g.gtf", features), .features = {"TSS"}};
  EXPECT_EQ(sites(gff, one(false)), (std::vector<ScoredSite>{{0, 30, Strand::reverse, 7.5}}));
}

TEST_F(SiteSource, PositionsPastTheEndOfACircleGoOnAtItsFirstBase) {
  const SiteSourceOptions o = of("a.tsv", "position\tstrand\n50\t+\n51\t+\n100\t-\n");
  const SourceSites read = read_source(o, one(true));
  EXPECT_EQ(read.sites, (std::vector<ScoredSite>{{0, 0, Strand::forward}, {0, 49, Strand::forward}, {0, 49, Strand::reverse}}));
  EXPECT_EQ(read.wrapped, 2);
  EXPECT_THAT(read.summary(), HasSubstr("2 lie past the end of a circular sequence and were counted on from its first base"));
  EXPECT_THAT(
      error_text<DataError>([&] { read_source(o, one(false)); }),
      HasSubstr("a.tsv:3: base 51 (counted from 1) is not on only, a linear sequence of 50 bases; see 'coordinates', 'liftover' if"));
  EXPECT_THAT(error_text<DataError>([&] { read_source(of("b.tsv", "position\tstrand\n101\t+\n"), one(true)); }),
              HasSubstr("b.tsv:2: base 101 (counted from 1) is more than a round away on only, a circle of 50 bases"));
}

TEST_F(SiteSource, RowsAreChosenCountedAndMerged) {
  SiteSourceOptions o = of("a.tsv",
                           "ignored\nevidence\tposition\tstrand\treads\nStrong\t7\t+\t3\nWeak\t8\t+\t3\nConfirmed\t7\t+\t9\n"
                           "Strong\t\t+\t1\nStrong\t0\t-\t1\nStrong\t9\t-\tNA\n");
  o.skip_lines = 1;
  o.no_position = "0";
  o.score = "reads";
  o.where = {"evidence=Strong", "evidence=Confirmed"};
  const SourceSites read = read_source(o, one(true));
  EXPECT_EQ(read.sites, (std::vector<ScoredSite>{{0, 6, Strand::forward, 9.0}, {0, 8, Strand::reverse}})) << "the highest score of a place";
  EXPECT_EQ(read.summary(),
            "2 sites (1 on the reverse strand) from 6 rows, 1 do not meet the conditions, 2 have no position, 1 repeat another one");
}

// They share nothing with sites of a strand, however near.
TEST_F(SiteSource, SitesWithoutAStrandAreCounted) {
  SiteSourceOptions o = of("a.tsv", "position\tstrand\n7\t+\n9\t.\n11\t-\n");
  EXPECT_EQ(read_source(o, one(true)).without_strand(), 1);
  EXPECT_EQ(read_source(o, one(true)).summary(),
            "3 sites (1 on the reverse strand) from 3 rows, 1 sites have no strand and are shared with others without one alone");
  o.strand = "";
  EXPECT_EQ(read_source(o, one(true)).without_strand(), 3);
}

TEST_F(SiteSource, TablesWithoutHeadingHaveNumbersForColumns) {
  SiteSourceOptions o{.name = "s",
                      .file = folder_.file("p.txt", "# notice\nP1\tforward\t5\tStrong\nP2\treverse\t6\tWeak\n"),
                      .format = SiteFormat::table,
                      .header = false,
                      .position = "3",
                      .strand = "2",
                      .where = {"4=Weak"}};
  EXPECT_EQ(sites(o, one(false)), (std::vector<ScoredSite>{{0, 5, Strand::reverse}}));
}

TEST_F(SiteSource, AFilterThatLeavesNothingSaysWhatThereIs) {
  SiteSourceOptions o = of("a.tsv", "evidence\tposition\tstrand\nStrong\t7\t+\nWeak\t8\t+\n");
  o.where = {"evidence=strong"};
  EXPECT_THAT(error_text<DataError>([&] { read_source(o, one(true)); }),
              HasSubstr("a.tsv: no site is left of source 's': none of 2 rows meets where = [\"evidence=strong\"]; column 'evidence' has "
                        "'Strong', 'Weak'"));
  o.where = {"proof=Strong"};
  EXPECT_THAT(error_text<DataError>([&] { read_source(o, one(true)); }), HasSubstr("no column 'proof'"));
  EXPECT_THAT(error_text<DataError>([&] { read_source(of("b.tsv", "position\tstrand\nNA\t+\n"), one(true)); }),
              HasSubstr("none of 1 rows has a position"));
  EXPECT_THAT(error_text<DataError>([&] { read_source(of("c.tsv", "position\tstrand\n"), one(true)); }),
              HasSubstr("the table has no rows"));
  SiteSourceOptions gff{.name = "s", .file = folder_.file("g.gff", "only\tx\tTSS\t31\t31\t.\t-\t.\tID=a\n"), .features = {"gene"}};
  EXPECT_THAT(error_text<DataError>([&] { read_source(gff, one(true)); }), HasSubstr("no feature is of type 'gene'"));
}

TEST_F(SiteSource, OfAnotherAssembly) {
  const std::string rows = "v2\tx\tTSS\t9\t9\t1\t+\t.\ta\nv2\tx\tTSS\t10\t10\t2\t-\t.\tb\nv2\tx\tTSS\t12\t12\t2\t-\t.\tc\n";
  SiteSourceOptions o{.name = "s", .file = folder_.file("old.gtf", rows)};
  o.sequence = "ring";
  o.liftover = folder_.file("l.tsv", "old_start\told_end\tadd\n1\t9\t0\n10\t11\t3\n13\t40\t1\n");
  const SourceSites read = read_source(o, two());
  EXPECT_EQ(read.sites, (std::vector<ScoredSite>{{1, 8, Strand::forward, 1.0}, {1, 12, Strand::reverse, 2.0}}));
  EXPECT_EQ(read.lost, 1);
  EXPECT_THAT(read.summary(), HasSubstr("1 lie on bases that the new assembly has not"));
  o.file = folder_.file("far.gtf", "v2\tx\tTSS\t41\t41\t1\t+\t.\ta\n");
  EXPECT_THAT(error_text<DataError>([&] { read_source(o, two()); }), HasSubstr("far.gtf:1: base 41 (counted from 1) lies outside of"));
  o.file = folder_.file("both.gtf", "v2\tx\tTSS\t1\t1\t1\t+\t.\ta\nv3\tx\tTSS\t2\t2\t1\t+\t.\ta\n");
  EXPECT_THAT(error_text<ArgumentError>([&] { read_source(o, two()); }),
              HasSubstr("both.gtf: its rows are of 2 sequences, 'v2', 'v3'; 'sequence' says that all lie on one"));
}

TEST_F(SiteSource, NamesOfSequences) {
  SiteSourceOptions o = of("a.tsv", "chrom\tposition\tstrand\n1\t7\t+\nring\t3\t.\nchrM\t4\t+\n");
  o.chromosome = "chrom";
  const SourceSites read = read_source(o, two());
  EXPECT_EQ(read.sites, (std::vector<ScoredSite>{{0, 6, Strand::forward}, {1, 2, Strand::none}}));
  EXPECT_EQ(read.left_out, 1);
  EXPECT_THAT(read.summary(), HasSubstr("1 rows of"));
  EXPECT_THAT(error_text<ArgumentError>([&] { read_source(of("b.tsv", "position\tstrand\n7\t+\n"), two()); }),
              HasSubstr("toy.fa has 2 sequences; name the column 'chromosome', or the 'sequence' that all sites lie on"));
}

TEST_F(SiteSource, WhatIsNoPlaceIsRefusedWithItsLine) {
  const auto error = [&](SiteSourceOptions o) { return error_text<DataError>([&] { read_source(o, one(true)); }); };
  EXPECT_THAT(error(of("a.tsv", "position\tstrand\n0\t+\n")),
              HasSubstr("a.tsv:2: position 0 lies before the first base, which is 1 with coordinates = \"one_based\""));
  EXPECT_THAT(error(of("b.tsv", "position\tstrand\n7\tup\n")), HasSubstr("b.tsv:2: strand 'up' is none of + - ."));
  EXPECT_THAT(error(of("c.tsv", "position\tstrand\nx\t+\n")), HasSubstr("c.tsv:2: column 'position': 'x' is no whole number"));
  EXPECT_THAT(error(of("d.tsv", "position\tstrand\n9000000000000000000\t+\n")),
              HasSubstr("d.tsv:2: column 'position': 9000000000000000000"));
  SiteSourceOptions o = of("e.tsv", "start\tend\tstrand\n9\t9\t+\n");
  o.coordinates = Coordinates::half_open;
  EXPECT_THAT(error(o), HasSubstr("e.tsv:2: '9' to '9' is no interval of coordinates = \"half_open\""));
  o = of("f.tsv", "position\tstrand\n7\t+\n");
  o.skip_lines = 5;
  EXPECT_THAT(error(o), HasSubstr("f.tsv: has no more than 2 lines, of which skip_lines are 5"));
  const std::string toml = "name = \"s\"\nfile = \"x.tsv\"\nformat = \"table\"\ncoordinates = \"base_one\"\n";
  EXPECT_THAT(error_text<ArgumentError>([&] { read_toml(described(o), toml, "t.toml"); }),
              HasSubstr("coordinates is \"base_one\"; it must be one of one_based, zero_based, half_open, inclusive"));
}

}  // namespace
}  // namespace basewise::corpus
