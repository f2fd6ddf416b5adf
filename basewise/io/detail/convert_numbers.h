// Numbers of one type as numbers of another, where they survive it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "basewise/io/array.h"

namespace basewise::io::detail {

/// Whether numbers of type `from` may be asked for as `to`: floating point, integers and truth
/// values as floating point, integers and truth values as integers.
bool convertible(DType from, DType to);

/// Converts `raw`, elements of type `from` in any alignment, to T
/// (float, double, int8, uint8, int32, int64). To floating point numbers are rounded to the
/// nearest.
/// Returns the index of the first number that does not fit T (an integer outside its range, a
/// finite number beyond float), or -1.
/// Errors: InternalError for what is not convertible.
template <class T>
std::int64_t convert_numbers(DType from, std::span<const std::byte> raw, std::span<T> out);

/// The other way: values as elements of type `to` (which here includes float16, and truth values
/// for 0 and 1), for files to be written.
template <class T>
std::int64_t convert_numbers(std::span<const T> values, DType to, std::span<std::byte> raw);

}  // namespace basewise::io::detail
