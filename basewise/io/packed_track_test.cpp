#include "basewise/io/packed_track.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "basewise/core/files.h"
#include "basewise/core/log.h"
#include "basewise/core/random.h"
#include "basewise/io/bigwig_writer.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::HasSubstr;

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

// Points, stretches, dense signal and nothing, each over several pages, on chromosomes that end
// within a page.
fs::path mixed_track(const Folder& folder, std::uint64_t seed) {
  const fs::path path = folder.path() / "mixed.bw";
  BigWigWriter writer(path, {{"chr1", 70001}, {"empty", 5000}, {"tiny", 1}, {"chr2", 12289}}, {.zoom_levels = 0});
  Stream stream(seed);
  for (const auto& [name, length] : {std::pair<std::string, std::int64_t>{"chr1", 70001}, {"tiny", 1}, {"chr2", 12289}}) {
    std::vector<float> values(length, kMissing);
    for (std::int64_t at = 0; at < length;) {
      const auto kind = stream.below(4);
      const std::int64_t end = std::min<std::int64_t>(length, at + 1 + static_cast<std::int64_t>(stream.below(9000)));
      const auto level = static_cast<float>(stream.normal());
      for (; at < end; ++at) {
        if (kind == 1 && stream.below(50) == 0) values[at] = static_cast<float>(stream.below(9));
        if (kind == 2) values[at] = level;
        if (kind == 3) values[at] = stream.below(100) == 0 ? kMissing : static_cast<float>(stream.normal());
      }
    }
    for (std::int64_t at = 0; at < length; at += 1000)
      writer.add_run(name, at, std::span(values).subspan(at, std::min<std::int64_t>(1000, length - at)));
  }
  writer.close();
  return path;
}

void expect_same_windows(const PackedTrack& track, const BigWigReader& reader, std::uint64_t seed) {
  ASSERT_EQ(track.chromosomes(), reader.chromosomes());
  Stream stream(seed);
  for (int k = 0; k < 300; ++k) {
    const std::size_t c = stream.below(reader.chromosomes().size());
    const auto& [name, length] = reader.chromosomes()[c];
    const auto start = static_cast<std::int64_t>(stream.below(length + 1));
    const auto end = start + static_cast<std::int64_t>(stream.below(std::min<std::int64_t>(length - start, 10000) + 1));
    const float missing = k % 2 == 0 ? kMissing : -1.5f;
    std::vector<float> out(end - start);
    track.values(c, start, out, missing);
    ASSERT_TRUE(same(out, reader.values(name, start, end, missing))) << name << " " << start << " " << end;
  }
}

TEST(PackedTrack, HoldsExactlyTheValuesOfTheFile) {
  const Folder folder;
  for (const std::uint64_t seed : {1, 2, 3}) {
    const auto path = mixed_track(folder, seed);
    const BigWigReader reader(path);
    expect_same_windows(PackedTrack::pack(path), reader, seed);
    expect_same_windows(PackedTrack::keep(path, folder.path() / "cache"), reader, seed + 10);
    expect_same_windows(PackedTrack::keep(path, folder.path() / "cache"), reader, seed + 20);
  }
}

TEST(PackedTrack, HoldsRealTracks) {
  const auto path = shared_data("yeast_stripeseq/S288C_WT_1.plus.bw");
  if (!path) GTEST_SKIP() << "the data set yeast_stripeseq is not there";
  expect_same_windows(PackedTrack::pack(*path), BigWigReader(*path), 5);
}

TEST(PackedTrack, RefusesWindowsThatLeaveAChromosome) {
  const Folder folder;
  const auto track = PackedTrack::pack(mixed_track(folder, 1));
  std::vector<float> out(10);
  EXPECT_THAT(error_text([&] { track.values(0, 69992, out); }),
              HasSubstr("mixed.bw: interval chr1:69992-70002 is not inside the chromosome"));
  EXPECT_THROW(track.values(0, -1, out), DataError);
  EXPECT_THROW(track.values(4, 0, out), ArgumentError);
}

