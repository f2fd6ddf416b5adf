// Scores split by class and sorted from the highest down:
// what Ranking and the bootstrap both start from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::metrics::detail {

/// Keys (see descending_key) of each class in ascending order, that is from the highest score down.
struct SortedKeys {
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;
};

/// The same with the example's index: key in the high half, index in the low half.
struct SortedPairs {
  std::vector<std::uint64_t> positives;
  std::vector<std::uint64_t> negatives;
};

/// Errors: ArgumentError for a NaN score or a label that is not 0 or 1, naming the first such
/// index; for sizes that differ.
SortedKeys sort_keys(std::span<const float> scores, std::span<const std::uint8_t> labels);
SortedPairs sort_pairs(std::span<const float> scores, std::span<const std::uint8_t> labels);

inline std::uint32_t key_of(std::uint32_t record) { return record; }
inline std::uint32_t key_of(std::uint64_t record) { return static_cast<std::uint32_t>(record >> 32); }
inline std::uint32_t index_of(std::uint64_t record) { return static_cast<std::uint32_t>(record); }

}  // namespace basewise::metrics::detail
