#include "basewise/io/w5.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "basewise/io/hdf5.h"
#include "basewise/io/hdf5_writer.h"
#include "basewise/io/packed_track.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using namespace testing_files;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(W5, ThereAndBackInFloat16) {
  const Folder folder;
  const fs::path path = folder.path() / "x.w5";
  {
    W5Writer writer(path);
    writer.add("chr2", std::vector<float>{1, 2049, 0.5F});
    writer.add("chr2", std::vector<float>{1e6F, NAN});
    writer.add("chr10", std::vector<float>(300'000, 3));
    EXPECT_EQ(writer.cut(), 1);
    writer.close();
  }
  const W5Reader reader(path);
  EXPECT_EQ(reader.chromosomes(), (TrackChromosomes{{"chr10", 300'000}, {"chr2", 5}}));
  std::vector<float> values(5);
  reader.values("chr2", 0, values);
  EXPECT_THAT(std::vector<float>(values.begin(), values.end() - 1), ElementsAre(1, 2048, 0.5F, 65504));
  EXPECT_TRUE(std::isnan(values[4]));
  reader.values("chr10", 262'140, values);
  EXPECT_THAT(values, testing::Each(3.0F));
  const H5Info info = H5File(path).info("chr10");
  EXPECT_EQ(info.type, "float16");
  EXPECT_THAT(info.filters, testing::Contains("gzip"));
}

TEST(W5, IsReadAsATrack) {
  const Folder folder;
  const fs::path path = folder.path() / "x.dat";
  std::vector<float> expected(200'007);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = i % 5000 < 900 ? static_cast<float>(i % 7) : i > 150'000 ? NAN : 0;
  {
    W5Writer writer(path);
    writer.add("chrB", std::vector<float>(3, 2));
    writer.add("chrA", expected);
    writer.close();
  }
  EXPECT_EQ(track_format(path), TrackFormat::w5) << "whatever its name";
  for (const PackedTrack& track : {PackedTrack::pack(path), PackedTrack::keep(path, folder.path() / "cache")}) {
    EXPECT_EQ(track.file_format(), TrackFormat::w5);
    EXPECT_EQ(track.chromosomes(), (TrackChromosomes{{"chrA", 200'007}, {"chrB", 3}}));
    std::vector<float> found(200'007);
    track.values(0, 0, found);
    for (std::size_t i = 0; i < found.size(); ++i)
      ASSERT_TRUE(found[i] == expected[i] || (std::isnan(found[i]) && std::isnan(expected[i]))) << i;
    EXPECT_EQ(track.measured(1, 0, 3), 3);
  }
  EXPECT_THAT(error_text<DataError>([&] { track_format(folder.file("y.gz", gzip(read_file(path)))); }),
              HasSubstr("is an HDF5 file that was compressed"));
}

TEST(TrackFormat, AlignmentsAreNoTrack) {
  const Folder folder;
  for (const fs::path& path : {folder.file("x.bam", gzip(std::string("BAM\1rest", 8))), folder.file("x.cram", "CRAM\3rest")})
    EXPECT_THAT(error_text<DataError>([&] { track_format(path); }), HasSubstr("is no track; count them: basewise data coverage"));
}

TEST(W5, ErrorsSayWhatIsWrong) {
  const Folder folder;
  const fs::path path = folder.path() / "x.w5";
  W5Writer writer(path);
  writer.add("chr1", std::vector<float>{1, 2});
  writer.add("chr2", std::vector<float>{1, 2});
  EXPECT_THAT(error_text<ArgumentError>([&] { writer.add("chr1", std::vector<float>{1}); }), HasSubstr("chr1 comes again after chr2"));
  EXPECT_THAT(error_text<ArgumentError>([&] { writer.add("a/b", std::vector<float>{1}); }), HasSubstr("'a/b' cannot be the name"));
  EXPECT_FALSE(fs::exists(path)) << "before it is closed";
  writer.close();
  const W5Reader reader(path);
  std::vector<float> values(2);
  EXPECT_THAT(error_text<DataError>([&] { reader.values("chr", 0, values); }), HasSubstr("no chromosome 'chr'; did you mean"));
  EXPECT_THAT(error_text<DataError>([&] { reader.values("chr1", 1, values); }), HasSubstr("chr1 has 2 bases; 1-3 lies outside"));
  const fs::path other = folder.path() / "y.h5";
  {
    H5Writer file(other);
    file.write<float>("group/x", std::vector<float>{1}, {1});
    file.close();
  }
  EXPECT_THAT(error_text<DataError>([&] { W5Reader{other}; }), HasSubstr("holds no coverage"));
}

}  // namespace
}  // namespace basewise::io
