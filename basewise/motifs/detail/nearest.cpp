#include "basewise/motifs/detail/nearest.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "basewise/core/parallel.h"
#include "basewise/motifs/detail/stretches.h"

namespace basewise::motifs::detail {
namespace {

constexpr int kTries = 24;

/// Numbers that rise from near to far.
std::uint64_t key_of(float similarity, std::int32_t index) {
  const auto bits = std::bit_cast<std::uint32_t>(similarity);
  const std::uint32_t falling = bits >> 31 ? bits : ~bits & 0x7fffffffu;
  return std::uint64_t{falling} << 32 | static_cast<std::uint32_t>(index);
}

float similarity_of(std::uint64_t key) {
  const auto falling = static_cast<std::uint32_t>(key >> 32);
  return std::bit_cast<float>(falling >> 31 ? falling : ~falling & 0x7fffffffu);
}

/// Half as many places more than needed, and whole stretches.
std::int64_t room_of(std::int64_t most) {
  const std::int64_t places = most + most / 2 + kStretch;
  return places + (kStretch - places % kStretch) % kStretch;
}

}  // namespace

Nearest::Nearest(std::int64_t count, std::int64_t most)
    : count_(count), most_(most), room_(room_of(most)), held_(count), bound_(count, std::numeric_limits<float>::lowest()) {
  lists_.index.resize(count * room_);
  lists_.similarity.resize(count * room_);
}

std::vector<std::uint64_t> Nearest::keys(std::int64_t row) const {
  std::vector<std::uint64_t> result(held_[row]);
  for (std::int64_t i = 0; i < held_[row]; ++i) result[i] = key_of(lists_.similarity[row * room_ + i], lists_.index[row * room_ + i]);
  return result;
}

void Nearest::put(std::int64_t row, std::span<const std::uint64_t> keys) {
  std::int64_t at = row * room_;
  for (const std::uint64_t key : keys) {
    lists_.similarity[at] = similarity_of(key);
    lists_.index[at++] = static_cast<std::int32_t>(key);
  }
  held_[row] = static_cast<std::int64_t>(keys.size());
}

/// Closes in on a bound that leaves a list neither too short nor too long. Equal similarities may
/// not let it: then the exact bound. What is dropped lies below `most` others either way.
void Nearest::cut(std::int64_t row) {
  float* similarity = lists_.similarity.data() + row * room_;
  std::int32_t* index = lists_.index.data() + row * room_;
  float low = *std::min_element(similarity, similarity + room_), high = *std::max_element(similarity, similarity + room_);
  for (int i = 0; i < kTries; ++i) {
    const float middle = low + (high - low) / 2;
    const std::int64_t reach = how_many_reach(similarity, room_, middle);
    if (reach >= most_ && reach <= most_ + (room_ - most_) / 8) {
      std::int64_t kept = 0;
      for (std::int64_t at = 0; at < room_; ++at) {
        similarity[kept] = similarity[at];
        index[kept] = index[at];
        kept += similarity[at] >= middle;
      }
      held_[row] = kept;
      bound_[row] = middle;
      return;
    }
    (reach < most_ ? high : low) = middle;
  }
  std::vector<std::uint64_t> all = keys(row);
  std::nth_element(all.begin(), all.begin() + most_ - 1, all.end());
  bound_[row] = similarity_of(all[most_ - 1]);
  put(row, std::span(all).first(most_));
}

Neighbors Nearest::take() {
  parallel_for(count_, 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::vector<std::uint64_t> all = keys(row);
      std::sort(all.begin(), all.end());
      put(row, std::span(all).first(most_));
    }
  });
  // Lists are moved together in place: they are most of the memory.
  lists_.row_begin.resize(count_ + 1);
  for (std::int64_t row = 0; row < count_; ++row) {
    std::copy_n(lists_.index.begin() + row * room_, most_, lists_.index.begin() + row * most_);
    std::copy_n(lists_.similarity.begin() + row * room_, most_, lists_.similarity.begin() + row * most_);
    lists_.row_begin[row + 1] = (row + 1) * most_;
  }
  lists_.index.resize(count_ * most_);
  lists_.index.shrink_to_fit();
  lists_.similarity.resize(count_ * most_);
  lists_.similarity.shrink_to_fit();
  return std::move(lists_);
}

}  // namespace basewise::motifs::detail
