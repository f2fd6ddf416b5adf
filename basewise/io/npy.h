// NumPy's .npy and .npz files
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1.0 to 3.0).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "basewise/io/array.h"

namespace basewise::io {

/// Parses a .npy image. Types: float64/32/16, int64/32/16/8, uint64/32/16/8, bool, little-endian.
/// Fortran order is transposed to C order. Refused with the reason: objects (pickles), text,
/// records, complex and big-endian numbers, bytes missing or left over. `what` names the source in
/// the DataError.
Array parse_npy(std::string_view bytes, const std::string& what);

/// What the header of a .npy image says.
struct NpyLayout {
  DType dtype = DType::f32;
  std::vector<std::int64_t> shape;
  bool fortran = false;
  std::size_t begin = 0;  ///< byte at which the elements start
};

/// Of an image that may end anywhere behind its header. Errors: DataError as `parse_npy`.
NpyLayout parse_npy_layout(std::string_view bytes, const std::string& what);

Array read_npy(const std::filesystem::path& path);

/// What stands before the elements of a .npy file: version 1.0 (2.0 where the shape is too long),
/// as numpy.save writes it, with blanks up to `bytes` where that is more and a multiple of 64.
/// Errors: ArgumentError (bfloat16: NumPy has none).
std::string npy_header(DType type, const std::vector<std::int64_t>& shape, std::size_t bytes = 0);

/// A .npy image of version 1.0 (2.0 where the shape is too long), as numpy.save writes it.
/// Errors: ArgumentError (bfloat16: NumPy has none).
std::string format_npy(const TensorView& array);

/// Atomic.
void write_npy(const std::filesystem::path& path, const TensorView& array);

}  // namespace basewise::io
