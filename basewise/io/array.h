// Arrays as bytes with a type and a shape: what npy, npz and safetensors files hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "basewise/core/error.h"

namespace basewise::io {

/// Element types. `boolean` is one byte, 0 or 1.
enum class DType { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

/// "float32", "bfloat16", "int64", "bool": the names that NumPy and torch use.
std::string_view name(DType dtype);

/// Bytes of one element.
std::size_t size_of(DType dtype);

/// The DType of a C++ type (float, double, the fixed-width integers, bool).
template <class T>
constexpr DType dtype_of() {
  if constexpr (std::is_same_v<T, double>)
    return DType::f64;
  else if constexpr (std::is_same_v<T, float>)
    return DType::f32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return DType::i64;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return DType::i32;
  else if constexpr (std::is_same_v<T, std::int16_t>)
    return DType::i16;
  else if constexpr (std::is_same_v<T, std::int8_t>)
    return DType::i8;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return DType::u64;
  else if constexpr (std::is_same_v<T, std::uint32_t>)
    return DType::u32;
  else if constexpr (std::is_same_v<T, std::uint16_t>)
    return DType::u16;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return DType::u8;
  else {
    static_assert(std::is_same_v<T, bool>, "no DType for this type");
    return DType::boolean;
  }
}

/// Product of the extents (1 for a scalar).
/// Errors: DataError for a negative extent or a product beyond 2^62.
std::int64_t element_count(std::span<const std::int64_t> shape);

/// "(3, 4, 37)"
std::string shape_text(std::span<const std::int64_t> shape);

/// Somebody else's array in row-major (C) order, little-endian; `bytes` may be unaligned.
/// Valid as long as its owner.
struct TensorView {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;

  /// Views `values` with the given shape; their numbers must agree (ArgumentError).
  template <class T>
  static TensorView of(std::span<const T> values, std::vector<std::int64_t> shape) {
    if (static_cast<std::int64_t>(values.size()) != element_count(shape))
      throw ArgumentError(format("{} values do not fill an array of shape {}", values.size(), shape_text(shape)));
    return {dtype_of<T>(), std::move(shape), std::as_bytes(values)};
  }
};

/// An array that owns its elements: row-major (C) order, little-endian.
struct Array {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> bytes;

  Array() = default;
  explicit Array(const TensorView& view) : dtype(view.dtype), shape(view.shape), bytes(view.bytes.begin(), view.bytes.end()) {}

  template <class T>
  static Array of(const std::vector<T>& values, std::vector<std::int64_t> shape) {
    return Array(TensorView::of(std::span<const T>(values), std::move(shape)));
  }

  TensorView view() const { return {dtype, shape, bytes}; }

  /// The elements. Errors: DataError when T is not the type of the array (no silent conversion).
  template <class T>
  std::span<const T> as() const {
    if (dtype != dtype_of<T>()) throw DataError(format("array holds {}, but {} is wanted", name(dtype), name(dtype_of<T>())));
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
  }
};

/// Checks that the number of bytes fits type and shape;
/// `what` names the array in the ArgumentError.
void check(const TensorView& view, std::string_view what);

}  // namespace basewise::io
