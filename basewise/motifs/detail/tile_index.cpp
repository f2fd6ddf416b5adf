#include "basewise/motifs/detail/tile_index.h"

#include <cstring>
#include <utility>

#include "basewise/motifs/detail/instruction_sets.h"

namespace basewise::motifs::detail {
namespace {

using Numbers [[gnu::vector_size(TileIndex::kBlock * sizeof(float))]] = float;

/// The entries of a tile, column by column: `begin` holds the first block and the first single of
/// each, `open` those that are in use.
struct Columns {
  const std::uint32_t* begin;
  const std::uint32_t* open;
  const float* blocks;
  const std::int32_t* first_row;
  const std::int32_t* row;
  const float* weight;
};

BASEWISE_MOTIFS_CLONES void add_columns(const Columns& index, const std::uint32_t* columns, const float* weights, std::int64_t count,
                                        float* sums) {
  for (std::int64_t e = 0; e < count; ++e) {
    const std::uint32_t* begin = index.open + 2 * std::size_t{columns[e]};
    const std::uint32_t* end = index.begin + 2 * (std::size_t{columns[e]} + 1);
    const float weight = weights[e];
    for (std::uint32_t i = begin[0]; i < end[0]; ++i) {
      Numbers block, sum;
      float* at = sums + index.first_row[i];
      std::memcpy(&block, index.blocks + i * std::size_t{TileIndex::kBlock}, sizeof block);
      std::memcpy(&sum, at, sizeof sum);
      sum += weight * block;
      std::memcpy(at, &sum, sizeof sum);
    }
    for (std::uint32_t i = begin[1]; i < end[1]; ++i) sums[index.row[i]] += weight * index.weight[i];
  }
}

}  // namespace

void TileIndex::build(const GappedKmerRows& rows, const KmerColumns& columns, std::span<const std::int32_t> of) {
  add_all();
  column_begin_.assign(columns.count + 1, 0);
  std::int64_t total = 0;
  for (const std::int32_t row : of) {
    for (std::int64_t e = rows.row_begin[row]; e < rows.row_begin[row + 1]; ++e) ++column_begin_[columns.column[e]];
    total += rows.row_begin[row + 1] - rows.row_begin[row];
  }
  std::uint32_t before = 0;
  for (std::uint32_t& begin : column_begin_) before += std::exchange(begin, before);
  entries_.resize(total);
  for (std::size_t i = 0; i < of.size(); ++i)
    for (std::int64_t e = rows.row_begin[of[i]]; e < rows.row_begin[of[i] + 1]; ++e)
      entries_[column_begin_[columns.column[e]]++] = {static_cast<std::int32_t>(i), rows.weight[e]};
  blocks_.clear();
  first_row_.clear();
  single_row_.clear();
  single_weight_.clear();
  begin_.resize(2 * (std::size_t{columns.count} + 2));
  std::uint32_t from = 0;
  for (std::uint32_t column = 0; column < columns.count; ++column) {
    begin_[2 * column] = static_cast<std::uint32_t>(blocks_.size());
    begin_[2 * column + 1] = static_cast<std::uint32_t>(single_row_.size());
    const std::uint32_t end = column_begin_[column];  // by now
    add_column(std::span(entries_).subspan(from, end - from));
    from = end;
  }
  for (const std::size_t column : {columns.count + 0ul, columns.count + 1ul}) {
    begin_[2 * column] = static_cast<std::uint32_t>(blocks_.size());
    begin_[2 * column + 1] = static_cast<std::uint32_t>(single_row_.size());
  }
}

void TileIndex::add_column(std::span<const Entry> entries) {
  for (std::size_t from = 0, end = 0; from < entries.size(); from = end) {
    const std::int32_t first = entries[from].row - entries[from].row % std::int32_t{kBlock};
    while (end < entries.size() && entries[end].row < first + kBlock) ++end;
    if (end - from >= kDense) {
      Block block;
      for (std::size_t i = from; i < end; ++i) block.weight[entries[i].row - first] = entries[i].weight;
      blocks_.push_back(block);
      first_row_.push_back(first);
    } else {
      for (std::size_t i = from; i < end; ++i) {
        single_row_.push_back(entries[i].row);
        single_weight_.push_back(entries[i].weight);
      }
    }
  }
}

void TileIndex::leave(const GappedKmerRows& rows, const KmerColumns& columns, std::span<const std::int32_t> of) {
  if (open_.empty()) open_ = begin_;
  left_ += static_cast<std::int32_t>(of.size());
  for (const std::int32_t row : of)
    for (std::int64_t e = rows.row_begin[row]; e < rows.row_begin[row + 1]; ++e) {
      const std::size_t column = 2 * std::size_t{columns.column[e]};
      std::uint32_t &block = open_[column], &single = open_[column + 1];
      while (block < begin_[column + 2] && first_row_[block] + std::int32_t{kBlock} <= left_) ++block;
      while (single < begin_[column + 3] && single_row_[single] < left_) ++single;
    }
}

void TileIndex::add_all() {
  open_.clear();
  left_ = 0;
}

void TileIndex::add(std::span<const std::uint32_t> columns, const float* weights, float* sums) const {
  const std::uint32_t* open = open_.empty() ? begin_.data() : open_.data();
  const Columns index = {begin_.data(), open, blocks_.data()->weight.data(), first_row_.data(), single_row_.data(), single_weight_.data()};
  add_columns(index, columns.data(), weights, static_cast<std::int64_t>(columns.size()), sums);
}

}  // namespace basewise::motifs::detail
