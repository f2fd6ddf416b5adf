// What data sets of bins are refused, and a real one.
#include <cmath>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/file_lock.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/prepare/bins.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;
using testing::Contains;
using testing::HasSubstr;

struct Small {
  Folder folder;
  BinsOptions o;

  Small() {
    std::string fasta = ">chr1\n";
    for (int i = 0; i < 3000; ++i) fasta += "ACGT"[(i * i / 7) % 4];
    o.genome = folder.file("x.fa", fasta + "\n>chr2\nACGTNACGTA\n");
    track("a.bw", 3000);
    table("a.bw");
    o.out = folder.path() / "out";
    o.length = 64;
    o.width = 8;
    o.longest_contig = 200;
    o.validation_fraction = o.test_fraction = 0.2;
  }

  void track(const std::string& name, std::int64_t length, float value = 1) const {
    io::BigWigWriter writer(folder.path() / name, {{"chr1", length}});
    writer.add_run("chr1", 0, std::vector<float>(static_cast<std::size_t>(length), value));
    writer.close();
  }

  void table(const std::string& file, const std::string& statistic = "sum") {
    o.targets = folder.file("t.txt", "index\tidentifier\tfile\tsum_stat\n0\tA\t" + file + "\t" + statistic + "\n");
  }

  template <class E>
  std::string fails() const {
    return error_text<E>([&] { return prepare_bins(o); });
  }
};

TEST(BinsErrors, OptionsThatDoNotFit) {
  const Small fresh;
  const auto text = [&](const auto& change) {
    BinsOptions o = fresh.o;
    change(o);
    return error_text<ArgumentError>([&] { return prepare_bins(o); });
  };
  EXPECT_THAT(text([](auto& o) { o.crop = 30; }),
              HasSubstr("length 64 without a crop of 30 at both ends leaves 4 bases, less than a bin of 8"));
  EXPECT_THAT(text([](auto& o) { o.crop = 3; }),
              HasSubstr("leaves 58 bases, which are no whole bins of 8; the next length that fits is 70"));
  EXPECT_THAT(text([](auto& o) { o.longest_contig = 63; }), HasSubstr("longest_contig is 63, which holds no sequence of 64 bases"));
  EXPECT_THAT(text([](auto& o) { o.snap = 5; }), HasSubstr("no multiple of the snap of 5"));
  EXPECT_THAT(text([](auto& o) { o.stride_train = 0.001; }), HasSubstr("a stride of 0.001 is less than a base"));
  EXPECT_THAT(text([](auto& o) { o.format = BinsFormat::basset; }),
              HasSubstr("windows have 8 bins, but the layout of Basset has one label"));
  EXPECT_THAT(text([](auto& o) { o.folds = 1; }), HasSubstr("1 fold is no split"));
  EXPECT_THAT(text([](auto& o) { o.folds = 3, o.test_chromosomes = {"chr1"}; }), HasSubstr("folds and chromosomes are two ways to split"));
  EXPECT_THAT(text([](auto& o) { o.folds = 3, o.format = BinsFormat::hdf5; }), HasSubstr("folds are written as tfrecord only"));
  EXPECT_THAT(text([](auto& o) { o.split = BinsSplit::windows, o.test_chromosomes = {"chr1"}; }),
              HasSubstr("split = windows goes by fractions"));
  EXPECT_THAT(text([](auto& o) { o.test_fraction = 0.9; }), HasSubstr("leave nothing to train"));
  EXPECT_THAT(text([](auto& o) { o.width = 0; }), HasSubstr("width"));
  EXPECT_THAT(text([](auto& o) { o.genome.clear(); }), HasSubstr("genome"));
  EXPECT_THAT(text([](auto& o) { o.peaks = true; }), HasSubstr("a.bw is no BED file, but peaks = true"));
  EXPECT_THAT(text([](auto& o) { o.out = o.genome; }), HasSubstr("would replace the input that genome names"));
}

TEST(BinsErrors, TracksThatDoNotFit) {
  Small s;
  s.track("b.bw", 2999);
  s.table("b.bw");
  EXPECT_THAT(s.fails<DataError>(), testing::AllOf(HasSubstr("t.txt:2 (A): "), HasSubstr("chr1 has 2999 bases there, but 3000")));
}

TEST(BinsErrors, ValuesThatDoNotFit) {
  Small s;
  s.track("b.bw", 3000, -1);
  s.table("b.bw", "sum_sqrt");
  EXPECT_THAT(s.fails<DataError>(),
              testing::AllOf(HasSubstr("t.txt:2 (A): chr1:"), HasSubstr("the sum of bin 0 is -8, of which sum_sqrt takes a root")));
  EXPECT_FALSE(std::filesystem::exists(s.o.out / "statistics.json"));
}

TEST(BinsErrors, ChromosomesThatATrackLacks) {
  Small s;
  s.folder.file("x.fa", ">chr1\n" + std::string(3000, 'A') + "\n>chr2\n" + std::string(300, 'C') + "\n");
  EXPECT_THAT(s.fails<DataError>(),
              testing::AllOf(HasSubstr("a.bw has no chromosome chr2, where windows lie"), HasSubstr("absent = leave_out")));
  s.o.out = s.folder.path() / "zero";
  s.o.absent = AbsentChromosomes::zero;
  EXPECT_THAT(prepare_bins(s.o).notes, Contains(HasSubstr("windows of targets lie on chromosomes that their track does not have")));
  s.o.out = s.folder.path() / "without";
  s.o.absent = AbsentChromosomes::leave_out;
  const BinsResult result = prepare_bins(s.o);
  EXPECT_THAT(result.notes, Contains("1 chromosomes are left out because a track does not have them"));
  EXPECT_EQ(result.sets[0].bases + result.sets[1].bases + result.sets[2].bases, 3000);
}