TEST(PackedTrack, IsBuiltOnceAndAgainWhenDamaged) {
  const Folder folder;
  const auto path = mixed_track(folder, 4);
  const fs::path cache = folder.path() / "cache" / "tracks";
  const auto first = PackedTrack::keep(path, cache);
  ASSERT_EQ(std::distance(fs::directory_iterator(cache), fs::directory_iterator()), 1) << "no temporary file is left";
  const fs::path file = fs::directory_iterator(cache)->path();
  EXPECT_EQ(fs::file_size(file), static_cast<std::uintmax_t>(first.bytes()));
  const std::string sound = read_file(file);
  const auto time = fs::last_write_time(file);
  PackedTrack::keep(path, cache);
  EXPECT_EQ(fs::last_write_time(file), time) << "a sound file is not written again";

  const BigWigReader reader(path);
  Stream stream(6);
  for (int k = 0; k < 12; ++k) {
    std::string damaged = sound;
    if (k % 3 == 0)
      damaged.resize(stream.below(sound.size()));
    else
      damaged[stream.below(sound.size())] ^= static_cast<char>(1 + stream.below(255));
    fs::remove(file);  // not written in place: mappings of it live on
    folder.file("cache/tracks/" + file.filename().string(), damaged);
    testing::internal::CaptureStderr();
    const auto track = PackedTrack::keep(path, cache);
    const std::string said = testing::internal::GetCapturedStderr();
    // Bytes between the header and the pages stand for nothing and may change.
    if (damaged.size() == sound.size() && read_file(file) == damaged) continue;
    EXPECT_THAT(said, HasSubstr("it is built anew"));
    EXPECT_EQ(read_file(file), sound);
    expect_same_windows(track, reader, k);
  }
  expect_same_windows(first, reader, 99);
}

TEST(PackedTrack, StaysInMemoryWhereTheFolderCannotBeWritten) {
  const Folder folder;
  const auto path = mixed_track(folder, 7);
  const auto blocked = folder.file("file", "no folder");
  testing::internal::CaptureStderr();
  const auto track = PackedTrack::keep(path, blocked / "tracks");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("the track stays in memory"));
  expect_same_windows(track, BigWigReader(path), 8);
}

// What a bigWig holds, as bedGraph: the same pages.
TEST(PackedTrack, ABedGraphGivesTheValuesOfTheBigWig) {
  const Folder folder;
  for (const std::uint64_t seed : {11, 12}) {
    const auto path = mixed_track(folder, seed);
    const BigWigReader reader(path);
    for (const char* name : {"mixed.bedGraph", "mixed.txt.gz"}) {
      const fs::path text = folder.path() / name;
      BedGraphWriter writer(text);
      for (const auto& [chrom, length] : reader.chromosomes()) writer.add_run(chrom, 0, reader.values(chrom, 0, length));
      writer.close();
      EXPECT_EQ(track_format(text), TrackFormat::bedgraph);
      for (const PackedTrack& track : {PackedTrack::pack(text), PackedTrack::keep(text, folder.path() / "cache")}) {
        EXPECT_EQ(track.file_format(), TrackFormat::bedgraph);
        for (std::size_t c = 0; c < track.chromosomes().size(); ++c) {
          const auto& [chrom, end] = track.chromosomes()[c];
          std::vector<float> values(static_cast<std::size_t>(end));
          track.values(c, 0, values);
          EXPECT_TRUE(same(values, reader.values(chrom, 0, end))) << chrom;
          EXPECT_EQ(track.measured(c, 0, end), reader.summary(chrom, 0, end).covered);
          EXPECT_EQ(reader.summary(chrom, end, reader.length(chrom)).covered, 0) << "it ends where the values end";
        }
      }
    }
  }
}

