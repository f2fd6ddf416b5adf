#include "basewise/prepare/coverage.h"

#include <cmath>
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/bigwig.h"
#include "basewise/io/w5.h"
#include "tests/support/bam_bytes.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;
using testing::HasSubstr;
using Values = std::map<std::int64_t, float>;  // those above 0, by base

const std::vector<std::pair<std::string, std::int32_t>> kChroms = {{"chr1", 1000}, {"chr2", 500}, {"chrM", 77}};

class Coverage : public testing::Test {
 protected:
  Folder folder_;
  CoverageOptions options_ = {.out = folder_.path() / "x.bw"};
  CoverageResult result_;

  void count(const std::vector<BamRecord>& records) { count(folder_.file("x.bam", bam_bytes(kChroms, records))); }
  void count(const fs::path& file) {
    options_.reads = {file};
    result_ = coverage(options_);
  }
  Values values(const std::string& chrom, const std::string& name = "x.bw") const {
    const io::BigWigReader reader(folder_.path() / name);
    Values found;
    const auto all = reader.values(chrom, 0, reader.length(chrom));
    for (std::size_t i = 0; i < all.size(); ++i) {
      EXPECT_FALSE(std::isnan(all[i])) << "every base has a value";
      if (all[i] != 0) found[static_cast<std::int64_t>(i)] = all[i];
    }
    return found;
  }
  std::string refused() {
    return error_text([&] { count(std::vector<BamRecord>(1)); });
  }
};

const std::vector<BamRecord> kReads = {
    {.name = "a", .chrom = 0, .position = 100, .cigar = {{10, 'M'}, {5, 'N'}, {3, 'M'}}},
    {.name = "b", .flag = 16, .chrom = 0, .position = 91},
    {.name = "c", .chrom = 1, .position = 0, .quality = 3},
    {.name = "d", .flag = 16 | 1024, .chrom = 1, .position = 490},
    {.name = "e", .flag = 4, .chrom = -1, .position = -1, .cigar = {}},
    {.name = "f", .flag = 256, .chrom = 0, .position = 300},
    {.name = "g", .chrom = 2, .position = 7},
};

TEST_F(Coverage, CountsTheFiveEnds) {
  count(kReads);
  EXPECT_EQ(values("chr1"), (Values{{100, 2}})) << "read b ends at base 100";
  EXPECT_EQ(values("chr2"), (Values{{0, 1}}));
  EXPECT_EQ(values("chrM"), (Values{{7, 1}}));
  EXPECT_EQ(result_.records, 7);
  EXPECT_EQ(result_.used, 4);
  EXPECT_EQ(result_.left_out, (std::map<std::string, std::int64_t>{
                                  {"marked as duplicate", 1}, {"not aligned", 1}, {"secondary alignment", 1}}));
  EXPECT_EQ(result_.tracks.at(0).sum, 4);
  EXPECT_EQ(result_.tracks.at(0).highest, 2);
  EXPECT_EQ(folder_.count(), 2U) << "no temporary file is left";
}

TEST_F(Coverage, FiltersAndChromosomes) {
  options_.keep_duplicates = true;
  options_.min_quality = 10;
  options_.exclude = {"M"};
  count(kReads);
  EXPECT_EQ(values("chr2"), (Values{{499, 1}}));
  EXPECT_FALSE(io::BigWigReader(options_.out).contains("chrM"));
  EXPECT_EQ(result_.left_out.at("mapping quality below 10"), 1);
  EXPECT_EQ(result_.left_out.at("on a chromosome that is not used"), 1);
  options_.exclude = {};
  options_.chromosomes = {"2"};
  count(kReads);
  EXPECT_EQ(io::BigWigReader(options_.out).chromosomes(), (io::TrackChromosomes{{"chr2", 500}}));
}

TEST_F(Coverage, CountsReadsWithoutTheirIntrons) {
  options_.count = ReadCount::reads;
  count(kReads);
  Values expected;
  for (std::int64_t i = 91; i < 101; ++i) expected[i] += 1;
  for (std::int64_t i = 100; i < 110; ++i) expected[i] += 1;
  for (std::int64_t i = 115; i < 118; ++i) expected[i] += 1;
  EXPECT_EQ(values("chr1"), expected);
}

TEST_F(Coverage, StrandsApart) {
  options_.strands = StrandTracks::apart;
  count(kReads);
  ASSERT_EQ(result_.tracks.size(), 2U);
  EXPECT_EQ(values("chr1", "x.plus.bw"), (Values{{100, 1}}));
  EXPECT_EQ(values("chr1", "x.minus.bw"), (Values{{100, 1}}));
  EXPECT_EQ(values("chr2", "x.minus.bw"), (Values{}));
  options_.strands = StrandTracks::reverse;
  options_.strand_of = StrandOf::second_read;  // a single read counts for the other strand
  count(kReads);
  EXPECT_EQ(values("chr2"), (Values{{0, 1}}));
}

