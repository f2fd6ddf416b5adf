// Random numbers as Python's module `random` gives them:
// the order of the windows of published sets depends on them.
#pragma once

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

namespace basewise::prepare::detail {

/// random.Random(seed) for a seed below 2^64: the Mersenne Twister, seeded by its key.
class PythonRandom {
 public:
  explicit PythonRandom(std::uint64_t seed);

  /// `_randbelow(n)`: in [0, n); n from 1 to 2^32 - 1.
  std::uint32_t below(std::uint32_t n);

  /// `shuffle(values)`.
  template <class T>
  void shuffle(std::vector<T>& values) {
    for (std::size_t i = values.size(); i-- > 1;) std::swap(values[i], values[below(static_cast<std::uint32_t>(i + 1))]);
  }

  /// The places that `sample(range(n), k)` gives.
  std::vector<std::size_t> sample(std::size_t n, std::size_t k);

 private:
  std::mt19937 engine_;
};

}  // namespace basewise::prepare::detail
