#include "basewise/prepare/bins.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "basewise/core/json.h"
#include "basewise/core/parallel.h"
#include "basewise/core/random.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/fasta.h"
#include "basewise/io/half.h"
#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/npy.h"
#include "basewise/io/tf_example.h"
#include "basewise/io/tfrecord.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::prepare {
namespace {

using namespace testing_files;
using testing::ElementsAre;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// A genome of two chromosomes and four tracks in the four formats, with the values that each has.
struct Field {
  Folder folder;
  std::map<std::string, std::string> genome;
  std::map<std::string, std::map<std::string, std::vector<float>>> tracks;  ///< by name and chromosome; NaN is 0 in every sum
  std::filesystem::path fasta, targets;

  Field() {
    Stream stream(4);
    for (int i = 0; i < 5003; ++i) genome["chr1"] += "ACGTN"[stream.below(5)];
    for (int i = 0; i < 2001; ++i) genome["chr2"] += "acgt"[stream.below(4)];
    fasta = folder.path() / "x.fa";
    io::write_fasta(fasta, {{"chr1", "", genome["chr1"], 0}, {"chr2", "", genome["chr2"], 0}}, 61);
    for (const auto& [name, sequence] : genome) {
      for (const char* track : {"signal", "peaks", "w5", "graph"}) tracks[track][name].assign(sequence.size(), 0);
      for (float& value : tracks["signal"][name]) value = static_cast<float>(stream.below(400)) / 100;
      for (std::size_t i = 100; i < 140; ++i) tracks["signal"][name][i] = kNaN;
      for (float& value : tracks["w5"][name]) value = static_cast<float>(stream.below(64)) / 8;
    }
    write_tracks();
    targets = folder.file("targets.txt",
                          "\tidentifier\tfile\tclip\tclip_soft\tscale\tsum_stat\tstrand_pair\tdescription\n"
                          "0\tsignal\tsignal.bw\t384\t20\t0.5\tsum_sqrt\t\ta track\n"
                          "1\tpeaks\tpeaks.bed\t\t\t1\tpeak\t\t\n"
                          "2\tw5\tcov.w5\t\t\t1\tmean\t\t\n"
                          "3\tgraph\tgraph.bedgraph\t\t\t1\tmax\t\t\n");
  }

  void write_tracks() {
    io::BigWigWriter bigwig(folder.path() / "signal.bw", {{"chr1", 5003}, {"chr2", 2001}});
    io::H5Writer hdf5(folder.path() / "cov.w5");
    for (const auto& [name, sequence] : genome) {
      bigwig.add_run(name, 0, tracks["signal"][name]);
      hdf5.write(name, std::span<const float>(tracks["w5"][name]), {std::ssize(sequence)}, {.dtype = io::DType::f16, .gzip = 1});
    }
    bigwig.close();
    hdf5.close();
    folder.file("peaks.bed", "chr1\t500\t620\nchr1\t600\t700\nchr2\t1000\t1003\n");
    folder.file("graph.bedgraph", "chr1\t10\t20\t2.5\nchr1\t20\t4000\t0.5\n");
    std::fill_n(tracks["peaks"]["chr1"].begin() + 500, 200, 1.0f);
    std::fill_n(tracks["peaks"]["chr2"].begin() + 1000, 3, 1.0f);
    std::fill_n(tracks["graph"]["chr1"].begin() + 10, 10, 2.5f);
    std::fill_n(tracks["graph"]["chr1"].begin() + 20, 3980, 0.5f);
  }

  BinsOptions options(const std::string& out) const {
    BinsOptions o;
    o.targets = targets;
    o.genome = fasta;
    o.out = folder.path() / out;
    o.length = 256;
    o.crop = 64;
    o.width = 16;
    o.stride_train = 0.25;
    o.stride_test = 0.5;
    o.longest_contig = 500;
    o.validation_fraction = 0.2;
    o.test_fraction = 0.2;
    o.clip_percentile = 1;
    o.per_file = 5;
    return o;
  }

