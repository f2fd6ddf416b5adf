// bigWig files as libBigWig, and with it pyBigWig, writes them and our own writer does not.
#include <limits>

#include <bigWig.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/core/files.h"
#include "basewise/io/bigwig.h"
#include "basewise/io/packed_track.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;

// chr1 of 1,000 bases with these stretches, chr2 of 70 without any.
fs::path written(const Folder& folder, const std::vector<TrackInterval>& stretches) {
  const fs::path path = folder.path() / "foreign.bw";
  EXPECT_EQ(::bwInit(1 << 17), 0);
  ::bigWigFile_t* file = ::bwOpen(path.c_str(), nullptr, "w");
  EXPECT_EQ(::bwCreateHdr(file, 10), 0);
  const char* names[] = {"chr1", "chr2"};
  const std::uint32_t lengths[] = {1000, 70};
  file->cl = ::bwCreateChromList(names, lengths, 2);
  EXPECT_EQ(::bwWriteHdr(file), 0);
  for (const TrackInterval& stretch : stretches) {
    const auto start = static_cast<std::uint32_t>(stretch.start), end = static_cast<std::uint32_t>(stretch.end);
    EXPECT_EQ(::bwAddIntervals(file, names, &start, &end, &stretch.value, 1), 0);
  }
  ::bwClose(file);
  ::bwCleanup();
  return path;
}

// The index is left out where nothing was added: its offset is 0, and a count of 0 and the magic
// number end the file.
TEST(ForeignBigWig, AFileThatWasClosedWithoutDataHasNoValues) {
  const Folder folder;
  const fs::path path = written(folder, {});
  const BigWigReader reader(path);
  EXPECT_EQ(reader.chromosomes(), (TrackChromosomes{{"chr1", 1000}, {"chr2", 70}}));
  EXPECT_EQ(reader.values("chr2", 0, 70, 0), std::vector<float>(70, 0));
  EXPECT_TRUE(reader.intervals("chr1", 0, 1000).empty());
  EXPECT_EQ(reader.summary("chr1", 0, 1000).covered, 0);
  EXPECT_EQ(PackedTrack::pack(path).measured(0, 0, 1000), 0);
}

TEST(ForeignBigWig, AFileThatWasNotClosedIsRefused) {
  const Folder folder;
  const std::string whole = read_file(written(folder, {}));
  for (const std::string& broken : {whole.substr(0, whole.size() - 4), whole + std::string(30, 'x')}) {
    const fs::path path = folder.file("broken.bw", broken);
    EXPECT_THAT(error_text<DataError>([&] { BigWigReader again(path); }), HasSubstr("was not closed by its writer"));
  }
}

TEST(ForeignBigWig, InfiniteValuesAreNamedAndNanIsNotMeasured) {
  const Folder folder;
  const float infinite = std::numeric_limits<float>::infinity();
  const auto sound = PackedTrack::pack(written(folder, {{10, 20, 1}, {30, 35, kMissing}, {40, 44, 2}}));
  EXPECT_EQ(sound.measured(0, 0, 1000), 14);
  for (const float value : {infinite, -infinite}) {
    const auto track = PackedTrack::pack(written(folder, {{10, 20, 1}, {500, 504, value}}));
    EXPECT_THAT(error_text<DataError>([&] { track.measured(0, 0, 1000); }),
                HasSubstr(format("foreign.bw: {} at base 500 of chr1 (the first base is 0)", value)));
    EXPECT_EQ(track.measured(1, 0, 70), 0);
    EXPECT_EQ(track.measured(0, 0, 500), 10) << "what is not looked at does not matter";
  }
}

}  // namespace
}  // namespace basewise::io
