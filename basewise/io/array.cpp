#include "basewise/io/array.h"

#include <bit>
#include <limits>

namespace basewise::io {

static_assert(std::endian::native == std::endian::little, "files are little-endian and are read without swapping");

std::string_view name(DType dtype) {
  switch (dtype) {
    case DType::f64:
      return "float64";
    case DType::f32:
      return "float32";
    case DType::f16:
      return "float16";
    case DType::bf16:
      return "bfloat16";
    case DType::i64:
      return "int64";
    case DType::i32:
      return "int32";
    case DType::i16:
      return "int16";
    case DType::i8:
      return "int8";
    case DType::u64:
      return "uint64";
    case DType::u32:
      return "uint32";
    case DType::u16:
      return "uint16";
    case DType::u8:
      return "uint8";
    case DType::boolean:
      return "bool";
  }
  throw InternalError("DType out of range");
}

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64:
    case DType::u64:
      return 8;
    case DType::f32:
    case DType::i32:
    case DType::u32:
      return 4;
    case DType::f16:
    case DType::bf16:
    case DType::i16:
    case DType::u16:
      return 2;
    case DType::i8:
    case DType::u8:
    case DType::boolean:
      return 1;
  }
  throw InternalError("DType out of range");
}

std::int64_t element_count(std::span<const std::int64_t> shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  bool empty = false;
  for (std::int64_t extent : shape) {
    if (extent < 0) throw DataError(format("shape {} has a negative extent", shape_text(shape)));
    empty = empty || extent == 0;
  }
  if (empty) return 0;
  std::int64_t count = 1;
  for (std::int64_t extent : shape) {
    if (count > kMost / extent) throw DataError(format("shape {} holds more elements than any file can", shape_text(shape)));
    count *= extent;
  }
  return count;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return shape.size() == 1 ? format("({},)", shape[0]) : format("({})", fmt::join(shape, ", "));
}

void check(const TensorView& view, std::string_view what) {
  const std::int64_t count = element_count(view.shape);
  const auto size = static_cast<std::int64_t>(size_of(view.dtype));
  if (count > std::numeric_limits<std::int64_t>::max() / size || count * size != static_cast<std::int64_t>(view.bytes.size()))
    throw ArgumentError(format("'{}': shape {} of {} needs {} x {} bytes, but there are {}", what, shape_text(view.shape), name(view.dtype),
                               count, size, view.bytes.size()));
}

}  // namespace basewise::io
