// Arrays of sequences and attributions, read some examples at a time and checked.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "basewise/io/array.h"
#include "basewise/io/hdf5.h"
#include "basewise/motifs/pattern.h"

namespace basewise::io::detail {

/// An array of three axes somewhere, whose rows [begin, end) can be had as float.
struct RowArray {
  std::string where;  ///< for errors: file and name in it
  std::vector<std::int64_t> shape;
  std::function<void(std::int64_t begin, std::int64_t end, std::span<float> out)> read;
};

/// A data set of `file`, which must live as long. Errors: DataError.
RowArray rows_of(const H5File& file, const std::string& data_set);

/// An array in memory.
RowArray rows_of(Array array, const std::string& where);

/// Stretch of the examples that is kept: [from, from + length).
struct Window {
  std::int64_t from = 0;
  std::int64_t length = 0;
};

/// What was assembled.
struct Assembled {
  motifs::AttributionSet set = {};
  std::int64_t full_length = 0;  ///< of the examples in the files
  Window window = {};
  bool all_zero = false;  ///< every attribution is 0
};

/// Sequences and attributions as one set, in batches: shapes, one-hot columns, finite numbers.
/// `window` as in `AttributionFiles`. `hypothetical`: what the files say of themselves; nothing:
/// they are told by the numbers.
/// Errors: DataError as `read_attributions`.
Assembled assemble(const RowArray& sequences, const RowArray& scores, std::int64_t window, std::optional<bool> hypothetical);

}  // namespace basewise::io::detail
