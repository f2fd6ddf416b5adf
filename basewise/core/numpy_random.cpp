#include "basewise/core/numpy_random.h"

#include <bit>
#include <numeric>
#include <utility>

namespace basewise {

double NumpyRandom::uniform() {
  const std::uint32_t high = static_cast<std::uint32_t>(engine_()) >> 5, low = static_cast<std::uint32_t>(engine_()) >> 6;
  return (high * 67'108'864.0 + low) / 9'007'199'254'740'992.0;
}

std::uint32_t NumpyRandom::below(std::uint32_t n) {
  if (n <= 1) return 0;
  const std::uint32_t last = n - 1, mask = (std::bit_ceil(last) - 1) | last;
  std::uint32_t j = static_cast<std::uint32_t>(engine_()) & mask;
  while (j > last) j = static_cast<std::uint32_t>(engine_()) & mask;
  return j;
}

std::vector<std::uint32_t> NumpyRandom::permutation(std::uint32_t n) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = n; i-- > 1;) std::swap(order[i], order[below(i + 1)]);
  return order;
}

}  // namespace basewise
