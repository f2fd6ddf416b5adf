#include "basewise/io/tfrecord.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "basewise/core/files.h"
#include "basewise/io/detail/crc32c.h"
#include "tests/support/error_text.h"
#include "tests/support/test_files.h"

namespace basewise::io {
namespace {

using detail::crc32c;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing_files::Folder;

std::vector<std::string> read_all(const fs::path& path) {
  TfRecordReader reader(path);
  std::vector<std::string> records;
  for (std::string data; reader.next(data);) records.push_back(data);
  EXPECT_EQ(reader.count(), std::ssize(records));
  return records;
}

std::string zlib_stream(std::string_view bytes) {
  uLongf size = compressBound(bytes.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  out.resize(size);
  return out;
}

TEST(Crc32c, KnowsTheVectorsOfRfc3720) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string rising(32, '\0');
  for (std::size_t i = 0; i < rising.size(); ++i) rising[i] = static_cast<char>(i);
  EXPECT_EQ(crc32c(rising), 0x46dd794eu);
}

TEST(Crc32c, EqualsTheSumBitByBitForEveryLength) {
  std::string text;
  for (int n = 0; n < 40; ++n) {
    std::uint32_t crc = 0xffffffffu;
    for (const char byte : text) {
      crc ^= static_cast<unsigned char>(byte);
      for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) ? (crc >> 1) ^ 0x82f63b78u : crc >> 1;
    }
    EXPECT_EQ(crc32c(text), ~crc) << n;
    text += static_cast<char>(n * 37 + 11);
  }
}

TEST(TfRecord, ThereAndBack) {
  const Folder folder;
  const std::vector<std::string> records = {"a", "", std::string(3'000'000, 'x'), std::string("\0\1\2", 3)};
  for (const TfCompression compression : {TfCompression::none, TfCompression::zlib}) {
    const fs::path path = folder.path() / (compression == TfCompression::zlib ? "sub/x.tfr" : "x.tfr");
    TfRecordWriter writer(path, compression);
    for (const std::string& record : records) writer.write(record);
    EXPECT_FALSE(fs::exists(path));
    writer.commit();
    EXPECT_EQ(writer.count(), 4);
    EXPECT_EQ(read_all(path), records);
    EXPECT_EQ(fs::file_size(path) < 100'000, compression == TfCompression::zlib);
  }
}

TEST(TfRecord, FilesWithoutRecords) {
  const Folder folder;
  for (const TfCompression compression : {TfCompression::none, TfCompression::zlib}) {
    TfRecordWriter writer(folder.path() / "x.tfr", compression);
    writer.commit();
    EXPECT_THAT(read_all(folder.path() / "x.tfr"), ElementsAre());
  }
  EXPECT_EQ(fs::file_size(folder.path() / "x.tfr"), 8U);  // a stream of no bytes, as Baskerville leaves one
}

TEST(TfRecord, GzipIsReadToo) {
  const Folder folder;
  EXPECT_THAT(read_all(folder.file("x", testing_files::gzip(tf_record("one") + tf_record("two")))), ElementsAre("one", "two"));
}

TEST(TfRecord, APlainRecordWhoseLengthLooksLikeAStream) {
  const Folder folder;
  const std::string data(0x9c78, 'y');  // its length begins with 78 9c, as zlib streams do
  EXPECT_THAT(read_all(folder.file("x", tf_record(data))), ElementsAre(data));
}

TEST(TfRecord, NothingIsLeftWithoutCommit) {
  const Folder folder;
  {
    TfRecordWriter(folder.path() / "x.tfr").write("one");
  }
  EXPECT_EQ(folder.count(), 0U);
}

std::string error_of(const Folder& folder, const std::string& bytes, std::uint64_t longest = TfRecordReader::kLongest) {
  TfRecordReader reader(folder.file("x.tfr", bytes), longest);
  std::string data;
  std::string text = error_text<DataError>([&] {
    while (reader.next(data)) {
    }
    return 0;
  });
  EXPECT_FALSE(reader.next(data)) << "after an error a reader is at its end";
  return text;
}

TEST(TfRecord, ErrorsNameFileAndRecord) {
  const Folder folder;
  const std::string good = tf_record("first") + tf_record("second");
  EXPECT_THAT(error_of(folder, good.substr(0, 25)), HasSubstr("x.tfr: record 1: the file ends within its length (4 of 12 bytes)"));
  EXPECT_THAT(error_of(folder, good.substr(0, 35)), HasSubstr("record 1: the file ends after 2 of its 6 bytes"));
  EXPECT_THAT(error_of(folder, good.substr(0, good.size() - 1)), HasSubstr("record 1: the file ends within its checksum"));
  std::string damaged = good;
  damaged[14] = 'X';
  EXPECT_THAT(error_of(folder, damaged), HasSubstr("record 0: its checksum does not fit"));
  damaged = good;
  damaged[21] = 1;
  EXPECT_THAT(error_of(folder, damaged), HasSubstr("record 1: the checksum of its length does not fit"));
  EXPECT_THAT(error_of(folder, "no records at all"), HasSubstr("or no file of TFRecords"));
  EXPECT_THAT(error_of(folder, good, 5), HasSubstr("record 1: 6 bytes, which is beyond the bound of 5"));
}

TEST(TfRecord, DamagedStreams) {
  const Folder folder;
  std::string noise;
  for (int i = 0; i < 5000; ++i) noise += static_cast<char>(i * i % 251);
  const std::string stream = zlib_stream(tf_record("one") + tf_record(noise));
  EXPECT_THAT(error_of(folder, stream.substr(0, stream.size() / 2)), HasSubstr("the compressed data is truncated"));
  std::string damaged = stream;
  damaged[damaged.size() - 1] = static_cast<char>(damaged[damaged.size() - 1] ^ 1);
  EXPECT_THAT(error_of(folder, damaged), AllOf(HasSubstr("x.tfr: record 1: damaged compressed data"), HasSubstr("incorrect data check")));
  EXPECT_THAT(error_of(folder, stream + stream), HasSubstr("other bytes behind the end of the compressed data"));
}

TEST(TfRecord, FilesThatCannotBeOpened) {
  const Folder folder;
  EXPECT_THAT(error_text<DataError>([&] { return TfRecordReader(folder.path()); }), HasSubstr("is a folder; expected a file of TFRecords"));
  EXPECT_THAT(error_text<DataError>([&] { return TfRecordReader(folder.path() / "none"); }), HasSubstr("none: cannot open: No such file"));
}

// A length of a gigabyte with a sound checksum, and three bytes behind it.
TEST(TfRecord, ALengthIsNotBelievedBeforeItsBytesAreThere) {
  const Folder folder;
  std::string record = tf_record(std::string(1 << 20, '\0'));
  TfRecordReader reader(folder.file("x.tfr", record.substr(0, 15)));
  std::string data;
  EXPECT_THAT(error_text<DataError>([&] { return reader.next(data); }), HasSubstr("the file ends after 3 of its 1048576 bytes"));
  EXPECT_LE(data.capacity(), std::size_t{4} << 20);
}

}  // namespace
}  // namespace basewise::io
