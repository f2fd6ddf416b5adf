#include "basewise/corpus/track_file.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/corpus/stranded_counts.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/w5.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

seq::ChromSizes genome() { return seq::ChromSizes({{"chr1", 1000, false}, {"chr2", 70, false}, {"chr3", 40, false}}, "g.fa"); }

// 2 at [10, 20) and 5 at [30, 32) of chr1; chr2 without values; chr3 not named.
fs::path bigwig(const Folder& folder) {
  const fs::path path = folder.path() / "a.bw";
  io::BigWigWriter writer(path, {{"chr1", 1000}, {"chr2", 70}});
  writer.add_intervals("chr1", std::vector<io::TrackInterval>{{10, 20, 2}, {30, 32, 5}});
  writer.close();
  return path;
}

const std::string kRows = "track type=bedGraph name=a\nchr1\t10\t20\t2\nchr1\t30\t32\t5\n";

std::vector<float> values_of(const TrackFile& track, std::size_t chrom, std::int64_t start, std::size_t count) {
  std::vector<float> out(count);
  track.values(chrom, start, out);
  for (float& x : out) x = std::isnan(x) ? -1 : x;
  return out;
}

TEST(TrackFile, BigWigAndBedGraphGiveTheSameValues) {
  const Folder folder;
  const auto sizes = genome();
  // Endings say nothing.
  for (const auto& path : {bigwig(folder), folder.file("a.bedGraph", kRows), folder.file("b.bw", kRows), folder.file("c", gzip(kRows))}) {
    const TrackFile track(path, sizes, {});
    EXPECT_EQ(track.measured(), 12) << path;
    EXPECT_THAT(values_of(track, 0, 18, 14), ElementsAre(2, 2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 5, 5)) << path;
    EXPECT_EQ(values_of(track, 0, 990, 10), std::vector<float>(10, -1)) << "behind the last value";
    EXPECT_EQ(values_of(track, 1, 0, 70), std::vector<float>(70, -1));
  }
}

TEST(TrackFile, ABigWigThatLacksAChromosomeDidNotMeasureIt) {
  const Folder folder;
  const auto sizes = genome();
  const TrackFile bw(bigwig(folder), sizes, {}), text(folder.file("a.bedGraph", kRows), sizes, {});
  EXPECT_TRUE(bw.has(1));
  EXPECT_FALSE(bw.has(2));
  EXPECT_TRUE(text.has(1)) << "a bedGraph leaves out chromosomes without values";
  EXPECT_TRUE(text.has(2));
  EXPECT_EQ(bw.lacking(), 1);
  EXPECT_EQ(text.lacking(), 2);
}

TEST(TrackFile, FilesOfAnotherGenomeAreRefused) {
  const Folder folder;
  const auto sizes = genome();
  const auto text_of = [&](const std::string& rows) {
    return error_text<DataError>([&] { TrackFile(folder.file("x.bedGraph", rows), sizes, {}); });
  };
  EXPECT_THAT(text_of(kRows + "chr2\t60\t71\t1\n"), HasSubstr("x.bedGraph:4: stretch 60-71 ends behind chr2, which has 70 bases"));
  EXPECT_THAT(text_of("2\t60\t71\t1\n"), HasSubstr("x.bedGraph: 2 has values up to base 71, but 70 bases in g.fa")) << "an alias";
  EXPECT_THAT(text_of("plasmid\t0\t5\t1\n"),
              HasSubstr("none of its chromosomes is in the genome: the track uses 'plasmid', g.fa has 'chr1', 'chr2', 'chr3'"));
  EXPECT_THAT(text_of("chr1 5 6 1\nchr1 3 4 1\n"), HasSubstr("x.bedGraph:2: "));
  EXPECT_EQ(TrackFile(folder.file("x.bedGraph", "#nothing\n"), sizes, {}).measured(), 0) << "no values are no other genome";
}

TEST(TrackFile, WindowsOfAFileThatIsReadOnce) {
  const Folder folder;
  const auto sizes = genome();
  const std::vector<Window> windows{{.chrom = 0, .start = 8}, {.chrom = 1, .start = 60}, {.chrom = 0, .start = 29}};
  for (const auto& path : {bigwig(folder), folder.file("a.bedGraph.gz", gzip(kRows))})
    for (const float missing : {0.0F, kNan}) {
      std::vector<float> out(3 * 6, 7);
      read_track_windows(path, sizes, windows, 5, out, 6, missing);
      for (float& x : out) x = std::isnan(x) ? -1 : x;
      const float gap = std::isnan(missing) ? -1.0F : 0.0F;
      EXPECT_THAT(out, ElementsAre(gap, gap, 2, 2, 2, 7, gap, gap, gap, gap, gap, 7, gap, 5, 5, gap, gap, 7)) << path;
    }
}

TEST(TrackFile, AW5FileStatesLengthsAndLacksChromosomesAsABigWigDoes) {
  const Folder folder;
  const fs::path path = folder.path() / "a.w5";
  {
    io::W5Writer writer(path);
    std::vector<float> one(1000);
    std::fill_n(one.begin() + 10, 10, 2.0F);
    writer.add("1", one);
    writer.add("chr2", std::vector<float>(70, kNan));
    writer.close();
  }
  const auto sizes = genome();
  const TrackFile track(path, sizes, {});
  EXPECT_FALSE(track.speaks_for_all() || track.has(2));
  EXPECT_EQ(track.measured(), 1000);
  EXPECT_THAT(values_of(track, 0, 8, 4), ElementsAre(0, 0, 2, 2));
  EXPECT_THAT(values_of(track, 1, 8, 2), ElementsAre(-1, -1));
  std::vector<float> out(5);
  const auto window = [&](std::size_t chrom) {
    read_track_windows(path, sizes, std::vector<Window>{{.chrom = chrom, .start = 18}}, 5, out, 5, 0);
  };
  window(0);
  EXPECT_THAT(out, ElementsAre(2, 2, 0, 0, 0));
  EXPECT_THAT(error_text<DataError>([&] { window(2); }), HasSubstr("has no chromosome 'chr3', where loci lie"));
  {
    io::W5Writer writer(path);
    writer.add("chr1", std::vector<float>(999));
    writer.close();
  }
  EXPECT_THAT(error_text<DataError>([&] { TrackFile(path, sizes, {}); }), HasSubstr("chr1 has 999 bases there, but 1000 in g.fa"));
}

TEST(StrandedCounts, AFileWithoutValuesCountsAsZeroAndIsNoted) {
  const Folder folder;
  const auto sizes = genome();
  io::BigWigWriter empty(folder.path() / "empty.bw", {{"chr1", 1000}, {"chr2", 70}, {"chr3", 40}});
  empty.close();
  for (const auto& minus : {folder.path() / "empty.bw", folder.file("empty.bedGraph", "")}) {
    const StrandedCounts counts({.plus = folder.file("plus.bedGraph", kRows), .minus = minus}, sizes);
    std::vector<float> plus(4), reverse(4, 9);
    counts.read(0, 18, plus, reverse);
    EXPECT_THAT(plus, ElementsAre(2, 2, 0, 0));
    EXPECT_THAT(reverse, ElementsAre(0, 0, 0, 0));
    EXPECT_TRUE(counts.has(2));
    EXPECT_THAT(counts.notes(), ElementsAre(HasSubstr("plus.bedGraph names no value on 2 of 3 chromosomes"),
                                            HasSubstr("has no values: all counts of the strand are 0")));
  }
}

}  // namespace
}  // namespace basewise::corpus
