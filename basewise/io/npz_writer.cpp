#include "basewise/io/npz_writer.h"

#include <limits>
#include <optional>
#include <set>
#include <utility>

#include <zlib.h>

#include "basewise/core/files.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/zip_records.h"
#include "basewise/io/npy.h"

namespace basewise::io {

using namespace detail;

namespace {

// Whatever the number of rows will be, the header has room for it.
constexpr std::int64_t kLongestExtent = std::numeric_limits<std::int64_t>::max();

std::vector<std::int64_t> with_rows(std::vector<std::int64_t> shape, std::int64_t rows) {
  if (!shape.empty() && shape[0] < 0) shape[0] = rows;
  return shape;
}

// Bytes of one row of an array that grows by rows.
std::uint64_t row_bytes(DType type, std::span<const std::int64_t> shape) {
  return static_cast<std::uint64_t>(element_count(shape.subspan(1))) * size_of(type);
}

}  // namespace

struct NpzWriter::State {
  // A stretch of an array, and what of it there is.
  struct Part {
    std::uint64_t size = 0;
    std::uint32_t crc = 0;
  };

  // An array that is written piece by piece.
  struct Growing {
    std::string name = {};
    DType type = DType::f32;
    std::vector<std::int64_t> shape = {};
    std::uint64_t start = 0;  // of its local header
    std::uint64_t data = 0;   // of its elements
    std::uint64_t most = 0;   // bytes of a part; 0: not known
    std::vector<Part> parts = {};
  };

  State(const std::filesystem::path& target, NpzOptions chosen) : path(target), options(chosen), file(target) {}

  std::filesystem::path path;
  NpzOptions options;
  AtomicFile file;
  std::uint64_t position = 0;
  std::string directory;
  std::set<std::string> names;
  bool closed = false;
  std::optional<Growing> growing = {};  // between `begin` and `end`

