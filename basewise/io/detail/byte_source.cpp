#include "basewise/io/detail/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

#include "basewise/core/error.h"
#include "basewise/io/detail/bgzf.h"

namespace basewise::io::detail {
namespace {

constexpr std::size_t kInput = std::size_t{1} << 16;
// bgzip is taken in pieces that hold work for several threads.
constexpr std::size_t kBgzfInput = std::size_t{1} << 20;

// What a file starts with if it is compressed in a way that we do not read.
std::string_view foreign_compression(std::string_view head) {
  if (head.starts_with("BZh")) return "bzip2";
  if (head.starts_with(std::string_view("\xfd"
                                        "7zXZ\0",
                                        6)))
    return "xz";
  if (head.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  if (head.starts_with("PK\x03\x04")) return "zip";
  return {};
}

}  // namespace

struct ByteSource::State {
  std::string name;
  int descriptor = -1;
  std::vector<char> input;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::int64_t consumed = 0;  // bytes taken from the file
  bool compressed = false;
  bool inside_member = false;
  z_stream stream{};
  bool bgzip = false;          // the first member was a block of bgzip
  bool blocks = false;         // so far every gzip member was one
  std::vector<char> inflated;  // blocks ahead of what was given out
  std::size_t given = 0;       // of them
  std::string tail;            // the last bytes of a bgzip file that were read

  ~State() {
    if (compressed) inflateEnd(&stream);
    if (descriptor >= 0) ::close(descriptor);
  }
  std::size_t read_file(char* out, std::size_t size);
  void keep_tail(std::string_view bytes);
  std::size_t finish();
  bool refill();
  std::size_t copy(std::span<char> out);
  std::size_t inflate_some(std::span<char> out);
  std::size_t inflate_blocks(std::span<char> out);
  bool next_member();
  [[noreturn]] void fail(const std::string& what) const { throw DataError(format("{}: {}", name, what)); }
};

std::size_t ByteSource::State::read_file(char* out, std::size_t size) {
  ssize_t got = 0;
  do got = ::read(descriptor, out, size);
  while (got < 0 && errno == EINTR);
  if (got < 0) fail(format("cannot read: {}", std::strerror(errno)));
  consumed += got;
  keep_tail({out, static_cast<std::size_t>(got)});
  return static_cast<std::size_t>(got);
}

void ByteSource::State::keep_tail(std::string_view bytes) {
  if (bytes.size() < kBgzfEnd) tail.append(bytes);
  if (bytes.size() >= kBgzfEnd) tail = bytes.substr(bytes.size() - kBgzfEnd);
  if (tail.size() > kBgzfEnd) tail.erase(0, tail.size() - kBgzfEnd);
}

// The end of the file: no bytes more.
std::size_t ByteSource::State::finish() {
  if (bgzip && !ends_with_bgzf_end(tail)) warn_of_bgzf_end(name);
  return 0;
}

bool ByteSource::State::refill() {
  begin = 0;
  end = read_file(input.data(), input.size());
  return end > 0;
}

std::size_t ByteSource::State::copy(std::span<char> out) {
  if (begin == end) return read_file(out.data(), out.size());
  const std::size_t n = std::min(out.size(), end - begin);
  std::memcpy(out.data(), input.data() + begin, n);
  begin += n;
  return n;
}

// Anything but whole sound blocks goes to the stream of zlib, at the member where it begins.
std::size_t ByteSource::State::inflate_blocks(std::span<char> out) {
  while (given == inflated.size()) {
    std::memmove(input.data(), input.data() + begin, end - begin);
    end -= begin;
    begin = 0;
    for (std::size_t got = 1; got > 0 && end < input.size(); end += got) got = read_file(input.data() + end, input.size() - end);
    if (end == 0) return finish();
    begin = inflate_bgzf(std::span(input).first(end), inflated);
    given = 0;
    if (begin == 0) {
      blocks = false;
      return inflate_some(out);
    }
  }
  const std::size_t n = std::min(out.size(), inflated.size() - given);
  std::memcpy(out.data(), inflated.data() + given, n);
  given += n;
  return n;
}

// Goes to the next gzip member, if there is one. Zeros behind the last member are padding of tapes
// and disks.
bool ByteSource::State::next_member() {
  bool padding = false;
  for (;;) {
    if (begin == end && !refill()) return false;
    if (input[begin] != 0) break;
    padding = true;
    ++begin;
  }
  if (padding || input[begin] != '\x1f')
    fail(
        format("there are other bytes behind the end of the gzip data, at compressed byte {}; the file is "
               "damaged or was joined with an uncompressed one",
               consumed - static_cast<std::int64_t>(end - begin)));
  if (inflateReset(&stream) != Z_OK) throw InternalError("zlib: inflateReset failed");
  inside_member = true;
  return true;
}

std::size_t ByteSource::State::inflate_some(std::span<char> out) {
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  while (stream.avail_out == out.size()) {
    if (!inside_member && !next_member()) return finish();
    if (begin == end && !refill()) fail("the gzip data is truncated: the file ends in the middle; copy or download it again");
    stream.next_in = reinterpret_cast<Bytef*>(input.data() + begin);
    stream.avail_in = static_cast<uInt>(end - begin);
    const int code = inflate(&stream, Z_NO_FLUSH);
    begin = end - stream.avail_in;
    if (code == Z_STREAM_END)
      inside_member = false;
    else if (code != Z_OK && code != Z_BUF_ERROR) {
      fail(format("damaged gzip data before compressed byte {} ({}); copy or download the file again",
                  consumed - static_cast<std::int64_t>(stream.avail_in), stream.msg ? stream.msg : "checksum or structure"));
    }
  }
  return out.size() - stream.avail_out;
}

ByteSource::ByteSource(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.name = path.string();
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) s.fail("is a folder; expected a file");
  s.descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (s.descriptor < 0) s.fail(format("cannot open: {}", std::strerror(errno)));
  s.input.resize(kInput);
  s.refill();
  const std::string_view head(s.input.data(), s.end);
  if (const auto other = foreign_compression(head); !other.empty())
    s.fail(format("is compressed by {}; expected plain text or gzip", other));
  if (!head.starts_with("\x1f\x8b")) return;
  if (inflateInit2(&s.stream, 15 + 16) != Z_OK) throw InternalError("zlib: inflateInit2 failed");
  s.compressed = true;
  s.bgzip = bgzf_block_size(std::span(s.input).first(s.end)) > 0;
  s.blocks = s.bgzip;
  if (s.blocks) s.input.resize(kBgzfInput);
  s.inside_member = !s.blocks;
}

ByteSource::~ByteSource() = default;
ByteSource::ByteSource(ByteSource&&) noexcept = default;
ByteSource& ByteSource::operator=(ByteSource&&) noexcept = default;

bool ByteSource::compressed() const { return state_->compressed; }

std::size_t ByteSource::read(std::span<char> out) {
  if (out.empty()) return 0;
  if (!state_->compressed) return state_->copy(out);
  return state_->blocks ? state_->inflate_blocks(out) : state_->inflate_some(out);
}

}  // namespace basewise::io::detail
