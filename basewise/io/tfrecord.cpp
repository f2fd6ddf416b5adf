#include "basewise/io/tfrecord.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include "basewise/core/error.h"
#include "basewise/core/files.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/crc32c.h"
#include "basewise/io/proto_wire.h"

namespace basewise::io {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 16;
constexpr std::size_t kGrowth = std::size_t{1} << 20;  // a record is believed so much further at a time
constexpr std::size_t kHead = 12;                      // length and its checksum

std::uint32_t masked_crc(std::string_view bytes) { return std::rotr(detail::crc32c(bytes), 15) + 0xa282ead8u; }

std::string head_of(std::string_view data) {
  const std::string length = little_endian(data.size(), 8);
  return length + little_endian(masked_crc(length), 4);
}

bool is_head(std::string_view bytes) {
  return bytes.size() >= kHead && masked_crc(bytes.substr(0, 8)) == detail::get<std::uint32_t>(bytes.data() + 8);
}

bool is_stream(std::string_view head) {
  if (head.size() < 2) return false;
  const unsigned first = static_cast<unsigned char>(head[0]), second = static_cast<unsigned char>(head[1]);
  const bool zlib = (first & 0x0f) == 8 && first >> 4 <= 7 && (first << 8 | second) % 31 == 0;
  return zlib || (first == 0x1f && second == 0x8b);
}

}  // namespace

std::string tf_record(std::string_view data) {
  std::string record = head_of(data);
  return record.append(data).append(little_endian(masked_crc(data), 4));
}

struct TfRecordReader::State {
  std::string name;
  std::uint64_t longest = kLongest;
  int descriptor = -1;
  std::vector<char> input = std::vector<char>(kPiece);
  std::size_t begin = 0;
  std::size_t end = 0;
  bool compressed = false;
  bool stream_over = false;
  bool over = false;
  z_stream stream{};
  std::int64_t count = 0;

  ~State() {
    if (compressed) inflateEnd(&stream);
    if (descriptor >= 0) ::close(descriptor);
  }

  [[noreturn]] void fail(const std::string& what) {
    over = true;
    throw DataError(format("{}: {}", name, what));
  }
  [[noreturn]] void fail_record(const std::string& what) { fail(format("record {}: {}", count, what)); }

  bool refill() {
    ssize_t got = 0;
    do got = ::read(descriptor, input.data(), input.size());
    while (got < 0 && errno == EINTR);
    if (got < 0) fail(format("cannot read: {}", std::strerror(errno)));
    begin = 0;
    end = static_cast<std::size_t>(got);
    return got > 0;
  }

  // Fills as much of `out` as there is; less than all of it only at the end.
  std::size_t read(char* out, std::size_t size) {
    std::size_t done = 0;
    while (done < size) {
      const std::size_t got = compressed ? inflate_some(out + done, size - done) : copy_some(out + done, size - done);
      if (got == 0) break;
      done += got;
    }
    return done;
  }

  std::size_t copy_some(char* out, std::size_t size) {
    if (begin == end && !refill()) return 0;
    const std::size_t n = std::min(size, end - begin);
    std::memcpy(out, input.data() + begin, n);
    begin += n;
    return n;
  }

  std::size_t inflate_some(char* out, std::size_t size) {
    const std::size_t wanted = std::min<std::size_t>(size, 1u << 30);
    stream.next_out = reinterpret_cast<Bytef*>(out);
    stream.avail_out = static_cast<uInt>(wanted);
    while (stream.avail_out == wanted && !stream_over) {
      if (begin == end && !refill())
        fail_record("the compressed data is truncated: the file ends in the middle; copy or download it again");
      stream.next_in = reinterpret_cast<Bytef*>(input.data() + begin);
      stream.avail_in = static_cast<uInt>(end - begin);
      const int code = inflate(&stream, Z_NO_FLUSH);
      begin = end - stream.avail_in;
      if (code == Z_STREAM_END)
        end_stream();
      else if (code != Z_OK && code != Z_BUF_ERROR)
        fail_record(
            format("damaged compressed data ({}); copy or download the file again", stream.msg ? stream.msg : "checksum or structure"));
    }
    return wanted - stream.avail_out;
  }

  void end_stream() {
    stream_over = true;
    if (begin != end || refill())
      fail_record("there are other bytes behind the end of the compressed data; the file is damaged or was joined");
  }

  std::uint64_t read_length() {
    char head[kHead];
    const std::size_t got = read(head, kHead);
    if (got == 0) {
      over = true;
      return 0;
    }
    if (got < kHead) fail_record(format("the file ends within its length ({} of {} bytes)", got, kHead));
    if (!is_head({head, kHead})) fail_record("the checksum of its length does not fit; the file is damaged, or no file of TFRecords");
    const auto length = detail::get<std::uint64_t>(head);
    if (length > longest) fail_record(format("{} bytes, which is beyond the bound of {}", length, longest));
    return length;
  }
};

