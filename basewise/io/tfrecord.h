// TFRecord files: byte strings one after the other, each with its length and checksums, plain or
// compressed as one stream (TensorFlow, record_writer and record_reader).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace basewise::io {

/// One record: length (8 bytes), masked CRC of the length (4), data, masked CRC of the data (4);
/// little endian. CRC-32C (RFC 3720), masked: ((crc >> 15) | (crc << 17)) + 0xa282ead8, modulo
/// 2^32.
std::string tf_record(std::string_view data);

/// How a file of records is compressed: never record by record, but as a whole.
enum class TfCompression { none, zlib };

/// Reads the records of a file from the first to the last: plain, one zlib stream or gzip, told
/// apart by the first bytes. A file without bytes, and a stream of none, have no records.
///
/// Memory is that of the longest record: it grows with the bytes that are there, not with the
/// length that the file claims.
///
/// Errors of all functions: DataError naming the file and the number of the record (from 0): cannot
/// open or read, damaged or truncated stream, a checksum that does not fit, a record that ends
/// before its end or is longer than `longest`.
class TfRecordReader {
 public:
  static constexpr std::uint64_t kLongest = std::uint64_t{1} << 30;

  explicit TfRecordReader(const std::filesystem::path& path, std::uint64_t longest = kLongest);
  ~TfRecordReader();
  TfRecordReader(TfRecordReader&&) noexcept;
  TfRecordReader& operator=(TfRecordReader&&) noexcept;

  /// The next record into `data`; false: there is none. After an error the reader is at its end.
  bool next(std::string& data);

  /// Records read so far.
  std::int64_t count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Writes a file of records, which appears under its name at `commit`.
/// Errors of all functions: DataError naming the file (disk full, permissions).
class TfRecordWriter {
 public:
  explicit TfRecordWriter(const std::filesystem::path& path, TfCompression compression = TfCompression::zlib);
  ~TfRecordWriter();
  TfRecordWriter(TfRecordWriter&&) noexcept;
  TfRecordWriter& operator=(TfRecordWriter&&) noexcept;

  void write(std::string_view data);

  /// Ends the stream and puts the file in place; nothing may be written afterwards.
  void commit();

  /// Records written so far.
  std::int64_t count() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace basewise::io
