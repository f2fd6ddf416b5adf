#include "basewise/io/detail/h5_messages.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "basewise/io/detail/h5_header.h"

namespace basewise::io::detail {

namespace {

constexpr int kMostDepth = 16;  // types inside types
constexpr unsigned kMostAxes = 32;

enum class TypeClass : unsigned { integer, floating, time, text, bits, opaque, compound, reference, enumeration, list, array };

// A type takes its bytes; returns the bytes of an element.
std::uint32_t take_type(H5Bytes& bytes, int depth) {
  if (depth > kMostDepth) bytes.fail();
  const auto head = bytes.number<std::uint32_t>();
  const auto size = bytes.number<std::uint32_t>();
  const unsigned version = head >> 4 & 0xf, bits = head >> 8;
  // Types of later versions of HDF5 are for libhdf5 to know or to refuse.
  if (depth == 0 && (version > 4 || (head & 0xf) > static_cast<unsigned>(TypeClass::array))) return size;
  if (size == 0 || version < 1 || version > 4) bytes.fail();
  const bool padded = version < 3;
  switch (static_cast<TypeClass>(head & 0xf)) {
    case TypeClass::integer:
    case TypeClass::bits:
      bytes.take(4);
      break;
    case TypeClass::floating:
      bytes.take(12);
      break;
    case TypeClass::time:
      bytes.take(2);
      break;
    case TypeClass::text:
    case TypeClass::reference:
      break;
    case TypeClass::opaque:
      bytes.take(bits & 0xff);
      break;
    case TypeClass::compound:
      for (unsigned i = 0; i < (bits & 0xffff); ++i) {
        bytes.word(padded);
        bytes.take(version == 1 ? 32 : padded || size > 0xffffff ? 4 : size > 0xffff ? 3 : size > 0xff ? 2 : 1);
        take_type(bytes, depth + 1);
      }
      break;
    case TypeClass::enumeration: {
      const std::uint32_t base = take_type(bytes, depth + 1), count = bits & 0xffff;
      for (unsigned i = 0; i < count; ++i) bytes.word(padded);
      bytes.take(std::uint64_t{count} * base);
      if (base != size) bytes.fail();
      break;
    }
    case TypeClass::list:
      take_type(bytes, depth + 1);
      break;
    case TypeClass::array: {
      const auto rank = bytes.number<std::uint8_t>();
      bytes.take((padded ? 3 : 0) + std::uint64_t{rank} * (padded ? 8 : 4));
      take_type(bytes, depth + 1);
      break;
    }
    default:
      bytes.fail();
  }
  return size;
}

std::uint64_t padded_to_8(std::uint64_t bytes) { return (bytes + 7) / 8 * 8; }

struct Shape {
  unsigned axes = 0;
  std::uint64_t elements = 1;
};

// Extents, and the largest ones that they may grow to; nothing where libhdf5 has to say what it is.
std::optional<Shape> check_space(H5Bytes bytes) {
  constexpr std::string_view kWhat = "a shape that does not fit its header";
  constexpr unsigned kNoElements = 2;
  if (bytes.left() < 4) bytes.fail(kWhat);
  const auto version = bytes.number<std::uint8_t>(), rank = bytes.number<std::uint8_t>(), flags = bytes.number<std::uint8_t>();
  const auto kind = bytes.number<std::uint8_t>();
  if (version < 1 || version > 2) return std::nullopt;
  const std::uint64_t axes = 8u * rank;
  if (rank > kMostAxes || (version == 1 ? 4 : 0) + axes + (flags & 1 ? axes : 0) > bytes.left()) bytes.fail(kWhat);
  if (version == 1) bytes.take(4);
  if (version == 2 && kind == kNoElements) return Shape{0, 0};
  Shape shape{rank};
  for (unsigned i = 0; i < rank; ++i)
    if (__builtin_mul_overflow(shape.elements, bytes.number<std::uint64_t>(), &shape.elements)) bytes.fail(kWhat);
  return shape;
}

// The value of elements that were never written.
void check_fill(H5Bytes bytes) {
  constexpr std::string_view kWhat = "a fill value that does not fit its header";
  if (bytes.left() < 2) bytes.fail(kWhat);
  const auto version = bytes.number<std::uint8_t>(), flags = bytes.number<std::uint8_t>();
  bool has_value = flags & 0x20;
  if (version < 3) {
    if (bytes.left() < 2) bytes.fail(kWhat);
    bytes.take(1);
    has_value = bytes.number<std::uint8_t>() != 0 || version == 1;
  }
  if (!has_value) return;
  if (bytes.left() < 4 || bytes.number<std::uint32_t>() > bytes.left()) bytes.fail(kWhat);
}

// An address and the extents of chunks, the bytes of an element behind them: libhdf5 divides by
// each. Returns how many axes they have.
unsigned check_chunks(H5Bytes bytes, unsigned extents) {
  constexpr std::string_view kWhat = "chunks that cannot be";
  if (extents < 1 || extents > kMostAxes + 1 || bytes.left() < 8 + 4u * extents) bytes.fail(kWhat);
  bytes.take(8);
  for (unsigned i = 0; i < extents; ++i)
    if (bytes.number<std::uint32_t>() == 0) bytes.fail(kWhat);
  return extents - 1;
}

// Where elements lie: inside the header (compact), in one piece, or in chunks, whose axes it
// returns.
std::optional<unsigned> check_layout(H5Bytes bytes) {
  constexpr std::string_view kWhat = "a layout that does not fit its header";
  constexpr unsigned kCompact = 0, kChunked = 2;
  if (bytes.left() < 3) bytes.fail(kWhat);
  const auto version = bytes.number<std::uint8_t>();
  std::uint64_t needed = 0;
  if (version < 3) {
    const auto rank = bytes.number<std::uint8_t>(), kind = bytes.number<std::uint8_t>();
    if (kind == kChunked && bytes.left() >= 5) {
      bytes.take(5);
      return check_chunks(bytes, rank);
    }
    needed = 5 + (kind == kCompact ? 0u : 8u) + 4u * rank;
    if (rank > kMostAxes + 1) bytes.fail(kWhat);
    if (kind == kCompact && needed + 4 <= bytes.left()) {
      bytes.take(needed);
      needed = bytes.number<std::uint32_t>();
    }
  } else {
    const auto kind = bytes.number<std::uint8_t>();
    if (kind == kCompact) needed = bytes.left() < 2 ? 2 : bytes.number<std::uint16_t>();
    if (kind == kChunked && version == 3) {
      const auto extents = bytes.number<std::uint8_t>();
      return check_chunks(bytes, extents);
    }
  }
  if (needed > bytes.left()) bytes.fail(kWhat);
  return std::nullopt;
}

// Filters that chunks went through, with their numbers.
void check_filters(H5Bytes bytes) {
  constexpr unsigned kFirstWithoutName = 256;  // below it, version 2 keeps no names
  const auto version = bytes.number<std::uint8_t>(), count = bytes.number<std::uint8_t>();
  if (version < 1 || version > 2) return;  // libhdf5 says what it is
  if (version == 1) bytes.take(6);
  for (unsigned i = 0; i < count; ++i) {
    const auto id = bytes.number<std::uint16_t>();
    const unsigned name = version == 2 && id < kFirstWithoutName ? 0 : bytes.number<std::uint16_t>();
    bytes.take(2);
    const auto numbers = bytes.number<std::uint16_t>();
    bytes.take(version == 1 ? padded_to_8(name) : name);
    bytes.take(4u * numbers + (version == 1 && numbers % 2 ? 4u : 0u));
  }
}

void check_attribute(H5Bytes bytes) {
  constexpr std::string_view kWhat = "an attribute that does not fit its header";
  if (bytes.left() < 8) bytes.fail(kWhat);
  const auto version = bytes.number<std::uint8_t>();
  const auto flags = bytes.number<std::uint8_t>();
  const auto name = bytes.number<std::uint16_t>(), type = bytes.number<std::uint16_t>(), space = bytes.number<std::uint16_t>();
  if (version < 1 || version > 3) bytes.fail(kWhat);
  const bool padded = version == 1;
  if (version == 3) bytes.take(1);
  const std::uint64_t type_bytes = padded ? padded_to_8(type) : type;
  if ((padded ? padded_to_8(name) : name) + type_bytes + space > bytes.left()) bytes.fail(kWhat);
  bytes.take(padded ? padded_to_8(name) : name);
  // A named type or a shared shape stands elsewhere; that object is read by libhdf5.
  H5Bytes described(bytes.take(type_bytes), bytes);
  std::optional<std::uint64_t> size;
  std::optional<Shape> shape;
  if (padded || !(flags & 1)) size = take_type(described, 0);
  const H5Bytes extents(bytes.take(padded ? std::min<std::uint64_t>(padded_to_8(space), bytes.left()) : space), bytes);
  if (padded || !(flags & 2)) shape = check_space(extents);
  std::uint64_t needed = 0;
  if (size && shape && (__builtin_mul_overflow(*size, shape->elements, &needed) || needed > bytes.left())) bytes.fail(kWhat);
}

}  // namespace

void h5_check_types(hid_t file, const std::string& file_name, const std::string& where, std::uint64_t address) {
  std::optional<Shape> shape;
  std::optional<unsigned> chunks;
  h5_visit_messages(H5Raw(file, file_name), where, address, [&](H5Message kind, H5Bytes body) {
    switch (kind) {
      case H5Message::space:
        shape = check_space(body);
        return;
      case H5Message::type:
        take_type(body, 0);
        return;
      case H5Message::fill:
        return check_fill(body);
      case H5Message::layout:
        chunks = check_layout(body);
        return;
      case H5Message::filters:
        return check_filters(body);
      case H5Message::attribute:
        return check_attribute(body);
      default:
        return;
    }
  });
  if (shape && chunks && shape->axes != *chunks)
    throw DataError(format("{} has {} axes, but chunks of {}; it is damaged", where, shape->axes, *chunks));
}

}  // namespace basewise::io::detail