  void write(std::string_view bytes) {
    if (!file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw DataError(format("{}: cannot be written at byte {}; is the disk full?", path.string(), position));
    position += bytes.size();
  }

  // Into what was written, or into room that was left for it.
  void write_at(std::uint64_t at, std::string_view bytes) {
    file.stream().seekp(static_cast<std::streamoff>(at));
    if (!file.stream().write(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw DataError(format("{}: cannot be written at byte {}; is the disk full?", path.string(), at));
  }

  void check_name(const std::string& name) const {
    if (closed) throw ArgumentError(format("{}: is closed; nothing can be added", path.string()));
    if (growing) throw ArgumentError(format("{}: array '{}' has no end yet", path.string(), growing->name));
    if (name.empty() || name.size() > 60000)
      throw ArgumentError(format("{}: an array needs a name of 1 to 60000 bytes", path.string()));
    if (names.contains(name)) throw ArgumentError(format("{}: array '{}' was added before", path.string(), name));
  }
};

namespace {

std::string deflated(std::string_view bytes) {
  z_stream stream{};
  if (::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw InternalError("zlib could not start");
  std::string out;
  std::string buffer(1 << 16, '\0');
  std::size_t in = 0;
  int status = Z_OK;
  while (status != Z_STREAM_END) {
    const std::size_t piece = std::min<std::size_t>(bytes.size() - in, 1u << 30);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + in));
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = static_cast<uInt>(buffer.size());
    status = ::deflate(&stream, in + piece == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    in += piece - stream.avail_in;
    out.append(buffer, 0, buffer.size() - stream.avail_out);
  }
  ::deflateEnd(&stream);
  return out;
}

// What local header and directory entry share: from "version needed" to the sizes. Times are the
// earliest that zip knows: equal arrays give equal files.
void put_common(std::string& out, const Member& member, bool wide) {
  put<std::uint16_t>(out, wide ? 45 : 20);
  put<std::uint16_t>(out, 0x800);  // names are UTF-8
  put(out, member.method);
  put<std::uint16_t>(out, 0);
  put<std::uint16_t>(out, 0x21);
  put(out, member.crc);
  put(out, wide ? kFull32 : static_cast<std::uint32_t>(member.packed));
  put(out, wide ? kFull32 : static_cast<std::uint32_t>(member.size));
  put(out, static_cast<std::uint16_t>(member.file_name.size()));
}

std::string local_header(const Member& member, bool wide) {
  std::string out;
  put(out, kLocalMagic);
  put_common(out, member, wide);
  put<std::uint16_t>(out, wide ? 20 : 0);
  out += member.file_name;
  if (!wide) return out;
  put(out, kZip64Extra);
  put<std::uint16_t>(out, 16);
  put(out, member.size);
  put(out, member.packed);
  return out;
}

std::string central_entry(const Member& member, bool wide) {
  std::string out;
  put(out, kCentralMagic);
  put<std::uint16_t>(out, wide ? 45 : 20);
  put_common(out, member, wide);
  put<std::uint16_t>(out, wide ? 28 : 0);
  put<std::uint16_t>(out, 0);
  put<std::uint16_t>(out, 0);
  put<std::uint16_t>(out, 0);
  put<std::uint32_t>(out, 0);
  put(out, wide ? kFull32 : static_cast<std::uint32_t>(member.offset));
  out += member.file_name;
  if (!wide) return out;
  put(out, kZip64Extra);
  put<std::uint16_t>(out, 24);
  put(out, member.size);
  put(out, member.packed);
  put(out, member.offset);
  return out;
}

std::string end_records(std::uint64_t count, std::uint64_t size, std::uint64_t offset, std::uint64_t zip64_from) {
  std::string out;
  const bool wide = count >= 0xffff || size >= zip64_from || offset >= zip64_from;
  if (wide) {
    put(out, kEnd64Magic);
    put<std::uint64_t>(out, kEnd64Bytes - 12);
    put<std::uint16_t>(out, 45);
    put<std::uint16_t>(out, 45);
    put<std::uint64_t>(out, 0);
    put(out, count);
    put(out, count);
    put(out, size);
    put(out, offset);
    put(out, kLocator64Magic);
    put<std::uint32_t>(out, 0);
    put(out, offset + size);
    put<std::uint32_t>(out, 1);
  }
  put(out, kEndMagic);
  put<std::uint32_t>(out, 0);
  for (int i = 0; i < 2; ++i) put(out, wide ? std::uint16_t{0xffff} : static_cast<std::uint16_t>(count));
  put(out, wide ? kFull32 : static_cast<std::uint32_t>(size));
  put(out, wide ? kFull32 : static_cast<std::uint32_t>(offset));
  put<std::uint16_t>(out, 0);
  return out;
}

}  // namespace

NpzWriter::NpzWriter(const std::filesystem::path& path, NpzOptions options) : state_(std::make_unique<State>(path, options)) {}
NpzWriter::~NpzWriter() = default;

void NpzWriter::add(const std::string& name, const TensorView& array) {
  state_->check_name(name);
  const std::string bytes = with_context(format("{}: array '{}'", state_->path.string(), name), [&] { return format_npy(array); });
  const std::string packed = state_->options.compress ? deflated(bytes) : std::string();
  const std::string_view data = state_->options.compress ? std::string_view(packed) : std::string_view(bytes);
  const Member member{name + ".npy",   state_->options.compress ? kDeflated : kStored, crc_of(bytes), data.size(), bytes.size(),
                      state_->position};
  const std::uint64_t limit = state_->options.zip64_from;
  const bool wide = member.size >= limit || member.packed >= limit || member.offset >= limit;
  state_->write(local_header(member, wide));
  state_->write(data);
  state_->directory += central_entry(member, wide);
  state_->names.insert(name);
}

void NpzWriter::begin(const std::string& name, DType type, std::vector<std::int64_t> shape, std::int64_t parts) {
  State& s = *state_;
  s.check_name(name);
  const bool open = !shape.empty() && shape[0] < 0;
  if (parts < 1 || (parts > 1 && open))
    throw ArgumentError(
        format("{}: array '{}' of {} parts needs every extent; its shape is {}", s.path.string(), name, parts, shape_text(shape)));
  const std::string header = npy_header(type, with_rows(shape, kLongestExtent));
  State::Growing growing{.name = name, .type = type, .shape = std::move(shape), .start = s.position, .data = 0, .most = 0,
                  .parts = std::vector<State::Part>(static_cast<std::size_t>(parts))};
  if (!open) {
    const std::uint64_t size = static_cast<std::uint64_t>(element_count(growing.shape)) * size_of(type);
    growing.most = size / static_cast<std::uint64_t>(parts);
    if (growing.most * static_cast<std::uint64_t>(parts) != size)
      throw ArgumentError(
          format("{}: array '{}' of shape {} is not {} equal parts", s.path.string(), name, shape_text(growing.shape), parts));
  }
  // Sizes and checksum are put in at the end.
  s.write(local_header({name + ".npy", kStored, 0, 0, 0, s.position}, true));
  s.write(header);
  growing.data = s.position;
  s.growing = std::move(growing);
}

void NpzWriter::append(std::span<const std::byte> bytes, std::int64_t part) {
  State& s = *state_;
  if (!s.growing) throw ArgumentError(format("{}: there is no array to append to", s.path.string()));
  State::Growing& g = *s.growing;
  State::Part& to = g.parts.at(static_cast<std::size_t>(part));
  if (const bool known = g.shape.empty() || g.shape[0] >= 0; known && bytes.size() > g.most - to.size)
    throw ArgumentError(format("{}: more elements than array '{}' of shape {} holds", s.path.string(), g.name, shape_text(g.shape)));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  s.write_at(g.data + static_cast<std::uint64_t>(part) * g.most + to.size, text);
  to.crc = static_cast<std::uint32_t>(::crc32_z(to.crc, reinterpret_cast<const Bytef*>(text.data()), text.size()));
  to.size += bytes.size();
}

void NpzWriter::end() {
  State& s = *state_;
  if (!s.growing) throw ArgumentError(format("{}: there is no array to end", s.path.string()));
  const State::Growing g = std::move(*s.growing);
  s.growing.reset();
  std::uint64_t size = 0;
  for (const State::Part& part : g.parts) size += part.size;
  std::int64_t rows = 0;
  if (!g.shape.empty() && g.shape[0] < 0) {
    const std::uint64_t row = row_bytes(g.type, g.shape);
    if (row > 0) rows = static_cast<std::int64_t>(size / row);
    if (size != static_cast<std::uint64_t>(rows) * row)
      throw ArgumentError(format("{}: {} bytes are no whole rows of array '{}', {} bytes each", s.path.string(), size, g.name, row));
  } else if (size != g.most * g.parts.size()) {
    throw ArgumentError(format("{}: array '{}' of shape {} has {} bytes so far", s.path.string(), g.name, shape_text(g.shape), size));
  }
  const std::string header = npy_header(g.type, with_rows(g.shape, rows), npy_header(g.type, with_rows(g.shape, kLongestExtent)).size());
  std::uint32_t crc = crc_of(header);
  for (const State::Part& part : g.parts) crc = static_cast<std::uint32_t>(::crc32_combine(crc, part.crc, static_cast<z_off_t>(part.size)));
  const Member member{g.name + ".npy", kStored, crc, header.size() + size, header.size() + size, g.start};
  s.write_at(g.start, local_header(member, true));
  s.write_at(g.data - header.size(), header);
  s.position = g.data + size;
  s.file.stream().seekp(static_cast<std::streamoff>(s.position));
  const std::uint64_t limit = s.options.zip64_from;
  s.directory += central_entry(member, member.size >= limit || member.offset >= limit);
  s.names.insert(g.name);
}

void NpzWriter::close() {
  if (state_->closed) return;
  if (state_->growing) throw ArgumentError(format("{}: array '{}' has no end yet", state_->path.string(), state_->growing->name));
  state_->closed = true;
  const std::uint64_t offset = state_->position;
  state_->write(state_->directory);
  state_->write(end_records(state_->names.size(), state_->directory.size(), offset, state_->options.zip64_from));
  state_->file.commit();
}

}  // namespace basewise::io