// First reads forward at 100, second reads reverse from 170 on: a fragment of 80 bases.
const std::vector<BamRecord> kPair = {
    {.name = "p", .flag = 99, .chrom = 0, .position = 100, .mate_chrom = 0, .mate_position = 170, .template_length = 80},
    {.name = "p", .flag = 147, .chrom = 0, .position = 170, .mate_chrom = 0, .mate_position = 100, .template_length = -80},
    {.name = "q", .flag = 73, .chrom = 0, .position = 400}};

TEST_F(Coverage, FragmentsOfPairs) {
  options_.count = ReadCount::fragments;
  count(kPair);
  const Values found = values("chr1");
  EXPECT_EQ(found.size(), 80U);
  EXPECT_EQ(found.begin()->first, 100);
  EXPECT_EQ(result_.used, 1);
  EXPECT_EQ(result_.left_out.at("no proper pair, so no fragment"), 1);
  options_.shift = ShiftKind::tn5;
  count(kPair);
  EXPECT_EQ(values("chr1").begin()->first, 104);
  EXPECT_EQ(values("chr1").rbegin()->first, 174) << "the end moved from 180 to 175";
}

TEST_F(Coverage, MovesEndsToTheMiddleOfFragments) {
  options_.shift = ShiftKind::fragment;
  count(kPair);
  EXPECT_EQ(result_.fragment, 80);
  EXPECT_EQ(values("chr1"), (Values{{140, 1}, {139, 1}, {440, 1}}));
}

TEST_F(Coverage, MovesCutsOfTn5) {
  // Both cuts of one insertion: nine bases are doubled, so the reads begin at 200 and at 208.
  const std::vector<BamRecord> cuts = {{.flag = 0, .position = 200}, {.flag = 16, .position = 199}, {.flag = 16, .chrom = 2, .position = -0,
                                       .cigar = {{4, 'M'}}}};
  options_.shift = ShiftKind::tn5;
  count(cuts);
  EXPECT_EQ(values("chr1"), (Values{{204, 1}, {203, 1}}));
  EXPECT_EQ(result_.moved_out, 1);
  EXPECT_EQ(result_.shift_reverse, 5);
  options_.shift = ShiftKind::tn5_centre;
  count(cuts);
  EXPECT_EQ(values("chr1"), (Values{{204, 2}}));
  options_.shift = ShiftKind::given;
  options_.shift_forward = -3;
  options_.shift_reverse = 0;
  count(cuts);
  EXPECT_EQ(values("chr1"), (Values{{197, 1}, {208, 1}}));
}

