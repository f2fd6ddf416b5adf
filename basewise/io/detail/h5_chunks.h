// Pieces ("chunks") of a data set, unpacked here and side by side instead of one after the other by
// libhdf5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "basewise/io/detail/h5.h"

namespace basewise::io::detail {

/// How a data set lies in pieces.
struct H5ChunkForm {
  std::string where;  ///< for errors
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> chunk;  ///< as many extents
  std::size_t element_bytes = 0;
  bool shuffled = false;
  bool packed = false;  ///< gzip, behind the shuffle
};

/// Reads rows [begin, end) as they stand in the file into `out`. Pieces that were never written
/// hold `fill`, one element. Under `H5Lock`; threads that unpack call nothing of libhdf5.
/// Errors: DataError for a piece that is damaged or has another size.
void h5_read_chunks(hid_t set, const H5ChunkForm& form, const std::vector<std::byte>& fill, std::int64_t begin, std::int64_t end,
                    std::byte* out);

}  // namespace basewise::io::detail
