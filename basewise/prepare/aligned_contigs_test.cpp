#include "basewise/prepare/aligned_contigs.h"

#include <algorithm>
#include <map>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/random.h"
#include "basewise/prepare/alignment.h"
#include "basewise/prepare/bins.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<seq::ChromSizes> kGenomes = {seq::ChromSizes({{"chr1", 1000}, {"chr2", 400}}, "a.fa"),
                                               seq::ChromSizes({{"chr1", 700}, {"chrX", 500}, {"chr9", 90}}, "b.fa")};

TEST(Alignment, OfANetTakesTheTopFills) {
  const Folder folder;
  const auto net = folder.file("x.net.gz", gzip("# a comment\n"
                                                "net chr1 1000\n"
                                                " fill 100 200 chrX + 10 210 id 1 score 5\n"
                                                "  gap 150 20 chrX + 40 30\n"
                                                "   fill 155 120 chr1 - 0 120 id 2\n"
                                                " fill 400 99 chr1 - 300 100\n"
                                                "net chr2 400\n"
                                                " fill 0 400 chr1 + 200 400\n"
                                                " fill 0 150 chrUn + 0 150\n"));
  const AlignmentResult result = read_alignment(net, kGenomes, 100);
  EXPECT_THAT(result.regions, ElementsAre(AlignedRegion{Contig{0, 0, 100, 300}, Contig{1, 1, 10, 220}},
                                          AlignedRegion{Contig{0, 1, 0, 400}, Contig{1, 0, 200, 600}}));
  EXPECT_EQ(result.small, 1);
  EXPECT_EQ(result.unknown, 1);
}

TEST(Alignment, OfATable) {
  const Folder folder;
  const auto result = read_alignment(folder.file("x.bedpe", "chr1\t5\t45\tchrX\t0\t50\tname\t1\n"), kGenomes, 40);
  EXPECT_THAT(result.regions, ElementsAre(AlignedRegion{Contig{0, 0, 5, 45}, Contig{1, 1, 0, 50}}));
  const auto fails = [&](const std::string& text) {
    return error_text<DataError>([&] { return read_alignment(folder.file("y.txt", text), kGenomes, 40); });
  };
  EXPECT_THAT(fails("chr1\t5\t45\tchrX\t0\n"), HasSubstr("y.txt:1: there are 5 columns"));
  EXPECT_THAT(fails("chr1\t5\t45\tchrX\tzero\t50\n"), HasSubstr("y.txt:1: 'zero' is no whole number"));
  EXPECT_THAT(fails("chr1\t5\t45\tchrX\t0\t501\n"), HasSubstr("chrX:0-501 does not lie in b.fa, where chrX has 500 bases"));
  EXPECT_THAT(fails("chr1\t50\t45\tchrX\t0\t50\n"), HasSubstr("chr1:50-45 does not lie in a.fa"));
  EXPECT_THAT(fails("chr1\t5\t44\tchrX\t0\t50\nchrQ\t0\t90\tchrX\t0\t90\n"),
              HasSubstr("no region of 40 bases or more lies in both genomes (1 are shorter, 1 on other sequences)"));
  EXPECT_THAT(fails("net chr1\n"), HasSubstr("a net names chromosome and size"));
  EXPECT_THAT(fails("net chr1 1000\n fill 1 2 chrX\n"), HasSubstr("a fill has start, size, chromosome"));
}

TEST(Connected, JoinsWhatARegionTouches) {
  const std::vector<Contig> contigs = {{0, 0, 0, 500}, {0, 0, 500, 1000}, {0, 1, 0, 400}, {1, 0, 0, 700}, {1, 1, 0, 250}, {1, 1, 250, 500}};
  // 100-300 beside chrX 230-440: 20 bases of the first contig of chrX do not count with 20.
  const std::vector<AlignedRegion> regions = {{Contig{0, 0, 100, 300}, Contig{1, 1, 230, 440}},
                                              {Contig{0, 0, 600, 900}, Contig{1, 1, 300, 480}}};
  EXPECT_THAT(connected(contigs, regions, kGenomes, 20),
              ElementsAre(std::vector<Contig>{contigs[0], contigs[1], contigs[5]}, std::vector<Contig>{contigs[2]},
                          std::vector<Contig>{contigs[3]}, std::vector<Contig>{contigs[4]}));
  EXPECT_EQ(connected(contigs, regions, kGenomes, 19).size(), 3u);
  EXPECT_EQ(connected(contigs, {}, kGenomes, 20).size(), 6u);
}

/// Two genomes of 12,000 bases, the second turned by pieces of 1,000 with a shift of 5 pieces.
struct Two {
  Folder folder;
  AlignedContigsOptions o;