TfRecordReader::TfRecordReader(const std::filesystem::path& path, std::uint64_t longest) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.name = path.string();
  s.longest = longest;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) s.fail("is a folder; expected a file of TFRecords");
  s.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (s.descriptor < 0) s.fail(format("cannot open: {}", std::strerror(errno)));
  s.refill();
  const std::string_view head(s.input.data(), s.end);
  // The length of a plain record may look like the beginning of a stream, but then its checksum
  // fits.
  if (is_head(head) || !is_stream(head)) return;
  if (inflateInit2(&s.stream, 15 + 32) != Z_OK) throw InternalError("zlib: inflateInit2 failed");
  s.compressed = true;
}

TfRecordReader::~TfRecordReader() = default;
TfRecordReader::TfRecordReader(TfRecordReader&&) noexcept = default;
TfRecordReader& TfRecordReader::operator=(TfRecordReader&&) noexcept = default;

bool TfRecordReader::next(std::string& data) {
  State& s = *state_;
  data.clear();
  if (s.over) return false;
  const std::uint64_t length = s.read_length();
  if (s.over) return false;
  while (data.size() < length) {
    const std::size_t before = data.size();
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(length - before, kGrowth));
    data.resize(before + piece);
    if (const std::size_t got = s.read(data.data() + before, piece); got < piece)
      s.fail_record(format("the file ends after {} of its {} bytes", before + got, length));
  }
  char sum[4];
  if (s.read(sum, sizeof(sum)) < sizeof(sum)) s.fail_record("the file ends within its checksum");
  if (masked_crc(data) != detail::get<std::uint32_t>(sum)) s.fail_record("its checksum does not fit; copy or download the file again");
  ++s.count;
  return true;
}

std::int64_t TfRecordReader::count() const { return state_->count; }

struct TfRecordWriter::State {
  AtomicFile file;
  std::string name;
  bool compressed;
  z_stream stream{};
  std::vector<char> output = std::vector<char>(kPiece);
  std::int64_t count = 0;

  State(const std::filesystem::path& path, bool compress) : file(path), name(path.string()), compressed(compress) {
    // Bases and half-precision numbers hold no long repeats: looking for runs alone gives smaller
    // files than the default search, in a tenth of the time.
    if (compressed && deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15, 8, Z_RLE) != Z_OK)
      throw InternalError("zlib: deflateInit2 failed");
  }
  ~State() {
    if (compressed) deflateEnd(&stream);
  }

  void put(std::string_view bytes, int flush) {
    if (!compressed) return write(bytes);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int code = Z_OK;
    do {
      stream.next_out = reinterpret_cast<Bytef*>(output.data());
      stream.avail_out = static_cast<uInt>(output.size());
      code = deflate(&stream, flush);
      if (code == Z_STREAM_ERROR) throw InternalError("zlib: deflate failed");
      write({output.data(), output.size() - stream.avail_out});
    } while (stream.avail_out == 0 || (flush == Z_FINISH && code != Z_STREAM_END));
  }

  void write(std::string_view bytes) {
    if (!file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw DataError(format("{}: cannot write; is the disk full?", name));
  }
};

TfRecordWriter::TfRecordWriter(const std::filesystem::path& path, TfCompression compression)
    : state_(std::make_unique<State>(path, compression == TfCompression::zlib)) {}

TfRecordWriter::~TfRecordWriter() = default;
TfRecordWriter::TfRecordWriter(TfRecordWriter&&) noexcept = default;
TfRecordWriter& TfRecordWriter::operator=(TfRecordWriter&&) noexcept = default;

void TfRecordWriter::write(std::string_view data) {
  if (data.size() > TfRecordReader::kLongest)
    throw ArgumentError(format("{}: a record of {} bytes is beyond the bound of {}", state_->name, data.size(), TfRecordReader::kLongest));
  state_->put(head_of(data), Z_NO_FLUSH);
  state_->put(data, Z_NO_FLUSH);
  state_->put(little_endian(masked_crc(data), 4), Z_NO_FLUSH);
  ++state_->count;
}

void TfRecordWriter::commit() {
  State& s = *state_;
  if (s.compressed) s.put({}, Z_FINISH);
  s.file.stream().flush();  // a file without records, too, is made
  s.file.commit();
}

std::int64_t TfRecordWriter::count() const { return state_->count; }

}  // namespace basewise::io