  /// The four targets of a bin, by hand.
  std::vector<float> bin(const std::string& chrom, std::int64_t start) const {
    std::map<std::string, double> sums;
    double most = 0;
    for (std::int64_t i = start; i < start + 16; ++i) {
      for (const auto& [name, values] : tracks) {
        const float value = values.at(chrom)[static_cast<std::size_t>(i)];
        sums[name] += std::isnan(value) ? 0 : static_cast<double>(value);
      }
      most = std::max(most, static_cast<double>(tracks.at("graph").at(chrom)[static_cast<std::size_t>(i)]));
    }
    double v = std::sqrt(1 + 0.5 * sums["signal"]) - 1;
    if (v > 20) v = 19 + std::sqrt(v - 19);
    return {static_cast<float>(v), static_cast<float>(std::min(1.0, std::sqrt(sums["peaks"] / 4))), static_cast<float>(sums["w5"] / 16),
            static_cast<float>(most)};
  }

  char letter(const std::string& chrom, std::int64_t i) const {
    const std::string& sequence = genome.at(chrom);
    return i < 0 || i >= std::ssize(sequence) ? 'N' : static_cast<char>(std::toupper(sequence[static_cast<std::size_t>(i)]));
  }
};

struct Place {
  std::string chrom;
  std::int64_t start = 0, end = 0;
  std::string set;
};

std::vector<Place> places(const std::filesystem::path& file) {
  std::vector<Place> all;
  std::ifstream in(file);
  for (Place p; in >> p.chrom >> p.start >> p.end >> p.set;) all.push_back(p);
  return all;
}

std::vector<float> floats(const std::string& bytes) {
  std::vector<std::uint16_t> halves(bytes.size() / 2);
  std::memcpy(halves.data(), bytes.data(), bytes.size());
  std::vector<float> values(halves.size());
  io::half_to_float(halves, values);
  return values;
}

std::vector<io::TfExample> examples(const std::filesystem::path& folder, const std::string& set) {
  std::vector<io::TfExample> all;
  for (int i = 0; std::filesystem::exists(folder / "tfrecords" / format("{}-{}.tfr", set, i)); ++i) {
    io::TfRecordReader reader(folder / "tfrecords" / format("{}-{}.tfr", set, i));
    for (std::string data; reader.next(data);) all.push_back(io::TfExample::parse(data));
  }
  return all;
}

void expect_example(const Field& field, const Place& place, const io::TfExample& example) {
  const std::string& sequence = example.bytes("sequence");
  ASSERT_EQ(sequence.size(), 256u);
  for (std::int64_t i = 0; i < 256; ++i)
    ASSERT_EQ(seq::kLetters[static_cast<std::size_t>(sequence[static_cast<std::size_t>(i)])],
              field.letter(place.chrom, place.start - 64 + i))
        << place.chrom << place.start << " " << i;
  const auto bins = floats(example.bytes("target"));
  ASSERT_EQ(bins.size(), 32u);
  for (std::size_t b = 0; b < 8; ++b) {
    const auto expected = field.bin(place.chrom, place.start + static_cast<std::int64_t>(16 * b));
    for (std::size_t t = 0; t < 4; ++t)
      ASSERT_NEAR(bins[b * 4 + t], expected[t], 1e-3 * (1 + expected[t])) << place.start << " " << b << " " << t;
  }
}

TEST(PrepareBins, MakesRecordsThatHoldTheGenomeAndTheTracks) {
  const Field field;
  const BinsOptions o = field.options("set");
  const BinsResult result = prepare_bins(o);
  EXPECT_FALSE(result.complete);
  EXPECT_EQ(result.targets_read, 4);
  EXPECT_EQ(result.bins, 8);
  const auto all = places(o.out / "sequences.bed");
  const auto statistics = read_json(o.out / "statistics.json");
  EXPECT_EQ(statistics["num_targets"], 4);
  EXPECT_EQ(statistics["seq_length"], 256);
  EXPECT_EQ(statistics["seq_1hot"], true);
  EXPECT_EQ(statistics["pool_width"], 16);
  EXPECT_EQ(statistics["crop_bp"], 64);
  EXPECT_EQ(statistics["target_length"], 8);
  std::size_t at = 0;
  for (const BinsSet& set : result.sets) {
    EXPECT_GT(set.windows, 0) << set.name;
    EXPECT_EQ(statistics[set.name + "_seqs"], set.windows);
    const auto records = examples(o.out, set.name);
    ASSERT_EQ(std::ssize(records), set.windows);
    for (const io::TfExample& example : records) {
      ASSERT_EQ(all.at(at).set, set.name);
      expect_example(field, all[at++], example);
      EXPECT_EQ(example.find("umap"), nullptr);
    }
  }
  EXPECT_EQ(at, all.size());
  EXPECT_EQ(read_file(o.out / "targets.txt"), read_file(field.targets));
  EXPECT_FALSE(std::filesystem::exists(o.out / "seqs_cov"));
  for (const Place& c : places(o.out / "contigs.bed"))
    for (const Place& w : all) EXPECT_TRUE(w.chrom != c.chrom || w.end <= c.start || c.end <= w.start || w.set == c.set);
}

TEST(PrepareBins, ASecondCallDoesNothingAndAnotherOneGoesOn) {
  const Field field;
  BinsOptions o = field.options("set");
  o.keep_coverage = true;
  prepare_bins(o);
  EXPECT_EQ(io::H5File(o.out / "seqs_cov/2.h5").info("targets").type, "float16");
  const auto state = [&] {
    std::map<std::string, std::pair<std::string, std::filesystem::file_time_type>> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(o.out))
      if (entry.is_regular_file()) all[entry.path().string()] = {read_file(entry.path()), entry.last_write_time()};
    return all;
  };
  const auto before = state();
  EXPECT_TRUE(prepare_bins(o).complete);
  EXPECT_EQ(state(), before);
  // What a killed process leaves: some targets, some files.
  for (const char* name : {"statistics.json", "tfrecords/train-1.tfr", "seqs_cov/1.h5", "seqs_cov/3.h5"})
    std::filesystem::remove(o.out / name);
  const BinsResult more = prepare_bins(o);
  EXPECT_EQ(more.targets_read, 2);
  EXPECT_EQ(more.files_written, 1);
  for (const auto& [name, now] : state()) EXPECT_EQ(now.first, before.at(name).first) << name;
  EXPECT_EQ(state().at((o.out / "tfrecords/train-0.tfr").string()).second, before.at((o.out / "tfrecords/train-0.tfr").string()).second);
  o.keep_coverage = false;
  EXPECT_TRUE(prepare_bins(o).complete);
  EXPECT_FALSE(std::filesystem::exists(o.out / "seqs_cov"));
}

