#include "basewise/io/detail/convert_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "basewise/io/half.h"

namespace basewise::io::detail {

namespace {

constexpr std::size_t kPiece = 2048;  // elements on the stack at a time

bool floating(DType type) { return type == DType::f64 || type == DType::f32 || type == DType::f16; }

// Whether a number keeps its meaning as a T.
template <class T, class F>
bool fits(F value) {
  if constexpr (std::is_same_v<T, double> || std::is_same_v<F, T>) {
    return true;
  } else if constexpr (std::is_same_v<T, float>) {
    return !std::is_same_v<F, double> || !std::isfinite(static_cast<double>(value)) || std::isfinite(static_cast<float>(value));
  } else {
    return std::in_range<T>(value);
  }
}

template <class F, class T>
std::int64_t cast(std::span<const F> from, T* to) {
  bool all = true;
  for (std::size_t i = 0; i < from.size(); ++i) {
    all &= fits<T>(from[i]);
    to[i] = static_cast<T>(from[i]);
  }
  if (all) return -1;
  return std::find_if(from.begin(), from.end(), [](F value) { return !fits<T>(value); }) - from.begin();
}

template <class F, class T>
std::int64_t cast_raw(std::span<const std::byte> raw, std::span<T> out) {
  std::array<F, kPiece> piece;
  for (std::size_t at = 0; at < out.size(); at += kPiece) {
    const std::size_t n = std::min(kPiece, out.size() - at);
    std::memcpy(piece.data(), raw.data() + at * sizeof(F), n * sizeof(F));
    if (const std::int64_t bad = cast<F, T>({piece.data(), n}, out.data() + at); bad >= 0) return bad + static_cast<std::int64_t>(at);
  }
  return -1;
}

template <class T>
std::int64_t halves_to(std::span<const std::byte> raw, std::span<T> out) {
  std::array<std::uint16_t, kPiece> halves;
  std::array<float, kPiece> values;
  for (std::size_t at = 0; at < out.size(); at += kPiece) {
    const std::size_t n = std::min(kPiece, out.size() - at);
    std::memcpy(halves.data(), raw.data() + at * sizeof(std::uint16_t), n * sizeof(std::uint16_t));
    half_to_float({halves.data(), n}, {values.data(), n});
    std::copy_n(values.data(), n, out.data() + at);
  }
  return -1;
}

template <class T>
std::int64_t truth_to(std::span<const std::byte> raw, std::span<T> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (raw[i] > std::byte{1}) return static_cast<std::int64_t>(i);
    out[i] = static_cast<T>(raw[i]);
  }
  return -1;
}

template <class T, class R>
std::int64_t raw_cast(std::span<const T> values, std::span<std::byte> raw) {
  std::array<R, kPiece> piece;
  for (std::size_t at = 0; at < values.size(); at += kPiece) {
    const std::size_t n = std::min(kPiece, values.size() - at);
    if (const std::int64_t bad = cast<T, R>(values.subspan(at, n), piece.data()); bad >= 0) return bad + static_cast<std::int64_t>(at);
    std::memcpy(raw.data() + at * sizeof(R), piece.data(), n * sizeof(R));
  }
  return -1;
}

template <class T>
std::int64_t to_halves(std::span<const T> values, std::span<std::byte> raw) {
  std::array<float, kPiece> piece;
  std::array<std::uint16_t, kPiece> halves;
  constexpr float kBeyond = 65520;  // the least number that is rounded to infinity
  for (std::size_t at = 0; at < values.size(); at += kPiece) {
    const std::size_t n = std::min(kPiece, values.size() - at);
    bool all = true;
    for (std::size_t i = 0; i < n; ++i) {
      piece[i] = static_cast<float>(values[at + i]);
      all &= !(std::fabs(piece[i]) >= kBeyond);
    }
    if (!all)
      for (std::size_t i = 0; i < n; ++i)
        if (std::fabs(piece[i]) >= kBeyond && std::isfinite(static_cast<double>(values[at + i]))) return static_cast<std::int64_t>(at + i);
    float_to_half({piece.data(), n}, {halves.data(), n});
    std::memcpy(raw.data() + at * sizeof(std::uint16_t), halves.data(), n * sizeof(std::uint16_t));
  }
  return -1;
}

template <class T>
std::int64_t to_truth(std::span<const T> values, std::span<std::byte> raw) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] != T{0} && values[i] != T{1}) return static_cast<std::int64_t>(i);
    raw[i] = values[i] == T{1} ? std::byte{1} : std::byte{0};
  }
  return -1;
}