TEST(PackedTrack, LongGapsAndLongStretchesCostNoTime) {
  const Folder folder;
  const auto path = folder.file("long.bedGraph", "chr1\t3\t5\t2\nchr1\t400000000\t400000007\t1\nchr2\t0\t9000\t4\n");
  const PackedTrack track = PackedTrack::pack(path);
  EXPECT_EQ(track.chromosomes(), (TrackChromosomes{{"chr1", 400000007}, {"chr2", 9000}}));
  EXPECT_EQ(track.measured(0, 0, 400000007), 9);
  EXPECT_EQ(track.measured(0, 4, 400000003), 4) << "parts of the stretches at both ends";
  EXPECT_EQ(track.measured(1, 0, 9000), 9000);
  EXPECT_EQ(track.measured(1, 4000, 8193), 4193);
  std::vector<float> values(10);
  track.values(0, 399999997, values, -1);
  EXPECT_THAT(values, testing::ElementsAre(-1, -1, -1, 1, 1, 1, 1, 1, 1, 1));
}

TEST(PackedTrack, BillionsOfEqualBasesCostNoTime) {
  const Folder folder;
  constexpr std::int64_t kEnd = 4'294'967'295;
  const auto rows = folder.file(
      "long.bedGraph", format("chr1\t4\t8194\t7\nchr1\t8194\t{0}\t2.5\nchr2\t0\t{0}\tnan\nchr3\t0\t8192\t1\n", kEnd));
  const PackedTrack track = PackedTrack::pack(rows);
  EXPECT_EQ(track.chromosomes(), (TrackChromosomes{{"chr1", kEnd}, {"chr2", kEnd}, {"chr3", 8192}}));
  EXPECT_EQ(track.measured(2, 0, 8192), 8192) << "it ends where a page ends";
  EXPECT_EQ(track.measured(0, 0, kEnd), kEnd - 4);
  EXPECT_EQ(track.measured(1, 0, kEnd), 0);
  std::vector<float> values(4);
  for (const auto& [start, expected] : {std::pair<std::int64_t, std::vector<float>>{2, {-1, -1, 7, 7}},
                                        {8192, {7, 7, 2.5, 2.5}},
                                        {2'000'000'000, {2.5, 2.5, 2.5, 2.5}},
                                        {kEnd - 4, {2.5, 2.5, 2.5, 2.5}}}) {
    track.values(0, start, values, -1);
    EXPECT_EQ(values, expected) << start;
  }
  const auto empty = folder.path() / "empty.bw";
  BigWigWriter writer(empty, {{"chr1", kEnd}, {"chr2", kEnd}}, {.zoom_levels = 0});
  writer.add_intervals("chr1", std::vector<TrackInterval>{{kEnd - 5, kEnd - 3, 3}});
  writer.close();
  const PackedTrack other = PackedTrack::pack(empty);
  EXPECT_EQ(other.measured(0, 0, kEnd) + other.measured(1, 0, kEnd), 2);
  other.values(0, kEnd - 4, values, -1);
  EXPECT_EQ(values, (std::vector<float>{3, -1, -1, -1}));
}

TEST(PackedTrack, NothingIsATrackWithoutValues) {
  const Folder folder;
  for (const auto& path : {folder.file("a.bedGraph", ""), folder.file("b", "track type=bedGraph\n"), folder.file("c.gz", gzip(""))})
    EXPECT_TRUE(PackedTrack::pack(path).chromosomes().empty()) << path;
  EXPECT_THAT(error_text<DataError>([&] { PackedTrack::pack(folder.file("a.bw", "")); }), HasSubstr("it has 0 bytes"));
  EXPECT_THAT(error_text<DataError>([&] { PackedTrack::pack(folder.file("a.bw.gz", gzip(read_file(mixed_track(folder, 1))))); }),
              HasSubstr("a.bw.gz: is a bigWig file that was compressed as a whole"));
}

TEST(PackedTrack, AFileThatIsCutShortWhileItIsMappedIsAnError) {
  const Folder folder;
  const auto path = mixed_track(folder, 4);
  const fs::path cache = folder.path() / "cut";
  const PackedTrack track = PackedTrack::keep(path, cache);
  const fs::path file = fs::directory_iterator(cache)->path();
  fs::resize_file(file, 200);
  std::vector<float> values(100);
  EXPECT_THAT(error_text<DataError>([&] { track.values(0, 0, values); }), HasSubstr("has 200 bytes"));
  EXPECT_THROW(track.measured(0, 0, 100), DataError);
  testing::internal::CaptureStderr();
  expect_same_windows(PackedTrack::keep(path, cache), BigWigReader(path), 3);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("it is built anew"));
}