TEST(PrepareBins, DoesNotDependOnTheThreads) {
  const Field field;
  std::map<std::string, std::string> first;
  for (const int n : {1, 3}) {
    set_threads(n);
    const BinsOptions o = field.options(format("set{}", n));
    prepare_bins(o);
    std::map<std::string, std::string> now;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(o.out))
      if (entry.is_regular_file()) now[std::filesystem::relative(entry.path(), o.out).string()] = read_file(entry.path());
    if (first.empty()) first = now;
    EXPECT_EQ(now, first);
  }
  set_threads(0);
}

TEST(PrepareBins, MasksAndDropsUnmappable) {
  const Field field;
  BinsOptions o = field.options("set");
  o.unmappable = field.folder.file("u.bed", "chr1\t0\t900\nchr2\t31\t49\n");
  o.mask = true;
  o.unmappable_clip = 0;
  const BinsResult result = prepare_bins(o);
  EXPECT_GT(result.sets[0].dropped + result.sets[1].dropped + result.sets[2].dropped, 3);
  const io::Array masks = io::read_npy(o.out / "mseqs_unmap.npy");
  const auto all = places(o.out / "sequences.bed");
  EXPECT_THAT(masks.shape, ElementsAre(std::ssize(all), 8));
  std::size_t at = 0, clipped = 0;
  for (const std::string set : {"train", "valid", "test"})
    for (const io::TfExample& example : examples(o.out, set)) {
      const std::string& mask = example.bytes("umap");
      const auto bins = floats(example.bytes("target"));
      const Place& place = all[at];
      for (std::size_t b = 0; b < 8; ++b) {
        const std::int64_t start = place.start + static_cast<std::int64_t>(16 * b);
        // 900 lies 4 bases into a bin of windows that start at a multiple of 64: more than a tenth.
        if (place.chrom == "chr1") {
          EXPECT_EQ(mask[b] != 0, start + 2 <= 900) << place.start << " " << b;
        }
        EXPECT_EQ(static_cast<char>(masks.bytes[at * 8 + b]), mask[b]);
        if (mask[b] == 0) continue;
        float least = bins[0];
        for (std::size_t k = 0; k < 8; ++k) least = std::min(least, bins[k * 4]);
        EXPECT_EQ(bins[b * 4], least);
        ++clipped;
      }
      ++at;
    }
  EXPECT_EQ(at, all.size());
  EXPECT_EQ(clipped, static_cast<std::size_t>(result.unmappable_bins));
  EXPECT_GT(clipped, 0u);
}

