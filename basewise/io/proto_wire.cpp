#include "basewise/io/proto_wire.h"

#include "basewise/core/error.h"

namespace basewise::io {
namespace {

std::uint64_t number_of(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

}  // namespace

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  return out + static_cast<char>(value);
}

std::string wire_key(int field, WireKind kind) { return varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(kind)); }

std::string bytes_field(int field, std::string_view bytes) {
  std::string out = wire_key(field, WireKind::bytes) + varint(bytes.size());
  return out.append(bytes);
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}

void WireReader::fail(const std::string& what) const { throw DataError(format("{} at byte {} of the message", what, origin_ + at_)); }

std::string_view WireReader::take(std::uint64_t size) {
  if (size > message_.size() - at_) fail(format("a field of {} bytes, but {} are left", size, message_.size() - at_));
  const std::string_view bytes = message_.substr(at_, static_cast<std::size_t>(size));
  at_ += bytes.size();
  return bytes;
}

std::uint64_t WireReader::read_varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at_end()) fail("the message ends within a number");
    const auto byte = static_cast<unsigned char>(message_[at_++]);
    if (shift == 63 && byte > 1) break;
    value |= std::uint64_t{byte & 0x7fu} << shift;
    if (byte < 0x80) return value;
  }
  fail("a number beyond 64 bits");
}

bool WireReader::next() {
  if (at_end()) return false;
  const std::uint64_t key = read_varint();
  field_ = key >> 3;
  kind_ = static_cast<WireKind>(key & 7);
  if (field_ == 0) fail("a field of number 0");
  switch (kind_) {
    case WireKind::varint:
      number_ = read_varint();
      return true;
    case WireKind::eight_bytes:
      number_ = number_of(take(8));
      return true;
    case WireKind::bytes:
      bytes_ = take(read_varint());
      return true;
    case WireKind::four_bytes:
      number_ = number_of(take(4));
      return true;
  }
  fail(format("a field of the unknown kind {}", key & 7));
}

}  // namespace basewise::io
