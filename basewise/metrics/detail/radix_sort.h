// Stable parallel radix sort by a 32-bit key, and the order-preserving map from float to such keys.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "basewise/core/parallel.h"

namespace basewise::metrics::detail {

/// A key that grows as the score falls, so that an ascending sort of keys lists the highest score
/// first. -0 equals +0.
inline std::uint32_t descending_key(float score) {
  std::uint32_t bits = std::bit_cast<std::uint32_t>(score);
  if (bits == 0x80000000u) bits = 0;
  const std::uint32_t ascending = (bits & 0x80000000u) ? ~bits : (bits | 0x80000000u);
  return ~ascending;
}

/// The score of a key.
inline float score_of_key(std::uint32_t key) {
  const std::uint32_t ascending = ~key;
  return std::bit_cast<float>((ascending & 0x80000000u) ? (ascending & 0x7fffffffu) : ~ascending);
}

/// Piece `i` of `pieces` almost equal pieces of [0, n) starts here.
inline std::int64_t piece_begin(std::int64_t n, std::int64_t pieces, std::int64_t i) { return n / pieces * i + std::min(i, n % pieces); }

/// How many pieces keep every thread busy without making them tiny.
inline std::int64_t piece_count(std::int64_t n) { return std::clamp<std::int64_t>(n / 65536, 1, 4 * static_cast<std::int64_t>(threads())); }

/// Sorts records by key_of(record), a uint32, ascending and stable:
/// the result does not depend on the number of threads.
template <class Record, class KeyOf>
void radix_sort(std::vector<Record>& records, KeyOf key_of) {
  constexpr int kBits = 8;
  constexpr std::uint32_t kBuckets = 1u << kBits;
  const auto n = static_cast<std::int64_t>(records.size());
  if (n < 2048) {
    std::stable_sort(records.begin(), records.end(), [&](const Record& a, const Record& b) { return key_of(a) < key_of(b); });
    return;
  }
  const std::int64_t pieces = piece_count(n);
  std::vector<Record> sorted(records.size());
  std::vector<std::array<std::int64_t, kBuckets>> offset(static_cast<std::size_t>(pieces));
  for (int shift = 0; shift < 32; shift += kBits) {
    const auto digit = [&](const Record& r) { return (key_of(r) >> shift) & (kBuckets - 1); };
    parallel_for(pieces, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t p = first; p < last; ++p) {
        auto& count = offset[static_cast<std::size_t>(p)];
        count.fill(0);
        for (std::int64_t i = piece_begin(n, pieces, p), end = piece_begin(n, pieces, p + 1); i < end; ++i) ++count[digit(records[i])];
      }
    });
    std::int64_t total = 0;
    bool one_bucket = false;
    for (std::uint32_t b = 0; b < kBuckets; ++b) {
      const std::int64_t before = total;
      for (auto& count : offset) total += std::exchange(count[b], total);
      one_bucket = one_bucket || total - before == n;
    }
    if (one_bucket) continue;
    parallel_for(pieces, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t p = first; p < last; ++p) {
        auto& place = offset[static_cast<std::size_t>(p)];
        for (std::int64_t i = piece_begin(n, pieces, p), end = piece_begin(n, pieces, p + 1); i < end; ++i)
          sorted[static_cast<std::size_t>(place[digit(records[i])]++)] = records[i];
      }
    });
    records.swap(sorted);
  }
}

}  // namespace basewise::metrics::detail
