// Memory of numbers for one piece of work, aligned to cache lines, not initialised.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "basewise/kernels/detail/micro.h"

namespace basewise::kernels::detail {

class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(Index n) { reserve(n); }

  /// At least n numbers; what was there is lost.
  float* reserve(Index n) {
    if (n > capacity_) {
      const std::size_t bytes = (static_cast<std::size_t>(n) * sizeof(float) + 63) / 64 * 64;
      data_.reset(static_cast<float*>(std::aligned_alloc(64, bytes)));
      if (!data_) throw std::bad_alloc();
      capacity_ = n;
    }
    return data_.get();
  }

  float* zeros(Index n) {
    std::memset(reserve(n), 0, static_cast<std::size_t>(n) * sizeof(float));
    return data_.get();
  }

  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(float* p) const { std::free(p); }
  };
  std::unique_ptr<float, Free> data_;
  Index capacity_ = 0;
};

inline Index round_up(Index n, Index to) { return (n + to - 1) / to * to; }
inline Index floor_div(Index a, Index b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }
inline Index ceil_div(Index a, Index b) { return -floor_div(-a, b); }

/// The rows of [begin, end) that a source of `length` rows has; an empty range within [begin, end)
/// when it has none of them.
inline std::pair<Index, Index> inside(Index begin, Index end, Index length) {
  const Index first = std::min(std::max<Index>(0, begin), end);
  return {first, std::max(first, std::min(length, end))};
}

}  // namespace basewise::kernels::detail
