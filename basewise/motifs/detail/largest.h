// The largest of many values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace basewise::motifs::detail {

/// The `most` largest of values that come in order of their index; of equals the earlier one.
class Largest {
 public:
  explicit Largest(std::int64_t most) : most_(most) { kept_.reserve(4 * most + 64); }

  void clear() {
    kept_.clear();
    bound_ = -std::numeric_limits<float>::infinity();
  }

  void offer(std::int32_t index, float value) {
    if (!(value > bound_)) return;
    kept_.emplace_back(value, index);
    if (static_cast<std::int64_t>(kept_.size()) >= 4 * most_ + 64) shrink();
  }

  /// Largest first.
  const std::vector<std::pair<float, std::int32_t>>& sorted() {
    shrink();
    std::sort(kept_.begin(), kept_.end(), before);
    return kept_;
  }

 private:
  static bool before(const std::pair<float, std::int32_t>& a, const std::pair<float, std::int32_t>& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  }

  void shrink() {
    if (static_cast<std::int64_t>(kept_.size()) <= most_) return;
    std::nth_element(kept_.begin(), kept_.begin() + most_ - 1, kept_.end(), before);
    bound_ = kept_[most_ - 1].first;
    kept_.resize(most_);
  }

  std::int64_t most_;
  float bound_ = -std::numeric_limits<float>::infinity();
  std::vector<std::pair<float, std::int32_t>> kept_;
};

}  // namespace basewise::motifs::detail
