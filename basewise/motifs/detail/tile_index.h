// Which rows of a tile hold a gapped k-mer, and dot products with all of them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/gapped_kmers.h"
#include "basewise/motifs/detail/kmer_columns.h"

namespace basewise::motifs::detail {

/// An inverted index of some rows. Rows that stand together are alike, so the entries of a column
/// come in dense blocks of neighbouring rows, which are added as vectors;
/// what is left is added one by one.
class TileIndex {
 public:
  static constexpr std::int64_t kRows = 4096;   ///< of a tile at most: their sums stay in a first-level cache
  static constexpr std::int64_t kBlock = 16;    ///< rows of a block
  static constexpr std::int64_t kDense = 3;     ///< rows of a block that make it dense

  /// The tile of rows `of`, in that order.
  void build(const GappedKmerRows& rows, const KmerColumns& columns, std::span<const std::int32_t> of);

  /// The next rows `of` the tile, in its order, are of no use to later calls of `add`: these leave
  /// out blocks that hold no others. `add_all` takes that back.
  void leave(const GappedKmerRows& rows, const KmerColumns& columns, std::span<const std::int32_t> of);
  void add_all();

  /// sums[i] += the dot product of row i of the tile with entries of other columns and weights,
  /// each product rounded and added in the order of the entries. `sums` holds kRows numbers.
  void add(std::span<const std::uint32_t> columns, const float* weights, float* sums) const;

 private:
  struct alignas(kBlock * sizeof(float)) Block {
    std::array<float, kBlock> weight = {};
  };
  struct Entry {
    std::int32_t row;
    float weight;
  };

  void add_column(std::span<const Entry> entries);

  std::vector<std::uint32_t> begin_;  ///< (columns + 2, 2): first block, first single; the last column has no entries
  std::vector<std::uint32_t> open_;   ///< (columns + 2, 2): the first that is in use; empty while all are
  std::vector<Block> blocks_;
  std::vector<std::int32_t> first_row_;  ///< of blocks
  std::vector<std::int32_t> single_row_;
  std::vector<float> single_weight_;
  std::vector<std::uint32_t> column_begin_;
  std::vector<Entry> entries_;
  std::int32_t left_ = 0;  ///< rows
};

}  // namespace basewise::motifs::detail
