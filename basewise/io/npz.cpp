#include "basewise/io/npz.h"

#include <algorithm>
#include <map>

#include <zlib.h>

#include "basewise/core/options.h"
#include "basewise/core/some_of.h"
#include "basewise/io/detail/bytes.h"
#include "basewise/io/detail/convert_numbers.h"
#include "basewise/io/detail/zip_records.h"
#include "basewise/io/npy.h"

namespace basewise::io {

using namespace detail;

namespace {

std::string without_extension(const std::string& file_name) {
  return file_name.ends_with(".npy") ? file_name.substr(0, file_name.size() - 4) : file_name;
}

constexpr std::uint64_t kHeadBytes = 65536 + 16;  // of a .npy image whose header is of any usual size

struct Directory {
  std::uint64_t count = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

// The record at the very end says where the directory is; a comment may follow it.
Directory find_directory(const PositionedFile& file) {
  const std::uint64_t tail_size = std::min<std::uint64_t>(file.size(), kEndBytes + 65535);
  const std::string tail = file.read(file.size() - tail_size, tail_size, "the end");
  for (std::size_t at = tail.size() < kEndBytes ? 0 : tail.size() - kEndBytes + 1; at-- > 0;) {
    const char* end = tail.data() + at;
    if (get<std::uint32_t>(end) != kEndMagic || at + kEndBytes + get<std::uint16_t>(end + 20) != tail.size()) continue;
    if (get<std::uint16_t>(end + 4) != 0 || get<std::uint16_t>(end + 6) != 0)
      file.fail("is one volume of a divided archive, which is not read");
    Directory directory{get<std::uint16_t>(end + 10), get<std::uint32_t>(end + 12), get<std::uint32_t>(end + 16)};
    if (directory.count != 0xffff && directory.size != kFull32 && directory.offset != kFull32) return directory;
    const std::uint64_t here = file.size() - tail_size + at;
    if (here < kLocator64Bytes) file.fail("needs a zip64 record, but has none; it is damaged");
    const std::string locator = file.read(here - kLocator64Bytes, kLocator64Bytes, "the zip64 locator");
    if (get<std::uint32_t>(locator.data()) != kLocator64Magic) return directory;
    const std::string record = file.read(get<std::uint64_t>(locator.data() + 8), kEnd64Bytes, "the zip64 record");
    if (get<std::uint32_t>(record.data()) != kEnd64Magic) file.fail("has a zip64 locator that points at no zip64 record; it is damaged");
    return {get<std::uint64_t>(record.data() + 32), get<std::uint64_t>(record.data() + 40), get<std::uint64_t>(record.data() + 48)};
  }
  file.fail(format("is no npz file: no zip directory at its end ({} bytes); it is truncated or something else", file.size()));
}

// Sizes that did not fit into 32 bits stand in an extra field, in a fixed order.
void read_zip64(const PositionedFile& file, Member& member, std::string_view extra) {
  std::string_view wide;
  for (std::size_t at = 0; at + 4 <= extra.size();) {
    const std::size_t size = get<std::uint16_t>(extra.data() + at + 2);
    if (size > extra.size() - at - 4) break;
    if (get<std::uint16_t>(extra.data() + at) == kZip64Extra) wide = extra.substr(at + 4, size);
    at += 4 + size;
  }
  for (std::uint64_t* field : {&member.size, &member.packed, &member.offset}) {
    if (*field != kFull32) continue;
    if (wide.size() < 8) file.fail(format("member '{}' lacks its zip64 sizes; the archive is damaged", member.file_name));
    *field = get<std::uint64_t>(wide.data());
    wide.remove_prefix(8);
  }
}

std::vector<Member> read_directory(const PositionedFile& file) {
  const Directory directory = find_directory(file);
  const std::string bytes = file.read(directory.offset, directory.size, "the zip directory");
  std::vector<Member> members;
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < directory.count; ++i) {
    if (bytes.size() - at < kCentralBytes || get<std::uint32_t>(bytes.data() + at) != kCentralMagic)
      file.fail(format("zip directory promises {} members, but entry {} is not there; the archive is damaged", directory.count, i));
    const char* entry = bytes.data() + at;
    const std::size_t name_size = get<std::uint16_t>(entry + 28), extra_size = get<std::uint16_t>(entry + 30),
                      comment_size = get<std::uint16_t>(entry + 32);
    if (bytes.size() - at - kCentralBytes < name_size + extra_size + comment_size)
      file.fail(format("zip directory ends inside entry {}; the archive is damaged", i));
    Member member{std::string(entry + kCentralBytes, name_size),
                  get<std::uint16_t>(entry + 10),
                  get<std::uint32_t>(entry + 16),
                  get<std::uint32_t>(entry + 20),
                  get<std::uint32_t>(entry + 24),
                  get<std::uint32_t>(entry + 42)};
    if (get<std::uint16_t>(entry + 8) & 1) file.fail(format("member '{}' is encrypted, which is not read", member.file_name));
    read_zip64(file, member, {entry + kCentralBytes + name_size, extra_size});
    members.push_back(std::move(member));
    at += kCentralBytes + name_size + extra_size + comment_size;
  }
  return members;
}

// Where the bytes of a member begin.
std::uint64_t start_of(const PositionedFile& file, const Member& member) {
  const auto bad = [&](const std::string& what) { file.fail(format("member '{}' {}", member.file_name, what)); };
  if (member.method != kStored && member.method != kDeflated)
    bad(format("is packed by method {}; stored (0) and deflated (8) are read", member.method));
  const std::string local = file.read(member.offset, kLocalBytes, format("member '{}'", member.file_name));
  if (get<std::uint32_t>(local.data()) != kLocalMagic) bad(format("is not at byte {}; the archive is damaged", member.offset));
  return member.offset + kLocalBytes + get<std::uint16_t>(local.data() + 26) + get<std::uint16_t>(local.data() + 28);
}

// Bytes of a member, inflated, with size and checksum verified.
std::string read_member(const PositionedFile& file, const Member& member) {
  const auto bad = [&](const std::string& what) { file.fail(format("member '{}' {}", member.file_name, what)); };
  std::string bytes = file.read(start_of(file, member), member.packed, format("member '{}'", member.file_name));
  if (member.method == kDeflated) {
    if (member.size / kLargestRatio > member.packed + 1)
      bad(format("cannot hold {} bytes in {}; the archive is damaged", member.size, member.packed));
    std::string inflated(member.size, '\0');
    z_stream stream{};
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw InternalError("zlib could not start");
    std::size_t in = 0, out = 0;
    int status = Z_OK;
    // zlib counts in 32 bits.
    while (status == Z_OK) {
      stream.next_in = reinterpret_cast<Bytef*>(bytes.data() + in);
      stream.avail_in = static_cast<uInt>(std::min<std::size_t>(bytes.size() - in, 1u << 30));
      stream.next_out = reinterpret_cast<Bytef*>(inflated.data() + out);
      stream.avail_out = static_cast<uInt>(std::min<std::size_t>(inflated.size() - out, 1u << 30));
      const uInt in_before = stream.avail_in, out_before = stream.avail_out;
      status = ::inflate(&stream, Z_NO_FLUSH);
      in += in_before - stream.avail_in;
      out += out_before - stream.avail_out;
    }
    ::inflateEnd(&stream);
    if (status != Z_STREAM_END || out != inflated.size()) bad("cannot be inflated; the archive is damaged");
    bytes = std::move(inflated);
  }
  if (bytes.size() != member.size)
    bad(format("has {} bytes, but the directory says {}; the archive is damaged", bytes.size(), member.size));
  if (const std::uint32_t crc = crc_of(bytes); crc != member.crc)
    bad(format("has checksum {:08x}, not {:08x}; the archive is damaged", crc, member.crc));
  return bytes;
}

}  // namespace

struct NpzFile::State {
  explicit State(const std::filesystem::path& path) : file(path) {
    for (Member& member : read_directory(file)) {
      std::string name = without_extension(member.file_name);
      if (!members.emplace(name, std::move(member)).second) file.fail(format("holds two members named '{}'", name));
      names.push_back(std::move(name));
    }
  }
  PositionedFile file;
  std::vector<std::string> names;
  std::map<std::string, Member, std::less<>> members;