TEST(BinsErrors, FoldersOfOthers) {
  Small s;
  std::filesystem::create_directories(s.o.out);
  std::ofstream(s.o.out / "mine.txt") << "x";
  EXPECT_THAT(s.fails<StateError>(), HasSubstr("is not empty and holds no bins.json"));
  std::filesystem::remove(s.o.out / "mine.txt");
  prepare_bins(s.o);
  s.o.width = 16;
  EXPECT_THAT(s.fails<StateError>(), HasSubstr("holds a data set of other options or inputs: options.width is 8 there and 16 now"));
  s.o.width = 8;
  s.track("a.bw", 3000, 2);
  EXPECT_THAT(s.fails<StateError>(), HasSubstr("inputs.2."));
  s.track("a.bw", 3000, 1);
  EXPECT_TRUE(prepare_bins(s.o).complete);
  const FileLock other(s.o.out / ".bins.lock", FileLock::Wait::no);
  EXPECT_THAT(s.fails<StateError>(), HasSubstr("another process makes this data set"));
}

TEST(BinsErrors, NothingLeft) {
  Small s;
  s.o.length = 4096;
  s.o.longest_contig = 0;
  EXPECT_THAT(s.fails<DataError>(), HasSubstr("no contig of"));
}

TEST(BinsErrors, WindowsThatNoSetHas) {
  Small s;
  s.o.unmappable = s.folder.file("u.bed", "chr1\t0\t3000\n");
  EXPECT_THAT(s.fails<DataError>(), HasSubstr("no window is left; take a shorter length"));
}

TEST(BinsErrors, PlanOnly) {
  Small s;
  s.o.plan_only = true;
  prepare_bins(s.o);
  EXPECT_TRUE(std::filesystem::exists(s.o.out / "sequences.bed"));
  EXPECT_FALSE(std::filesystem::exists(s.o.out / "statistics.json"));
  s.o.plan_only = false;
  EXPECT_FALSE(prepare_bins(s.o).complete);
  EXPECT_TRUE(std::filesystem::exists(s.o.out / "statistics.json"));
}

TEST(BinsErrors, DamagedHdf5Coverage) {
  Small s;
  s.folder.file("c.w5", "this is no HDF5 file");
  s.table("c.w5");
  EXPECT_THAT(s.fails<DataError>(), HasSubstr("c.w5"));
  io::H5Writer writer(s.folder.path() / "d.w5");
  const std::vector<float> values(12, 1);
  writer.write("chr1", std::span<const float>(values), {3, 4});
  writer.close();
  s.table("d.w5");
  std::filesystem::remove_all(s.o.out);
  EXPECT_THAT(s.fails<DataError>(), HasSubstr("holds no data set of one axis with numbers"));
}

TEST(BinsOfYeast, RealTracksGiveTheSumsOfTheirBases) {
  const auto tracks = shared_data("yeast_tracks_75bp"),
             genome = shared_data("sacCer3_genome/Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz");
  if (!tracks || !genome) GTEST_SKIP() << "yeast_tracks_75bp and sacCer3_genome are not there";
  const Folder folder;
  std::string table = "\tidentifier\tfile\tsum_stat\n";
  const std::vector<std::string> names = {"MNase", "PolII", "Scc1", "RNA.fwd", "RNA.rev"};
  for (std::size_t i = 0; i < names.size(); ++i) table += format("{}\t{}\t{}/{}.bw\tmean\n", i, names[i], tracks->string(), names[i]);
  BinsOptions o;
  o.targets = folder.file("t.txt", table);
  o.genome = *genome;
  o.out = folder.path() / "out";
  o.length = 16384;
  o.crop = 2048;
  o.test_chromosomes = {"chrXVI"};
  o.validation_chromosomes = {"chrII"};
  o.absent = AbsentChromosomes::leave_out;
  o.keep_coverage = true;
  o.clip_percentile = 1;
  const BinsResult result = prepare_bins(o);
  EXPECT_EQ(result.bins, 96);
  EXPECT_GT(result.sets[0].windows, 80);
  EXPECT_GT(result.sets[1].windows, 40);
  std::ifstream sequences(o.out / "sequences.bed");
  for (std::size_t t = 0; t < names.size(); ++t) {
    const io::BigWigReader track(*tracks / (names[t] + ".bw"));
    const auto bins = io::H5File(o.out / format("seqs_cov/{}.h5", t)).read<float>("targets");
    sequences.clear();
    sequences.seekg(0);
    std::string chrom, set;
    std::int64_t start = 0, end = 0;
    std::size_t at = 0;
    for (; sequences >> chrom >> start >> end >> set; at += 96) {
      ASSERT_EQ(set, chrom == "XVI" ? "test" : chrom == "II" ? "valid" : "train");
      for (const std::size_t b : {std::size_t{0}, std::size_t{41}, std::size_t{95}}) {
        const auto from = start + static_cast<std::int64_t>(128 * b);
        const double mean = track.summary(chrom, from, from + 128).sum / 128;
        ASSERT_NEAR(bins[at + b], mean, 1e-3 * (std::abs(mean) + 1e-3)) << names[t] << " " << chrom << " " << from;
      }
    }
    EXPECT_EQ(at, bins.size());
  }
}

}  // namespace
}  // namespace basewise::prepare
