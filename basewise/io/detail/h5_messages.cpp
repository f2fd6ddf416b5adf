#include "basewise/io/detail/h5_messages.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "basewise/io/detail/bytes.h"

namespace basewise::io::detail {

namespace {

constexpr int kMostDepth = 16;             // types inside types
constexpr std::size_t kMostBlocks = 4096;  // of one header
constexpr std::uint64_t kMostBytes = std::uint64_t{64} << 20;

enum class Message : unsigned { type = 3, attribute = 12, continuation = 16 };
enum class TypeClass : unsigned { integer, floating, time, text, bits, opaque, compound, reference, enumeration, list, array };

// Bytes that are taken from the front; what is not there is an error.
class Bytes {
 public:
  Bytes(std::string_view bytes, const std::string& where) : bytes_(bytes), where_(where) {}

  [[noreturn]] void fail() const { throw DataError(format("{} has a type that does not fit its header; it is damaged", where_)); }
  std::size_t left() const { return bytes_.size(); }
  std::string_view take(std::uint64_t n) {
    if (n > bytes_.size()) fail();
    const std::string_view taken = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return taken;
  }
  template <class T>
  T number() {
    return get<T>(take(sizeof(T)).data());
  }
  // A word that ends with a zero byte, filled to a multiple of 8 where `padded`.
  void word(bool padded) {
    const std::size_t end = bytes_.find('\0');
    if (end == std::string_view::npos) fail();
    take(padded ? (end + 8) / 8 * 8 : end + 1);
  }

 private:
  std::string_view bytes_;
  const std::string& where_;
};

// A type takes its bytes; returns the bytes of an element.
std::uint32_t take_type(Bytes& bytes, int depth) {
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

void check_attribute(Bytes bytes) {
  const auto version = bytes.number<std::uint8_t>();
  const auto flags = bytes.number<std::uint8_t>();
  const auto name = bytes.number<std::uint16_t>(), type = bytes.number<std::uint16_t>();
  bytes.number<std::uint16_t>();
  if (version < 1 || version > 3) bytes.fail();
  if (version == 3) bytes.take(1);
  bytes.take(version == 1 ? (name + 7u) / 8 * 8 : name);
  // A named type stands elsewhere; the object of its own is read by libhdf5.
  if (version > 1 && (flags & 1)) return;
  if (type > bytes.left()) bytes.fail();
  take_type(bytes, 0);
}

// The blocks of a header, and the messages in them.
class Header {
 public:
  Header(hid_t file, const std::string& file_name, const std::string& where) : file_(file_name), where_(where) {
    const H5Handle creation(H5Fget_create_plist(file), H5Pclose);
    hsize_t base = 0;
    std::size_t addresses = 0, sizes = 0;
    H5Pget_userblock(creation.get(), &base);
    H5Pget_sizes(creation.get(), &addresses, &sizes);
    base_ = base;
    usual_ = addresses == 8 && sizes == 8;
  }

  void check(std::uint64_t address) {
    if (!usual_) return;
    const std::string start = read(address, 16);
    new_form_ = start.starts_with("OHDR");
    if (new_form_) {
      const auto flags = static_cast<unsigned char>(start[5]);
      const std::uint64_t skip = 6 + (flags & 0x20 ? 16u : 0u) + (flags & 0x10 ? 4u : 0u), width = std::uint64_t{1} << (flags & 3);
      const std::string extent = read(address + skip, width) + std::string(8, '\0');
      ordered_ = flags & 0x04;
      blocks_.emplace_back(address + skip + width, get<std::uint64_t>(extent.data()));
    } else if (start[0] == 1) {
      blocks_.emplace_back(address + 16, get<std::uint32_t>(start.data() + 8));
    } else {
      return;  // libhdf5 says what it is
    }
    for (std::size_t i = 0; i < blocks_.size(); ++i) check_block(blocks_[i].first, blocks_[i].second);
  }

 private:
  std::string read(std::uint64_t address, std::uint64_t size) const {
    if (base_ + address < base_ || size > kMostBytes) Bytes({}, where_).fail();
    return file_.read(base_ + address, size, "a header");
  }

  void check_block(std::uint64_t address, std::uint64_t size) {
    const std::string bytes = read(address, size);
    Bytes rest(bytes, where_);
    const std::size_t head = new_form_ ? (ordered_ ? 6 : 4) : 8;
    while (rest.left() >= head) {
      const unsigned kind = new_form_ ? rest.number<std::uint8_t>() : rest.number<std::uint16_t>();
      const auto length = rest.number<std::uint16_t>();
      const auto flags = rest.number<std::uint8_t>();
      rest.take(head - (new_form_ ? 4 : 5));
      // What follows the messages of the newer form is a gap; the older one has none.
      if (length > rest.left()) return;
      check_message(static_cast<Message>(kind), Bytes(rest.take(length), where_), flags & 2);
    }
  }

  void check_message(Message kind, Bytes body, bool shared) {
    if (kind == Message::continuation) {
      const auto address = body.number<std::uint64_t>(), size = body.number<std::uint64_t>();
      if (blocks_.size() >= kMostBlocks || (new_form_ && size < 8)) body.fail();
      blocks_.emplace_back(new_form_ ? address + 4 : address, new_form_ ? size - 8 : size);
    }
    if (shared) return;
    if (kind == Message::type) take_type(body, 0);
    if (kind == Message::attribute) check_attribute(body);
  }

  PositionedFile file_;
  const std::string& where_;
  std::uint64_t base_ = 0;
  bool usual_ = true;  // addresses and sizes of 8 bytes, as every program writes them
  bool new_form_ = false;
  bool ordered_ = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> blocks_ = {};  // address and bytes
};

}  // namespace

void h5_check_types(hid_t file, const std::string& file_name, const std::string& where, std::uint64_t address) {
  Header(file, file_name, where).check(address);
}

}  // namespace basewise::io::detail