TEST_F(Coverage, NormalisesScalesAndBins) {
  options_.normalise = Normalisation::cpm;
  options_.scale = 2;
  options_.bin = 30;
  count(kReads);
  EXPECT_DOUBLE_EQ(result_.scale, 500'000);
  const io::BigWigReader reader(options_.out);
  EXPECT_FLOAT_EQ(reader.values("chr1", 119, 120)[0], 1e6F / 30);
  EXPECT_EQ(reader.values("chr1", 120, 121)[0], 0);
  EXPECT_FLOAT_EQ(reader.values("chrM", 0, 1)[0], 5e5F / 30);
  options_.bin_value = BinValue::sum;
  count(kReads);
  EXPECT_FLOAT_EQ(io::BigWigReader(options_.out).values("chr1", 100, 101)[0], 1e6F);
}

TEST_F(Coverage, SharesReadsOfSeveralPlaces) {
  const std::vector<BamRecord> reads = {
      {.name = "u", .position = 100}, {.name = "u2", .position = 100}, {.name = "u3", .position = 110},
      {.name = "m", .position = 105, .quality = 0, .tags = text_tag("XA", "chr2,+201,10M,0;")},
      {.name = "n", .position = 106, .quality = 0, .tags = number_tag("NH", 2)},
      {.name = "n", .flag = 256 | 16, .chrom = 1, .position = 300, .quality = 0, .tags = number_tag("NH", 2)},
      {.name = "x", .position = 700, .tags = number_tag("NH", 30)}};
  options_.multi = MultiReads::share;
  options_.min_quality = 20;
  count(reads);
  EXPECT_EQ(values("chr1"), (Values{{100, 2}, {110, 1}, {105, 0.5F}, {106, 0.5F}}));
  EXPECT_EQ(values("chr2"), (Values{{200, 0.5F}, {309, 0.5F}}));
  EXPECT_EQ(result_.left_out, (std::map<std::string, std::int64_t>{{"more than 20 places", 1}}));
  EXPECT_EQ(result_.used, 5);
  EXPECT_EQ(result_.multi, 2);

  options_.multi = MultiReads::model;
  count(reads);
  const Values first = values("chr1"), second = values("chr2");
  EXPECT_GT(first.at(105), 0.9F) << "where the others lie";
  EXPECT_NEAR(first.at(105) + second.at(200), 1, 1e-6);
  EXPECT_NEAR(first.at(106) + second.at(309), 1, 1e-6);
  EXPECT_GE(result_.rounds, 2);

  options_.multi = MultiReads::leave_out;
  options_.min_quality = 0;
  count(reads);
  EXPECT_EQ(values("chr1"), (Values{{100, 2}, {110, 1}}));
}

TEST_F(Coverage, ClipsWhatItsSurroundingsMakeUnlikely) {
  std::vector<BamRecord> reads(200, BamRecord{.position = 500});
  for (std::int32_t i = 0; i < 50; ++i) reads.push_back({.position = 100 + i});
  options_.clip = ClipWhat::all;
  count(reads);
  // 200 alone under a Gaussian of 16 bases: a mean of 200 / (16 sqrt(2 pi)) = 4.99 (5.00 as it ends
  // at three deviations); P(X > 10) = 0.0137, P(X > 11) = 0.0054
  const Values found = values("chr1");
  EXPECT_EQ(found.at(500), 11);
  EXPECT_EQ(found.at(120), 1);
}

TEST_F(Coverage, SmoothsToTheSameSum) {
  options_.smooth = 5;
  options_.floor = 0;
  count({{.position = 500}, {.flag = 16, .position = 491}});
  EXPECT_NEAR(result_.tracks.at(0).sum, 2, 1e-5);
  EXPECT_NEAR(values("chr1").at(500), 2 / (5 * std::sqrt(2 * M_PI)), 1e-3);
  EXPECT_EQ(values("chr1").begin()->first, 485);
}

TEST_F(Coverage, CorrectsForGAndC) {
  // Left half AT, right half GC, and there three times as many reads.
  std::string left, right;
  std::mt19937 draw(4);
  for (int i = 0; i < 50'000; ++i) {
    left += draw() % 4 == 0 ? "GC"[draw() % 2] : "AT"[draw() % 2];
    right += draw() % 4 != 0 ? "GC"[draw() % 2] : "AT"[draw() % 2];
  }
  options_.genome = folder_.file("g.fa", ">c\n" + left + right + "\n");
  std::vector<BamRecord> reads;
  for (std::int32_t i = 0; i < 100'000; i += 10)
    for (int n = 0; n < (i < 50'000 ? 1 : 3); ++n) reads.push_back({.position = i, .cigar = {{1, 'M'}}});
  const auto bam = folder_.file("g.bam", bam_bytes({{"c", 100'000}}, reads));
  options_.gc_correct = true;
  count(bam);
  ASSERT_EQ(result_.gc.size(), 4U);
  const auto all = io::BigWigReader(options_.out).values("c", 0, 100'000);
  double low = 0, high = 0;
  for (std::size_t i = 0; i < 50'000; ++i) {
    low += static_cast<double>(all[i]);
    high += static_cast<double>(all[i + 50'000]);
  }
  EXPECT_NEAR(high / low, 1, 0.1);
  options_.genome = folder_.file("g.fa.gz", gzip(">c\n" + left + right + "\n"));
  count(bam);
  EXPECT_EQ(io::BigWigReader(options_.out).values("c", 0, 100'000), all);
}

TEST_F(Coverage, ReadsFragmentsOfCells) {
  options_.sizes = folder_.file("sizes", "chr1\t1000\nchr2\t500\n");
  const auto file = folder_.file(
      "f.tsv.gz", gzip("# x\nchr1\t100\t250\tA-1\t3\n1\t100\t300\tB-1\t1\nchr2\t0\t40\tC-1\t1\nchrUn\t1\t9\tC-1\t1\n"));
  EXPECT_THAT(error_text([&] { count(file); }), HasSubstr("'1' and another name there would be the same"));
  const auto good = folder_.file("f.tsv.gz", gzip("# x\n1\t100\t250\tA-1\t3\n1\t100\t300\tB-1\t1\n2\t0\t40\tC-1\t1\nUn\t1\t9\tC-1\t1\n"));
  count(good);
  EXPECT_EQ(values("chr1"), (Values{{100, 2}, {249, 1}, {299, 1}}));
  EXPECT_EQ(result_.used, 6);
  EXPECT_EQ(result_.left_out.at("on a chromosome that is not used"), 2);
  options_.weigh_by_count = true;
  options_.barcodes = folder_.file("cells.txt", "A-1\nC-1\n");
  options_.max_fragment = 160;
  options_.min_fragment = 45;
  count(good);
  EXPECT_EQ(values("chr1"), (Values{{100, 3}, {249, 3}}));
  EXPECT_EQ(result_.left_out.at("barcode that is not listed"), 1);
  EXPECT_EQ(result_.left_out.at("fragment shorter than 45, or not known"), 2);
  options_.count = ReadCount::fragments;
  count(good);
  EXPECT_EQ(values("chr1").size(), 150U);
}

TEST_F(Coverage, AddsFilesAndWritesW5) {
  options_.out = folder_.path() / "deep/er/x.w5";
  options_.reads = {folder_.file("a.bam", bam_bytes(kChroms, kReads)),
                    folder_.file("b.bed", "chr1\t100\t120\tn\t0\t+\nchr2\t0\t5\tn\t0\t-\n")};
  result_ = coverage(options_);
  const io::W5Reader reader(options_.out);
  EXPECT_EQ(reader.chromosomes().size(), 3U);
  std::vector<float> found(5);
  reader.values("chr1", 98, found);
  EXPECT_THAT(found, testing::ElementsAre(0, 0, 3, 0, 0));
  reader.values("chr2", 0, found);
  EXPECT_THAT(found, testing::ElementsAre(1, 0, 0, 0, 1));
}

TEST_F(Coverage, WarnsOfAFileGivenTwice) {
  const fs::path file = folder_.file("x.bam", bam_bytes(kChroms, kReads));
  options_.reads = {file, folder_.path() / "." / "x.bam"};
  testing::internal::CaptureStderr();
  EXPECT_EQ(coverage(options_).used, 8);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("x.bam is given more than once, and its reads are counted each time"));
}

TEST_F(Coverage, ErrorsSayWhatToDo) {
  options_.out = folder_.path() / "x.txt";
  EXPECT_THAT(refused(), HasSubstr("does not say what to write; end it in .bw, .w5 or .bedgraph"));
  options_.out = folder_.path() / "x.w5";
  options_.bin = 10;
  EXPECT_THAT(refused(), HasSubstr("one value per base"));
  options_ = {.out = folder_.path() / "x.bw", .count = ReadCount::reads, .multi = MultiReads::model};
  EXPECT_THAT(refused(), HasSubstr("'em' weighs the 5' ends"));
  options_ = {.out = folder_.path() / "x.bw", .shift_forward = 3};
  EXPECT_THAT(refused(), HasSubstr("shift = given uses them"));
  options_ = {.out = folder_.path() / "x.bw", .count = ReadCount::fragments};
  EXPECT_THAT(refused(), HasSubstr("give 'fragment_length'"));
  options_ = {.out = folder_.path() / "x.bw", .gc_correct = true};
  EXPECT_THAT(refused(), HasSubstr("give 'genome'"));
  options_ = {.out = folder_.path() / "x.bw", .min_quality = 255};
  EXPECT_THAT(refused(), HasSubstr("no read is left to count, of 1 records (1 mapping quality below 255)"));
  options_ = {.out = folder_.path() / "x.bw"};
  const fs::path text = folder_.file("text.bam", "chr1\n"), sizes = folder_.file("sizes", "chr1\t1000\n");
  EXPECT_THAT(error_text([&] { count(text); }), HasSubstr("sizes: " + text.string() + " begins as no BAM, SAM or CRAM file does, and"));
  options_.sizes = sizes;
  EXPECT_THAT(error_text([&] { count(folder_.file("none.bed", "")); }),
              HasSubstr("none.bed: there is no read to count, as there is no record"));
  options_ = {.out = folder_.path() / "x.bw", .chromosomes = {"chr3"}};
  EXPECT_THAT(refused(), HasSubstr("chr3"));
  options_ = {.out = folder_.path() / "x.bam"};
  options_.format = CoverageFormat::bigwig;
  EXPECT_THAT(refused(), HasSubstr("out"));
  options_ = {.out = folder_.path() / "x.bw", .sizes = folder_.file("s", "chr1\t999\n")};
  EXPECT_THAT(refused(), HasSubstr("chr1 has 1000 bases there, but 999 in"));
  options_.sizes.clear();
  EXPECT_THAT(error_text([&] { count(folder_.file("f.tsv", "chr1\t1\t5\n")); }), HasSubstr("give 'sizes'"));
  options_.sizes = folder_.file("s", "chr1\t4\n");
  EXPECT_THAT(error_text([&] { count(folder_.file("f.tsv", "chr1\t1\t5\n")); }), HasSubstr("f.tsv:1: 1-5 ends behind the 4 bases of chr1"));
  EXPECT_FALSE(fs::exists(folder_.path() / "x.bw"));
}

}  // namespace
}  // namespace basewise::prepare
