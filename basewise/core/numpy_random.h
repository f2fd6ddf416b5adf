// Random numbers as NumPy's RandomState gives them, for methods whose published form depends on
// them. Everything else draws from `Stream`.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace basewise {

/// numpy.random.RandomState(seed): the Mersenne Twister MT19937 and NumPy's ways to use it.
class NumpyRandom {
 public:
  explicit NumpyRandom(std::uint32_t seed) : engine_(seed) {}

  /// `uniform()`: in [0, 1), 53 bits of two draws.
  double uniform();

  /// One value of `randint(n)` with the default type: 0 to n - 1; n from 1 to 2^31.
  std::uint32_t below(std::uint32_t n);

  /// `permutation(n)`; n at most 2^31.
  std::vector<std::uint32_t> permutation(std::uint32_t n);

 private:
  std::mt19937 engine_;
};

}  // namespace basewise