TEST(PrepareBins, WritesTheFileOf2017) {
  const Field field;
  BinsOptions o = field.options("set");
  o.format = BinsFormat::hdf5;
  o.split = BinsSplit::windows;
  o.unmappable = field.folder.file("u.bed", "chr1\t0\t70\n");
  prepare_bins(o);
  const io::H5File file(o.out / "data.h5");
  EXPECT_THAT(file.read_text("target_ids"), ElementsAre("signal", "peaks", "w5", "graph"));
  EXPECT_THAT(file.read_text("target_labels"), ElementsAre("a track", "peaks", "w5", "graph"));
  EXPECT_EQ(file.read<std::int64_t>("pool_width"), std::vector<std::int64_t>{16});
  const auto all = places(o.out / "sequences.bed");
  std::size_t at = 0;
  for (const std::string set : {"train", "valid", "test"}) {
    const auto in = file.read<std::uint8_t>(set + "_in");
    const auto out = file.read<float>(set + "_out");
    const auto na = file.read<std::uint8_t>(set + "_na");
    const std::int64_t rows = file.info(set + "_in").shape[0];
    EXPECT_EQ(file.info(set + "_out").type, "float16");
    EXPECT_EQ(file.info(set + "_in").dtype, io::DType::boolean);
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row, ++at) {
      const Place& place = all[at];
      ASSERT_EQ(place.set, set);
      for (std::size_t i = 0; i < 256; ++i)
        for (std::size_t c = 0; c < 4; ++c)
          ASSERT_EQ(in[(row * 256 + i) * 4 + c], field.letter(place.chrom, place.start - 64 + static_cast<std::int64_t>(i)) == "ACGT"[c]);
      for (std::size_t b = 0; b < 8; ++b) {
        const std::int64_t start = place.start + static_cast<std::int64_t>(16 * b);
        EXPECT_EQ(na[row * 8 + b], place.chrom == "chr1" && start + 2 <= 70);
        EXPECT_NEAR(out[(row * 8 + b) * 4 + 2], field.bin(place.chrom, start)[2], 1e-2);
      }
    }
  }
  EXPECT_EQ(at, all.size());
  EXPECT_FALSE(std::filesystem::exists(o.out / "contigs.bed"));
  EXPECT_TRUE(prepare_bins(o).complete);
}

TEST(PrepareBins, WritesPeaksInTheLayoutOfBasset) {
  const Field field;
  BinsOptions o = field.options("set");
  o.targets = field.folder.file("peaks.txt", "index\tidentifier\tfile\tsum_stat\n0\ta\tpeaks.bed\tpeak\n1\tb\tother.bed\tpeak\n");
  field.folder.file("other.bed", "chr1\t300\t304\nchr1\t2000\t2100\nchr2\t50\t90\nchr2\t300\t301\n");
  o.format = BinsFormat::basset;
  o.peaks = true;
  o.length = 112;
  o.crop = 48;
  o.stride_train = o.stride_test = 16;
  o.test_fraction = 0.4;
  const BinsResult result = prepare_bins(o);
  const io::H5File file(o.out / "data.h5");
  const auto all = places(o.out / "sequences.bed");
  std::size_t at = 0, positives = 0;
  for (const std::string set : {"train", "valid", "test"}) {
    const std::int64_t rows = file.info(set + "_in").shape[0];
    EXPECT_THAT(file.info(set + "_in").shape, ElementsAre(rows, 4, 1, 112));
    EXPECT_THAT(file.info(set + "_out").shape, ElementsAre(rows, 2));
    const auto out = file.read<float>(set + "_out");
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row, ++at) {
      EXPECT_NEAR(out[row * 2], field.bin(all[at].chrom, all[at].start)[1], 1e-3);
      positives += out[row * 2] > 0 || out[row * 2 + 1] > 0;
    }
  }
  EXPECT_GT(positives, 10u);
  EXPECT_EQ(file.read_text("test_headers").size(), static_cast<std::size_t>(result.sets[2].windows));
  EXPECT_THAT(file.read_text("target_labels"), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace basewise::prepare