RC_GTEST_PROP(WindowLaws, ASweepEqualsOneByOne, ()) {
  const Folder folder;
  const BigWigReader reader(mixed_track(folder, *rc::gen::inRange<std::uint64_t>(0, 1000)));
  Stream stream(*rc::gen::arbitrary<std::uint64_t>());
  const std::int64_t length = *rc::gen::inRange(0, 3000), stride = length + *rc::gen::inRange(0, 5);
  std::vector<TrackWindow> windows;
  for (int k = *rc::gen::inRange(0, 200); k > 0; --k) {
    const std::size_t c = stream.below(2) * 3;
    windows.push_back({c, static_cast<std::int64_t>(stream.below(reader.chromosomes()[c].second - length + 1))});
  }
  const float missing = stream.below(2) == 0 ? kMissing : 0.0f;
  std::vector<float> out(windows.size() * stride, 7), packed = out;
  reader.windows(windows, length, out, stride, missing);
  PackedTrack::pack(reader.path()).windows(windows, length, packed, stride, missing);
  RC_ASSERT(same(packed, out));
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const auto one = reader.values(reader.chromosomes()[windows[i].chromosome].first, windows[i].start, windows[i].start + length, missing);
    RC_ASSERT(length == 0 || std::memcmp(one.data(), out.data() + i * stride, length * sizeof(float)) == 0);
    for (std::int64_t k = length; k < stride; ++k) RC_ASSERT(out[i * stride + k] == 7);
  }
}

// Beyond the size of caches rows are streamed: the same values.
TEST(Windows, LargeResultsAreTheSame) {
  const Folder folder;
  const BigWigReader reader(mixed_track(folder, 5));
  Stream stream(2);
  std::vector<TrackWindow> windows;
  for (int k = 0; k < 2000; ++k) windows.push_back({0, stream.integer(0, 70001 - 2501)});
  std::vector<float> out(windows.size() * 2503, 7), packed = out;
  reader.windows(windows, 2501, out, 2503, 0);
  PackedTrack::pack(reader.path()).windows(windows, 2501, packed, 2503, 0);
  EXPECT_TRUE(same(out, packed));
  for (std::size_t k = 0; k < windows.size(); k += 37) {
    const auto one = reader.values("chr1", windows[k].start, windows[k].start + 2501, 0);
    EXPECT_EQ(std::memcmp(one.data(), out.data() + k * 2503, one.size() * sizeof(float)), 0);
    EXPECT_EQ(out[k * 2503 + 2501], 7);
  }
}

TEST(Windows, RefuseWhatDoesNotFit) {
  const Folder folder;
  const BigWigReader reader(mixed_track(folder, 1));
  std::vector<float> out(19);
  const std::vector<TrackWindow> windows = {{0, 5}, {3, 12280}};
  EXPECT_THAT(error_text([&] { reader.windows(windows, 10, out, 10); }),
              HasSubstr("2 windows of 10 bases, 10 values apart, into an array of 19"));
  out.resize(20);
  EXPECT_THAT(error_text([&] { reader.windows(windows, 10, out, 10); }), HasSubstr("chr2:12280-12290 is not inside the chromosome"));
  const std::vector<TrackWindow> nowhere = {{7, 5}};
  EXPECT_THAT(error_text([&] { reader.windows(nowhere, 10, out, 10); }), HasSubstr("no chromosome number 7 among 4"));
}

}  // namespace
}  // namespace basewise::io
