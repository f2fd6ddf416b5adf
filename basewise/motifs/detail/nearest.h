// The nearest rows of each row, out of all that are offered.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/motifs/detail/neighbors.h"

namespace basewise::motifs::detail {

/// Keeps the `most` rows of largest similarity for each row (of equal similarity, the lower index),
/// whatever the order in which they are offered. A row's list is for one thread at a time.
class Nearest {
 public:
  Nearest(std::int64_t count, std::int64_t most);

  /// Lower similarities are of no use to the row. Finite.
  float bound(std::int64_t row) const { return bound_[row]; }

  /// A row that is offered once; `similarity` is at least the row's bound. The list has some places
  /// more than it needs: bounds rise each time that these are full.
  void offer(std::int64_t row, float similarity, std::int32_t other) {
    const std::int64_t at = row * room_ + held_[row];
    lists_.similarity[at] = similarity;
    lists_.index[at] = other;
    if (++held_[row] == room_) cut(row);
  }

  /// All lists, nearest first. Every row has been offered `most` others or more.
  Neighbors take();

 private:
  std::vector<std::uint64_t> keys(std::int64_t row) const;
  void put(std::int64_t row, std::span<const std::uint64_t> keys);
  void cut(std::int64_t row);

  std::int64_t count_, most_, room_;
  std::vector<std::int64_t> held_;
  std::vector<float> bound_;
  Neighbors lists_;  ///< (rows, room): lists in no order
};

}  // namespace basewise::motifs::detail