  const Member& find(std::string_view name) const {
    const auto at = members.find(name);
    if (at != members.end()) return at->second;
    const auto near = nearest(name, names);
    file.fail(format("has no array '{}'{}; it has: {}", name, near ? format(" (did you mean '{}'?)", *near) : "", some_of(names)));
  }
  std::string what(const Member& member) const { return format("{}: member '{}'", file.path().string(), member.file_name); }

  /// Of a stored member: what its head says, and the byte of the file at which its elements begin.
  std::pair<NpyLayout, std::uint64_t> stored(const Member& member) const {
    const std::uint64_t start = start_of(file, member);
    const std::uint64_t head = std::min<std::uint64_t>(member.size, kHeadBytes);
    NpyLayout layout = parse_npy_layout(file.read(start, head, "the header"), what(member));
    const auto count = static_cast<std::uint64_t>(element_count(layout.shape)), size = std::uint64_t{size_of(layout.dtype)};
    if (count > member.size || layout.begin + count * size != member.size)
      file.fail(format("member '{}' has {} bytes, but its shape {} needs {} x {} behind the header; it is damaged", member.file_name,
                       member.size, shape_text(layout.shape), count, size));
    return {std::move(layout), start + layout.begin};
  }
};

NpzFile::NpzFile(const std::filesystem::path& path) : state_(std::make_unique<State>(path)) {}
NpzFile::~NpzFile() = default;
NpzFile::NpzFile(NpzFile&&) noexcept = default;
NpzFile& NpzFile::operator=(NpzFile&&) noexcept = default;

const std::vector<std::string>& NpzFile::names() const { return state_->names; }
bool NpzFile::contains(std::string_view name) const { return state_->members.contains(name); }

Array NpzFile::read(std::string_view name) const {
  const Member& member = state_->find(name);
  return parse_npy(read_member(state_->file, member), state_->what(member));
}

NpzFile::Layout NpzFile::layout(std::string_view name) const {
  const Member& member = state_->find(name);
  if (member.method != kStored) {
    const Array whole = read(name);
    return {whole.dtype, whole.shape, false};
  }
  const NpyLayout layout = state_->stored(member).first;
  return {layout.dtype, layout.shape, !layout.fortran};
}

std::vector<float> NpzFile::rows(std::string_view name, std::int64_t begin, std::int64_t end) const {
  const Member& member = state_->find(name);
  const auto cut = [&](DType dtype, const std::vector<std::int64_t>& shape, const auto& bytes_at) {
    if (shape.empty() || begin < 0 || begin > end || end > shape[0])
      state_->file.fail(format("member '{}' of shape {} has no rows {} to {}", member.file_name, shape_text(shape), begin, end));
    if (!convertible(dtype, DType::f32))
      state_->file.fail(format("member '{}' holds {}, which is no number", member.file_name, io::name(dtype)));
    const std::int64_t row = shape[0] == 0 ? 0 : element_count(shape) / shape[0];
    std::vector<float> values(static_cast<std::size_t>((end - begin) * row));
    const std::string raw = bytes_at(static_cast<std::uint64_t>(begin * row) * size_of(dtype), values.size() * size_of(dtype));
    convert_numbers<float>(dtype, std::as_bytes(std::span(raw)), values);
    return values;
  };
  if (member.method == kStored) {
    const auto [layout, start] = state_->stored(member);
    const std::uint64_t from = start;
    if (!layout.fortran)
      return cut(layout.dtype, layout.shape,
                 [&](std::uint64_t offset, std::uint64_t size) { return state_->file.read(from + offset, size, "rows"); });
  }
  const Array whole = read(name);
  return cut(whole.dtype, whole.shape, [&](std::uint64_t offset, std::uint64_t size) {
    return std::string(reinterpret_cast<const char*>(whole.bytes.data()) + offset, size);
  });
}

}  // namespace basewise::io
