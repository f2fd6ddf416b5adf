// The wire format of protocol buffers, as far as small messages need it: fields of a number and a
// kind, one after the other (https://protobuf.dev/programming-guides/encoding).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace basewise::io {

/// How the value of a field is written: its kind stands in the lowest three bits of the key.
enum class WireKind : std::uint8_t { varint = 0, eight_bytes = 1, bytes = 2, four_bytes = 5 };

/// `value` in groups of seven bits, the lowest first.
std::string varint(std::uint64_t value);

/// What a field starts with.
std::string wire_key(int field, WireKind kind);

/// A field of bytes: texts, messages, packed numbers.
std::string bytes_field(int field, std::string_view bytes);

/// Bytes of a number, the lowest first.
std::string little_endian(std::uint64_t value, int bytes);

/// Goes through the fields of a message without copying. Errors: DataError that says at which byte.
class WireReader {
 public:
  /// `origin`: where the message begins in what the reader's errors count.
  explicit WireReader(std::string_view message, std::size_t origin = 0) : message_(message), origin_(origin) {}

  /// Goes to the next field; false at the end.
  bool next();

  std::uint64_t field() const { return field_; }
  WireKind kind() const { return kind_; }

  /// The value of a field of kind varint, or the bits of one of four or eight bytes.
  std::uint64_t number() const { return number_; }

  /// The value of a field of kind bytes.
  std::string_view bytes() const { return bytes_; }

  /// The same as a message of its own.
  WireReader inside() const { return WireReader(bytes_, origin_ + static_cast<std::size_t>(bytes_.data() - message_.data())); }

  /// A varint where the reader stands, for packed numbers.
  std::uint64_t read_varint();
  bool at_end() const { return at_ == message_.size(); }

  [[noreturn]] void fail(const std::string& what) const;

 private:
  std::string_view take(std::uint64_t size);

  std::string_view message_;
  std::size_t origin_ = 0;
  std::size_t at_ = 0;
  std::uint64_t field_ = 0;
  WireKind kind_ = WireKind::varint;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace basewise::io
