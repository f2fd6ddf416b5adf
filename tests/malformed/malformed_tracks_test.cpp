// Broken bedGraph files as tracks, one table: every row must end in a DataError that names file and
// line, and leave no file behind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/packed_track.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;

struct BrokenTrack {
  std::string name;
  std::string file;
  std::string bytes;
  std::string where;               // what the error starts with behind the folder
  std::vector<std::string> words;  // what it says
};

const std::string kSound = "track type=bedGraph\nchr1\t0\t10\t1\n";

std::vector<BrokenTrack> broken_tracks() {
  const std::string zipped = gzip(kSound);
  std::string flipped = zipped;
  flipped[flipped.size() - 7] ^= 0x20;
  return {
      {"three_fields", "x.bedGraph", kSound + "chr1\t10\t20\n", "x.bedGraph:3: ", {"4 fields", "this one has 3"}},
      {"bed", "x.bed", "chr1\t10\t20\tpeak\t5\t+\n", "x.bed:1: ", {"4 fields", "more"}},
      {"names_for_values", "x.bed", "chr1\t10\t20\tpeak\n", "x.bed:1: ", {"'peak' is no finite number"}},
      {"fraction_of_a_base", "x.bedGraph", "chr1\t1.5\t20\t1\n", "x.bedGraph:1: ", {"'1.5'", "whole numbers"}},
      {"empty_stretch", "x.bedGraph", kSound + "chr1\t20\t20\t1\n", "x.bedGraph:3: ", {"20-20 is empty"}},
      {"negative_start", "x.bedGraph", "chr1\t-1\t20\t1\n", "x.bedGraph:1: ", {"-1-20 is empty or negative"}},
      {"number_of_twenty_digits", "x.bedGraph", "chr1\t1\t99999999999999999999\t1\n", "x.bedGraph:1: ", {"whole numbers"}},
      {"beyond_every_chromosome", "x.bedGraph", "chr1\t1\t9999999999\t1\n", "x.bedGraph:1: ", {"4294967295 bases"}},
      {"infinite", "x.bedGraph", kSound + "chr1\t20\t30\t-inf\n", "x.bedGraph:3: ", {"'-inf' is no finite number"}},
      {"larger_than_a_float", "x.bedGraph", kSound + "chr1\t20\t30\t1e39\n", "x.bedGraph:3: ", {"larger than the values of a track"}},
      {"larger_than_a_double", "x.bedGraph", kSound + "chr1\t20\t30\t1e999\n", "x.bedGraph:3: ", {"'1e999' is no finite number"}},
      {"unsorted", "x.bedGraph", kSound + "chr1\t30\t40\t1\nchr1\t20\t30\t1\n", "x.bedGraph:4: ", {"begins before", "sort"}},
      {"overlap", "x.bedGraph", kSound + "chr1\t9\t12\t1\n", "x.bedGraph:3: ", {"overlaps", "0-10"}},
      {"chromosome_again", "x.bedGraph", kSound + "chr2\t0\t5\t1\nchr1\t20\t30\t1\n", "x.bedGraph:4: ", {"chr1", "two places", "sort"}},
      {"wiggle", "x.wig", "track type=wiggle_0\nfixedStep chrom=chr1 start=1 step=1\n5\n", "x.wig:2: ", {"wiggle file", "wigToBigWig"}},
      {"fasta", "x.fa", ">chr1\nACGT\n", "x.fa:1: ", {"4 fields"}},
      {"nul_byte", "x.bedGraph", kSound + std::string("chr1\0", 5), "x.bedGraph:3:5: ", {"NUL byte"}},
      {"utf16", "x.bedGraph", std::string("\xff\xfe" "c\0h\0", 6), "x.bedGraph:1:4: ", {"NUL byte", "UTF-16"}},
      {"truncated_gzip", "x.bedGraph.gz", zipped.substr(0, zipped.size() - 9), "x.bedGraph.gz: ", {"gzip data is truncated"}},
      {"damaged_gzip", "x.bedGraph.gz", flipped, "x.bedGraph.gz: ", {"damaged gzip data"}},
      {"zip", "x.bedGraph", "PK\x03\x04rest", "x.bedGraph: ", {"compressed by zip"}},
      {"part_of_a_bigwig", "x.bedGraph", std::string("\x26\xfc\x8f\x88\x04\0", 6), "x.bedGraph: ", {"it has 6 bytes", "truncated"}},
      {"nothing_in_a_bigwig", "x.BW", "", "x.BW: ", {"it has 0 bytes"}},
  };
}

class MalformedTrack : public testing::TestWithParam<BrokenTrack> {};

TEST_P(MalformedTrack, EndsInAnErrorThatSaysWhere) {
  const BrokenTrack& broken = GetParam();
  const Folder folder;
  const fs::path path = folder.file(broken.file, broken.bytes);
  for (const bool kept : {false, true}) {
    testing::internal::CaptureStderr();
    try {
      const PackedTrack track = kept ? PackedTrack::keep(path, folder.path() / "cache") : PackedTrack::pack(path);
      ADD_FAILURE() << "no error";
    } catch (const DataError& e) {
      EXPECT_THAT(e.what(), testing::StartsWith((folder.path() / broken.where).string()));
      for (const std::string& word : broken.words) EXPECT_THAT(e.what(), HasSubstr(word));
      EXPECT_EQ(e.exit_code(), 3);
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "") << "one error is enough";
  }
  if (fs::exists(folder.path() / "cache")) {
    EXPECT_TRUE(fs::is_empty(folder.path() / "cache")) << "a file was left behind";
  }
}

std::string name_of_track(const testing::TestParamInfo<BrokenTrack>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Tracks, MalformedTrack, testing::ValuesIn(broken_tracks()), name_of_track);

}  // namespace
}  // namespace basewise::io
