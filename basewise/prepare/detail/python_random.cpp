#include "basewise/prepare/detail/python_random.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <set>

namespace basewise::prepare::detail {
namespace {

/// Hands the Mersenne Twister the state that its authors' `init_by_array` makes of a key (Matsumoto
/// and Nishimura 2002), as a seed sequence of the standard library.
class ByKey {
 public:
  using result_type = std::uint32_t;
  explicit ByKey(std::vector<std::uint32_t> key) : key_(std::move(key)) {}

  template <class It>
  void generate(It begin, It end) const {
    std::vector<std::uint32_t> s(static_cast<std::size_t>(end - begin));
    const std::size_t n = s.size();
    s[0] = 19650218u;
    for (std::size_t i = 1; i < n; ++i) s[i] = 1812433253u * (s[i - 1] ^ (s[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
    std::size_t i = 1, j = 0;
    const auto next = [&] {
      if (++i < n) return;
      s[0] = s[n - 1];
      i = 1;
    };
    for (std::size_t k = std::max(n, key_.size()); k > 0; --k) {
      s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1664525u)) + key_[j] + static_cast<std::uint32_t>(j);
      j = (j + 1) % key_.size();
      next();
    }
    for (std::size_t k = n - 1; k > 0; --k) {
      s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1566083941u)) - static_cast<std::uint32_t>(i);
      next();
    }
    s[0] = 0x80000000u;
    std::copy(s.begin(), s.end(), begin);
  }

 private:
  std::vector<std::uint32_t> key_;
};

std::mt19937 seeded(std::uint64_t seed) {
  std::vector<std::uint32_t> key = {static_cast<std::uint32_t>(seed)};
  if (seed >> 32 != 0) key.push_back(static_cast<std::uint32_t>(seed >> 32));
  ByKey sequence(std::move(key));
  return std::mt19937(sequence);
}

}  // namespace

PythonRandom::PythonRandom(std::uint64_t seed) : engine_(seeded(seed)) {}

std::uint32_t PythonRandom::below(std::uint32_t n) {
  const int bits = static_cast<int>(std::bit_width(n));
  std::uint32_t value = 0;
  do value = static_cast<std::uint32_t>(engine_()) >> (32 - bits);
  while (value >= n);
  return value;
}

std::vector<std::size_t> PythonRandom::sample(std::size_t n, std::size_t k) {
  std::vector<std::size_t> chosen(k);
  // Python keeps a list of what is left where that is smaller than a set of what was taken.
  std::size_t set_size = 21;
  if (k > 5) set_size += std::size_t{1} << (2 * static_cast<unsigned>(std::ceil(std::log(static_cast<double>(3 * k)) / std::log(4.0))));
  if (n <= set_size) {
    std::vector<std::size_t> left(n);
    std::iota(left.begin(), left.end(), std::size_t{0});
    for (std::size_t i = 0; i < k; ++i) {
      const std::size_t place = below(static_cast<std::uint32_t>(n - i));
      chosen[i] = left[place];
      left[place] = left[n - i - 1];
    }
    return chosen;
  }
  std::set<std::size_t> taken;
  for (std::size_t& one : chosen) {
    do one = below(static_cast<std::uint32_t>(n));
    while (!taken.insert(one).second);
  }
  return chosen;
}

}  // namespace basewise::prepare::detail
