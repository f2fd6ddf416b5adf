#include "basewise/io/npy.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <limits>
#include <map>

#include "basewise/core/choice.h"
#include "basewise/core/files.h"
#include "basewise/io/detail/bytes.h"

namespace basewise::io {

namespace {

constexpr std::string_view kNpyMagic("\x93NUMPY", 6);
constexpr std::pair<std::string_view, DType> kTypes[] = {
    {"<f8", DType::f64}, {"<f4", DType::f32}, {"<f2", DType::f16}, {"<i8", DType::i64}, {"<i4", DType::i32}, {"<i2", DType::i16},
    {"|i1", DType::i8},  {"<u8", DType::u64}, {"<u4", DType::u32}, {"<u2", DType::u16}, {"|u1", DType::u8},  {"|b1", DType::boolean}};

[[noreturn]] void fail(const std::string& what, const std::string& message) { throw DataError(format("{}: {}", what, message)); }

enum class HeaderKey { type, order, shape };
constexpr auto words_of(HeaderKey) {
  return words<HeaderKey>({{HeaderKey::type, "descr"}, {HeaderKey::order, "fortran_order"}, {HeaderKey::shape, "shape"}});
}

struct NpyHeader {
  std::string type;
  bool fortran = false;
  std::vector<std::int64_t> shape;
};

// The header is a Python dictionary; exactly what numpy.save writes is understood: the three keys
// in any order, text, True or False, a tuple.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& what) : text_(text), what_(what) {}

  NpyHeader parse() {
    NpyHeader header;
    std::map<std::string, bool> seen;
    expect('{');
    while (!accept('}')) {
      const std::string key = text();
      expect(':');
      if (seen[key]) bad(format("has '{}' twice", key));
      seen[key] = true;
      read_value(key, header);
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    blank();
    if (at_ != text_.size()) bad(format("goes on behind its end with '{}'", text_.substr(at_, 20)));
    for (const std::string& key : all_words<HeaderKey>())
      if (!seen[key]) bad(format("has no '{}'", key));
    return header;
  }

 private:
  [[noreturn]] void bad(const std::string& message) const { fail(what_, format("the npy header {}", message)); }
  void read_value(const std::string& key, NpyHeader& header) {
    const auto known = find_choice<HeaderKey>(key);
    if (!known) bad(format("has the unknown key '{}'", key));
    switch (*known) {
      case HeaderKey::type:
        header.type = type();
        break;
      case HeaderKey::order:
        header.fortran = boolean();
        break;
      case HeaderKey::shape:
        header.shape = tuple();
        break;
    }
  }
  void blank() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }
  bool accept(char wanted) {
    blank();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) bad(format("has '{}' at byte {} where '{}' was expected", text_.substr(at_, 12), at_, wanted));
  }
  std::string text() {
    blank();
    const char quote = at_ < text_.size() ? text_[at_] : ' ';
    if (quote != '\'' && quote != '"') bad(format("has '{}' at byte {} where a quoted text was expected", text_.substr(at_, 12), at_));
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) bad("has a text without closing quote");
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }
  std::string type() {
    blank();
    if (at_ < text_.size() && text_[at_] == '[') bad("describes records with fields; save one array per field");
    return text();
  }
  bool boolean() {
    blank();
    for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}})
      if (text_.substr(at_).starts_with(word)) {
        at_ += word.size();
        return value;
      }
    bad(format("has '{}' for fortran_order; True or False was expected", text_.substr(at_, 12)));
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> extents;
    expect('(');
    while (!accept(')')) {
      blank();
      std::int64_t extent = -1;
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), extent);
      if (error != std::errc() || extent < 0) bad(format("has '{}' for an extent of the shape", text_.substr(at_, 24)));
      at_ = static_cast<std::size_t>(end - text_.data());
      extents.push_back(extent);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }

  std::string_view text_;
  const std::string& what_;
  std::size_t at_ = 0;
};

DType find_type(const std::string& type, const std::string& what) {
  for (const auto& [text, dtype] : kTypes)
    if (text == type) return dtype;
  if (type.find('O') != std::string::npos) fail(what, "holds Python objects (a pickle), which are not read; save numbers");
  if (type.find('U') != std::string::npos || type.find('S') != std::string::npos)
    fail(what, format("holds text ('{}'), which is not read; save numbers", type));
  if (type.starts_with('>')) fail(what, format("holds big-endian numbers ('{}'); save it with .astype(a.dtype.newbyteorder('<'))", type));
  if (type.find('c') != std::string::npos) fail(what, format("holds complex numbers ('{}'), which are not read", type));
  fail(what, format("has type '{}'; known are f8 f4 f2 i8 i4 i2 i1 u8 u4 u2 u1 b1, little-endian", type));
}

