// Neighbours of seqlets.
#pragma once

#include <cstdint>
#include <vector>

namespace basewise::motifs::detail {

/// Neighbours of each seqlet, nearest first; rows of a filtered set differ in length.
struct Neighbors {
  std::vector<std::int64_t> row_begin = {0};
  std::vector<std::int32_t> index;
  std::vector<float> similarity;

  std::int64_t rows() const { return static_cast<std::int64_t>(row_begin.size()) - 1; }
};

}  // namespace basewise::motifs::detail
