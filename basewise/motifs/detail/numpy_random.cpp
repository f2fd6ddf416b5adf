#include "basewise/motifs/detail/numpy_random.h"

#include <bit>
#include <numeric>
#include <utility>

namespace basewise::motifs::detail {

double NumpyRandom::uniform() {
  const std::uint32_t high = static_cast<std::uint32_t>(engine_()) >> 5, low = static_cast<std::uint32_t>(engine_()) >> 6;
  return (high * 67'108'864.0 + low) / 9'007'199'254'740'992.0;
}

std::vector<std::uint32_t> NumpyRandom::permutation(std::uint32_t n) {
  std::vector<std::uint32_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  for (std::uint32_t i = n; i-- > 1;) {
    const std::uint32_t mask = (std::bit_ceil(i) - 1) | i;
    std::uint32_t j = static_cast<std::uint32_t>(engine_()) & mask;
    while (j > i) j = static_cast<std::uint32_t>(engine_()) & mask;
    std::swap(order[i], order[j]);
  }
  return order;
}

}  // namespace basewise::motifs::detail