// From first axis fastest to last axis fastest.
std::vector<std::byte> transposed(std::span<const std::byte> bytes, const std::vector<std::int64_t>& shape, std::size_t size) {
  std::vector<std::byte> out(bytes.size());
  std::vector<std::int64_t> stride(shape.size(), 1), index(shape.size(), 0);
  for (std::size_t axis = 1; axis < shape.size(); ++axis) stride[axis] = stride[axis - 1] * shape[axis - 1];
  std::int64_t from = 0;
  for (std::size_t to = 0; to < out.size(); to += size) {
    std::memcpy(out.data() + to, bytes.data() + static_cast<std::size_t>(from) * size, size);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      from += stride[axis];
      if (++index[axis] < shape[axis]) break;
      from -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

// The dictionary and where the numbers begin.
std::pair<std::string_view, std::size_t> split(std::string_view bytes, const std::string& what) {
  if (bytes.size() < 10 || !bytes.starts_with(kNpyMagic))
    fail(what, format("is no npy file: it does not start with \\x93NUMPY, or ends before its header ({} bytes)", bytes.size()));
  const auto major = static_cast<unsigned>(static_cast<unsigned char>(bytes[6])),
             minor = static_cast<unsigned>(static_cast<unsigned char>(bytes[7]));
  if (major < 1 || major > 3 || minor != 0) fail(what, format("has npy version {}.{}; 1.0, 2.0 and 3.0 are known", major, minor));
  const std::size_t start = major == 1 ? 10 : 12;
  if (bytes.size() < start) fail(what, "ends inside its npy header; it is truncated");
  const std::size_t length = major == 1 ? detail::get<std::uint16_t>(bytes.data() + 8) : detail::get<std::uint32_t>(bytes.data() + 8);
  if (length > bytes.size() - start)
    fail(what, format("has an npy header of {} bytes, but only {} follow; it is truncated", length, bytes.size() - start));
  return {bytes.substr(start, length), start + length};
}

}  // namespace

NpyLayout parse_npy_layout(std::string_view bytes, const std::string& what) {
  const auto [text, start] = split(bytes, what);
  NpyHeader header = HeaderParser(text, what).parse();
  const DType dtype = find_type(header.type, what);
  if (header.shape.size() > 64) fail(what, format("has {} axes; NumPy allows 64", header.shape.size()));
  return {dtype, std::move(header.shape), header.fortran, start};
}

Array parse_npy(std::string_view bytes, const std::string& what) {
  const auto [dtype, shape, fortran, start] = parse_npy_layout(bytes, what);
  Array array;
  array.dtype = dtype;
  array.shape = shape;
  const std::int64_t count = with_context(what, [&] { return element_count(array.shape); });
  const std::size_t size = size_of(array.dtype), there = bytes.size() - start;
  if (static_cast<std::uint64_t>(count) > there || static_cast<std::size_t>(count) * size != there)
    fail(what, format("shape {} of {} needs {} x {} bytes, but {} follow the header; it is truncated or damaged", shape_text(array.shape),
                      name(array.dtype), count, size, there));
  const auto data = std::as_bytes(std::span(bytes.substr(start)));
  if (array.dtype == DType::boolean && std::any_of(data.begin(), data.end(), [](std::byte b) { return b > std::byte{1}; }))
    fail(what, "holds bool values other than 0 and 1; it is damaged");
  array.bytes = fortran && array.shape.size() > 1 && count > 0 ? transposed(data, array.shape, size)
                                                                      : std::vector<std::byte>(data.begin(), data.end());
  return array;
}

Array read_npy(const std::filesystem::path& path) { return parse_npy(read_file(path), path.string()); }

std::string npy_header(DType dtype, const std::vector<std::int64_t>& shape, std::size_t bytes) {
  const auto* type = std::find_if(std::begin(kTypes), std::end(kTypes), [&](const auto& known) { return known.second == dtype; });
  if (type == std::end(kTypes)) throw ArgumentError(format("NumPy has no type {}; convert the array to float32 first", name(dtype)));
  std::string text = format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}", type->first, shape_text(shape));
  const bool long_header = text.size() + 64 > 65535;
  const std::size_t start = long_header ? 12 : 10;
  // Blanks and a line end, so that the numbers begin at a multiple of 64.
  text.append((64 - (start + text.size() + 1) % 64) % 64, ' ');
  if (start + text.size() + 1 < bytes) text.append(bytes - (start + text.size() + 1), ' ');
  text += '\n';
  std::string out(kNpyMagic);
  out += long_header ? std::string_view("\2\0", 2) : std::string_view("\1\0", 2);
  if (long_header)
    detail::put(out, static_cast<std::uint32_t>(text.size()));
  else
    detail::put(out, static_cast<std::uint16_t>(text.size()));
  return out + text;
}

std::string format_npy(const TensorView& array) {
  check(array, "array");
  std::string out = npy_header(array.dtype, array.shape);
  return out.append(reinterpret_cast<const char*>(array.bytes.data()), array.bytes.size());
}

void write_npy(const std::filesystem::path& path, const TensorView& array) {
  with_context(path.string(), [&] { write_file(path, format_npy(array)); });
}

}  // namespace basewise::io