// Calls `f` with a number of the C++ type of an integer type.
template <class F>
std::int64_t with_integer(DType type, F&& f) {
  switch (type) {
    case DType::i64:
      return f(std::int64_t{});
    case DType::i32:
      return f(std::int32_t{});
    case DType::i16:
      return f(std::int16_t{});
    case DType::i8:
      return f(std::int8_t{});
    case DType::u64:
      return f(std::uint64_t{});
    case DType::u32:
      return f(std::uint32_t{});
    case DType::u16:
      return f(std::uint16_t{});
    case DType::u8:
      return f(std::uint8_t{});
    default:
      throw InternalError(format("{} is no integer type", name(type)));
  }
}

}  // namespace

bool convertible(DType from, DType to) {
  if (from == DType::bf16 || to == DType::bf16) return false;
  if (floating(to)) return true;
  if (to == DType::boolean) return from == DType::boolean;
  return !floating(from);
}

template <class T>
std::int64_t convert_numbers(DType from, std::span<const std::byte> raw, std::span<T> out) {
  if (!convertible(from, dtype_of<T>())) throw InternalError(format("{} cannot be read as {}", name(from), name(dtype_of<T>())));
  if (from == DType::boolean) return truth_to(raw, out);
  if constexpr (std::is_floating_point_v<T>) {
    if (from == DType::f16) return halves_to(raw, out);
    if (from == DType::f32) return cast_raw<float>(raw, out);
    if (from == DType::f64) return cast_raw<double>(raw, out);
  }
  return with_integer(from, [&](auto zero) { return cast_raw<decltype(zero)>(raw, out); });
}

template <class T>
std::int64_t convert_numbers(std::span<const T> values, DType to, std::span<std::byte> raw) {
  if (to == DType::boolean) return to_truth(values, raw);
  if (!convertible(dtype_of<T>(), to)) throw ArgumentError(format("{} cannot be written as {}", name(dtype_of<T>()), name(to)));
  if (to == DType::f16) return to_halves(values, raw);
  if (to == DType::f32) return raw_cast<T, float>(values, raw);
  if (to == DType::f64) return raw_cast<T, double>(values, raw);
  if constexpr (std::is_integral_v<T>) {
    return with_integer(to, [&](auto zero) { return raw_cast<T, decltype(zero)>(values, raw); });
  } else {
    throw InternalError("numbers with fractions as integers");
  }
}

template std::int64_t convert_numbers<float>(DType, std::span<const std::byte>, std::span<float>);
template std::int64_t convert_numbers<double>(DType, std::span<const std::byte>, std::span<double>);
template std::int64_t convert_numbers<std::int8_t>(DType, std::span<const std::byte>, std::span<std::int8_t>);
template std::int64_t convert_numbers<std::uint8_t>(DType, std::span<const std::byte>, std::span<std::uint8_t>);
template std::int64_t convert_numbers<std::int32_t>(DType, std::span<const std::byte>, std::span<std::int32_t>);
template std::int64_t convert_numbers<std::int64_t>(DType, std::span<const std::byte>, std::span<std::int64_t>);
template std::int64_t convert_numbers<float>(std::span<const float>, DType, std::span<std::byte>);
template std::int64_t convert_numbers<double>(std::span<const double>, DType, std::span<std::byte>);
template std::int64_t convert_numbers<std::int8_t>(std::span<const std::int8_t>, DType, std::span<std::byte>);
template std::int64_t convert_numbers<std::uint8_t>(std::span<const std::uint8_t>, DType, std::span<std::byte>);
template std::int64_t convert_numbers<std::int32_t>(std::span<const std::int32_t>, DType, std::span<std::byte>);
template std::int64_t convert_numbers<std::int64_t>(std::span<const std::int64_t>, DType, std::span<std::byte>);

}  // namespace basewise::io::detail
