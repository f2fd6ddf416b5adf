#include "basewise/corpus/loci.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/random.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/bigwig_writer.h"
#include "basewise/io/fasta.h"
#include "basewise/io/fasta_genome.h"
#include "basewise/io/fasta_index.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::corpus {
namespace {

using namespace testing_files;
using testing::HasSubstr;

struct Files {
  Folder folder;
  std::string chr1, chr2;
  std::filesystem::path fasta, plus, minus;

  Files() {
    Stream stream(4);
    for (int i = 0; i < 3001; ++i) chr1 += "ACGTN"[stream.below(5)];
    for (int i = 0; i < 701; ++i) chr2 += "acgt"[stream.below(4)];
    fasta = folder.path() / "x.fa";
    io::write_fasta(fasta, {{"chr1", "", chr1, 0}, {"chr2", "", chr2, 0}}, 61);
    plus = track("plus.bw", 1);
    minus = track("minus.bw", -1);
  }

  std::filesystem::path track(const std::string& name, float sign) const {
    const auto path = folder.path() / name;
    io::BigWigWriter writer(path, {{"chr1", 3001}, {"chr2", 701}});
    for (std::int64_t at = 3; at < 2900; at += 40) {
      std::vector<float> run(17);
      for (std::size_t i = 0; i < run.size(); ++i) run[i] = sign * static_cast<float>(at + static_cast<std::int64_t>(i));
      writer.add_run("chr1", at, run);
    }
    writer.close();
    return path;
  }
};

std::vector<seq::Interval> loci(std::uint64_t seed) {
  Stream stream(seed);
  std::vector<seq::Interval> found;
  for (int i = 0; i < 200; ++i) {
    const std::string chrom = stream.below(3) == 0 ? "chr2" : "chr1";
    const std::int64_t start = stream.integer(0, chrom == "chr1" ? 2990 : 690);
    found.push_back({chrom, start, start + stream.integer(1, 11), stream.below(2) ? seq::Strand::reverse : seq::Strand::none});
  }
  return found;
}

TEST(Loci, SequenceAndSignalOfEveryWindow) {
  const Files files;
  const auto genome = io::load_genome(files.fasta).genome;
  const std::vector<io::BigWigReader> tracks = [&] {
    std::vector<io::BigWigReader> all;
    for (const auto& path : {files.plus, files.minus}) all.emplace_back(path);
    return all;
  }();
  for (const bool tokens : {false, true}) {
    const auto places = loci(7);
    const LociOptions options{.in_window = 123, .out_window = 58, .tokens = tokens, .zeros = tokens};
    const LociResult result = extract_loci(places, files.fasta, {files.plus, files.minus}, options);
    ASSERT_GT(result.size(), 100);
    ASSERT_GT(result.outside, 0);
    ASSERT_EQ(result.size() + result.outside, 200);
    for (std::size_t k = 0; k < result.kept.size(); ++k) {
      const seq::Interval& locus = places[result.kept[k]];
      const std::int64_t middle = locus.start + (locus.end - locus.start) / 2;
      const auto letters = genome.fetch({locus.chrom, middle - 61, middle + 62, locus.strand}).tokens;
      if (tokens) {
        EXPECT_EQ(std::memcmp(letters.data(), result.sequence.data() + k * 123, 123), 0);
      } else {
        std::vector<std::int8_t> expected(4 * 123);
        seq::one_hot(std::span<const seq::Token>(letters), expected);
        EXPECT_EQ(std::memcmp(expected.data(), result.sequence.data() + k * 4 * 123, expected.size()), 0);
      }
      for (std::size_t t = 0; t < 2; ++t) {
        auto values = tracks[t].values(locus.chrom, middle - 29, middle + 29, tokens ? 0.0f : io::kMissing);
        if (locus.strand == seq::Strand::reverse) std::reverse(values.begin(), values.end());
        EXPECT_EQ(std::memcmp(values.data(), result.signal.data() + (2 * k + t) * 58, 58 * sizeof(float)), 0) << k << " track " << t;
      }
    }
  }
}

TEST(Loci, MemoryIsUsedAgain) {
  const Files files;
  LociResult again;
  const LociOptions options{.in_window = 40, .out_window = 30};
  extract_loci(loci(1), files.fasta, {files.plus, files.minus}, options, again);
  const auto* memory = again.sequence.data();
  auto fewer = loci(2);
  fewer.resize(100);
  extract_loci(fewer, files.fasta, {files.minus}, options, again);
  EXPECT_EQ(again.sequence.data(), memory);
  const LociResult fresh = extract_loci(fewer, files.fasta, {files.minus}, options);
  EXPECT_EQ(again.kept, fresh.kept);
  EXPECT_EQ(again.outside, fresh.outside);
  ASSERT_EQ(again.sequence.size(), fresh.sequence.size());
  ASSERT_EQ(again.signal.size(), fresh.signal.size());
  EXPECT_EQ(std::memcmp(again.sequence.data(), fresh.sequence.data(), fresh.sequence.size()), 0);
  EXPECT_EQ(std::memcmp(again.signal.data(), fresh.signal.data(), fresh.signal.size() * sizeof(float)), 0);
}

TEST(Loci, EveryKindOfFastaGivesTheSame) {
  const Files files;
  const auto zipped = files.folder.file("x.fa.gz", gzip(read_file(files.fasta)));
  const auto bgzipped = files.folder.path() / "b.fa.gz";
  io::write_fasta(bgzipped, {{"chr1", "", files.chr1, 0}, {"chr2", "", files.chr2, 0}});
  const auto reference = extract_loci(loci(3), files.fasta, {});
  io::IndexedFasta(files.fasta, io::WriteIndex::beside);
  for (const auto& fasta : {files.fasta, zipped, bgzipped}) {
    const auto result = extract_loci(loci(3), fasta, {});
    ASSERT_EQ(result.kept, reference.kept);
    EXPECT_EQ(std::memcmp(result.sequence.data(), reference.sequence.data(), reference.sequence.size()), 0) << fasta;
  }
  EXPECT_EQ(reference.signal.size(), 0u);
}

TEST(Loci, ErrorsNameTheFile) {
  const Files files;
  EXPECT_THAT(error_text([&] { extract_loci(std::vector<seq::Interval>{{"chrX", 5, 9}}, files.fasta, {}); }), HasSubstr("chrX"));
  EXPECT_THAT(error_text([&] { extract_loci({}, files.fasta, {}, {.in_window = 0}); }), HasSubstr("in_window"));
  const auto other = files.folder.path() / "other.bw";
  io::BigWigWriter writer(other, {{"chr1", 3001}});
  writer.close();
  const std::vector<seq::Interval> places = {{"chr2", 300, 310}};
  EXPECT_THAT(error_text([&] { extract_loci(places, files.fasta, {other}, {.in_window = 9, .out_window = 9}); }),
              HasSubstr("other.bw: has no chromosome 'chr2', where loci lie"));
  const auto short_track = files.folder.path() / "short.bw";
  io::BigWigWriter short_writer(short_track, {{"chr1", 3000}});
  short_writer.close();
  EXPECT_THAT(error_text([&] { extract_loci(places, files.fasta, {short_track}, {.in_window = 9, .out_window = 9}); }),
              HasSubstr("short.bw: chr1 has 3000 bases there, but 3001 in"));
}

}  // namespace
}  // namespace basewise::corpus
