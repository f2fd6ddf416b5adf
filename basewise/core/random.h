// Counter-based random streams: a draw is a pure function of (key, position), so that workers,
// resumes and re-runs agree.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace basewise {

/// A stream of random numbers that is a pure function of its key (Philox4x32-10,
/// Salmon et al. 2011, by Random123).
///
/// Streams with different keys are independent for all purposes here. `fork` makes a child stream
/// named by a number without drawing from the parent. A Stream is a small value: copy it to repeat
/// it. Satisfies UniformRandomBitGenerator.
class Stream {
 public:
  using result_type = std::uint32_t;

  /// Stream `c` of stream `b` of stream `a` of `seed` (say: seed, epoch, index, purpose).
  explicit Stream(std::uint64_t seed, std::uint64_t a = 0, std::uint64_t b = 0, std::uint64_t c = 0);

  /// An independent child stream; the same (parent key, id) always gives the same child,
  /// whatever was drawn before.
  Stream fork(std::uint64_t id) const;

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return 0xffffffffu; }
  result_type operator()();

  /// The next words.size() draws of operator(), faster.
  void fill(std::span<std::uint32_t> words);

  /// Passes over the next n draws of operator(), in constant time.
  void discard(std::uint64_t n);

  std::uint64_t bits64();

  /// Uniform in [0, 1), 53 random bits.
  double uniform();

  /// Uniform in [low, high).
  double uniform(double low, double high);

  /// Unbiased integer in [0, n); n must be positive.
  std::uint64_t below(std::uint64_t n);

  /// Integer in [low, high], both ends included.
  std::int64_t integer(std::int64_t low, std::int64_t high);

  bool bernoulli(double p);

  /// Standard normal (Box-Muller, one value per call).
  double normal();

  std::int64_t poisson(double mean);

  /// Index drawn with probability weight[i] / sum; weights must be non-negative with a positive
  /// sum.
  std::size_t choice(std::span<const double> weights);

  /// Fisher-Yates, unbiased.
  template <class T>
  void shuffle(std::span<T> values) {
    for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

  /// A random order of 0..n-1.
  std::vector<std::int64_t> permutation(std::int64_t n);

 private:
  void absorb(std::uint64_t word);

  std::array<std::uint32_t, 2> key_{};     // with domain_: which stream this is
  std::array<std::uint32_t, 2> domain_{};  // upper half of the Philox counter
  std::uint64_t counter_ = 0;              // lower half: the next block
  std::array<std::uint32_t, 4> buffer_{};
  unsigned used_ = 4;
};

}  // namespace basewise
