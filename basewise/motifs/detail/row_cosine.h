// The cosine of the gapped k-mers of two seqlets.
#pragma once

#include <cstdint>
#include <vector>

#include "basewise/motifs/detail/kmer_columns.h"

namespace basewise::motifs::detail {

/// Cosines of one row with others.
class RowCosine {
 public:
  explicit RowCosine(const KmerMatrix& matrix);

  /// The row that others are compared with.
  void take(std::int64_t row);

  /// The larger dot product with `other` as it stands and as it reads on the other strand; each
  /// product is rounded and added in the order of the codes. The same from either row, but for the
  /// last bits where both hold both codes of a column.
  float with(std::int64_t other);

 private:
  void put(std::int64_t row, bool there);

  const KmerMatrix& matrix_;
  std::int64_t row_ = -1;
  std::vector<float> weight_;          ///< (codes)
  std::vector<std::uint32_t> present_; ///< a bit for each column, modulo their number
  std::vector<std::uint8_t> marks_;    ///< for each entry of the other row
};

}  // namespace basewise::motifs::detail
