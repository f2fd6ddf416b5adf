// Upper bounds of the cosines of a row with all others, far cheaper than these.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/byte_products.h"
#include "basewise/motifs/detail/kmer_columns.h"

namespace basewise::motifs::detail {

/// Rows in an order in which similar ones follow each other, in tiles. Within a tile the codes that
/// are most frequent there make a dense matrix of bytes; all others are found through lists of the
/// rows that hold a code. Magnitudes are taken and rounded up, so that sums of products are never
/// less than a dot product, and a percent more at most where rows are usual.
class BoundIndex {
 public:
  static constexpr std::int64_t kRows = 2048;  ///< of a tile
  static constexpr std::int64_t kUnits = kRows / kUnitRows;
  static constexpr std::int64_t kSlots = 2048;  ///< codes of the dense matrix
  static constexpr std::int64_t kGroups = kSlots / kGroupBytes;
  static constexpr float kListScale = 1.0f / 32767;  ///< of a weight in the lists

  BoundIndex(const KmerMatrix& matrix, std::span<const std::int32_t> order);

  std::int64_t tiles() const { return static_cast<std::int64_t>(of_tile_.size()); }
  std::span<const std::int32_t> rows(std::int64_t tile) const;

  /// Products of a query whose codes are in few rows: with which places of the order, by tile.
  struct Rare {
    std::vector<std::int64_t> tile_begin;  ///< (tiles + 1)
    std::vector<std::int32_t> place;       ///< 2 x row within the tile + strand
    std::vector<std::int32_t> product;
  };
  void rare(std::int64_t row, Rare& to) const;

  /// One strand of a query within a tile.
  struct Strand {
    std::array<std::uint8_t, kSlots> bytes;  ///< for the dense matrix, in units of `scale`
    std::array<std::int32_t, kRows> sums;    ///< of the lists, in units of kListScale squared
  };
  struct Query {
    float scale = 0;  ///< of the bytes
    Strand strand[2];  ///< as it stands, and turned
  };
  void query(std::int64_t row, const Rare& rare, std::int64_t tile, Query& to) const;

  /// (kGroups, kUnitRows, kGroupBytes): a unit of a tile, in units of its scale.
  const std::uint8_t* unit(std::int64_t tile, std::int64_t unit) const { return of_tile_[tile].bytes.data() + unit * kUnitRows * kSlots; }
  float scale(std::int64_t tile, std::int64_t unit) const { return of_tile_[tile].scale[unit]; }

 private:
  /// What is kept of the frequent codes, tile by tile.
  struct Tile {
    std::vector<std::uint16_t> slot;   ///< (frequent): in the matrix; kSlots: in the lists
    std::vector<std::uint8_t> bytes;   ///< (kUnits, kGroups, kUnitRows, kGroupBytes)
    std::vector<float> scale;          ///< (kUnits)
    std::vector<std::uint32_t> begin;  ///< (frequent + 1)
    std::vector<std::uint32_t> entry;  ///< row within the tile, and from bit 16 on the weight
  };

  void make_rare();
  void make_tile(std::int64_t tile);
  void fill_matrix(std::int64_t tile);
  void fill_lists(std::int64_t tile);

  const KmerMatrix& matrix_;
  std::span<const std::int32_t> order_;
  std::uint32_t frequent_;  ///< codes below this are kept in tiles
  std::vector<Tile> of_tile_;
  std::vector<std::int64_t> rare_begin_;    ///< (codes - frequent + 1)
  std::vector<std::uint32_t> rare_place_;   ///< in the order
  std::vector<std::uint16_t> rare_weight_;
};

}  // namespace basewise::motifs::detail
