// Overlapping peaks made one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace basewise::prepare::detail {

/// [start, end), and the samples that are active there, in order, each once.
struct Peak {
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::vector<std::int32_t> active = {};
  bool operator==(const Peak&) const = default;
};

/// `size` bases around a middle: from size / 2 (rounded down) before it on, moved into the
/// chromosome at the ends. An unknown length is none.
Peak around(std::int64_t middle, std::int64_t size, std::optional<std::int64_t> length, std::vector<std::int32_t> active);

/// As `merge_sites` says; all peaks have `size` bases and lie on one chromosome and strand.
std::vector<Peak> merge_peaks(std::vector<Peak> peaks, std::int64_t size, std::int64_t merge_overlap, std::optional<std::int64_t> length);

}  // namespace basewise::prepare::detail