  Two() {
    Stream stream(2);
    std::string letters;
    for (int i = 0; i < 12000; ++i) letters += "ACGT"[stream.below(4)];
    std::string table;
    for (int i = 0; i < 12; ++i)
      table += format("chr1\t{}\t{}\tchrA\t{}\t{}\n", i * 1000, i * 1000 + 1000, (i + 5) % 12 * 1000, (i + 5) % 12 * 1000 + 1000);
    o.genomes = {folder.file("a.fa", ">chr1\n" + letters + "\n"), folder.file("b.fa", ">chrA\n" + letters + "\n")};
    o.aligned = folder.file("x.bedpe", table);
    o.out = folder.path() / "split";
    o.length = 64;
    o.longest_contig = 1000;
    o.least_region = 500;
    o.least_overlap = 100;
    o.validation_fraction = o.test_fraction = 0.25;
    o.seed = 3;
  }
};

TEST(SplitAligned, NoAlignedBaseIsInTwoSets) {
  const Two two;
  const AlignedContigsResult result = split_aligned(two.o);
  EXPECT_EQ(result.regions, 12);
  std::int64_t together = 0;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      if (a != b) {
        EXPECT_EQ(result.aligned[a][b], 0) << a << b;
      }
      together += result.aligned[a][b];
    }
  EXPECT_EQ(together, 12000);
  EXPECT_EQ(result.bases[0][0] + result.bases[1][0] + result.bases[2][0], 12000);
  EXPECT_GT(result.bases[0][1], 0);
  EXPECT_THAT(read_file(result.files.back()), HasSubstr("a\tb\tbases\ntrain\ttrain\t"));

  // Sets of bins from it.
  BinsOptions bins;
  bins.targets = two.folder.file("t.txt", "identifier\tfile\nx\tp.bed\n");
  two.folder.file("p.bed", "chr1\t5\t5000\n");
  bins.genome = two.o.genomes[0];
  bins.contigs = result.files[0];
  bins.out = two.folder.path() / "bins";
  bins.length = 64;
  bins.width = 16;
  const BinsResult made = prepare_bins(bins);
  EXPECT_EQ(made.sets[0].bases, result.bases[0][0]);
  EXPECT_EQ(made.sets[2].bases, result.bases[2][0]);
}

TEST(SplitAligned, FoldsAndErrors) {
  Two two;
  two.o.folds = 4;
  EXPECT_THAT(split_aligned(two.o).sets, ElementsAre("fold0", "fold1", "fold2", "fold3"));
  const auto text = [&](const auto& change) {
    AlignedContigsOptions o = two.o;
    change(o);
    return error_text<ArgumentError>([&] { return split_aligned(o); });
  };
  EXPECT_THAT(text([](auto& o) { o.genomes.pop_back(); }), HasSubstr("1 genomes are given; two are split together"));
  EXPECT_THAT(text([](auto& o) { o.genomes[1] = o.genomes[0]; }), HasSubstr("both genomes are called a"));
  EXPECT_THAT(text([](auto& o) { o.gaps = {"x.bed"}; }), HasSubstr("gaps are given for 1 genomes"));
  EXPECT_THAT(text([](auto& o) { o.longest_contig = 32; }), HasSubstr("holds no sequence of 64 bases"));
}

TEST(BinsContigs, FromAFile) {
  const Two two;
  BinsOptions o;
  o.targets = two.folder.file("t.txt", "identifier\tfile\nx\tp.bed\n");
  two.folder.file("p.bed", "chr1\t5\t5000\n");
  o.genome = two.o.genomes[0];
  o.out = two.folder.path() / "bins";
  o.length = 64;
  o.width = 16;
  o.contigs = two.folder.file("c.bed", "chr1\t0\t640\tfold1\nchr1\t700\t1000\tfold0\n");
  const BinsResult result = prepare_bins(o);
  ASSERT_EQ(result.sets.size(), 2u);
  EXPECT_EQ(result.sets[0].name, "fold1");
  EXPECT_EQ(result.sets[0].windows, 10);
  EXPECT_EQ(result.sets[1].windows, 4);
  o.out = two.folder.path() / "other";
  o.contigs = two.folder.file("d.bed", "chr1\t0\t640\ttrain\nchr1\t600\t1000\ttest\n");
  EXPECT_THAT(error_text<DataError>([&] { return prepare_bins(o); }),
              HasSubstr("contigs of train and test share bases of chr1 from 600 on"));
  o.contigs = two.folder.file("e.bed", "chr1\t0\t640\n");
  o.out = two.folder.path() / "third";
  EXPECT_THAT(error_text<DataError>([&] { return prepare_bins(o); }),
              HasSubstr("e.bed:1:4: a contig needs the name of its set in column 4"));
  o.peaks = true;
  EXPECT_THAT(error_text<ArgumentError>([&] { return prepare_bins(o); }), HasSubstr("contigs says where windows lie and in which set"));
}

}  // namespace
}  // namespace basewise::prepare
