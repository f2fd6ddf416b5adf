#include "basewise/core/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <Random123/philox.h>

#include "basewise/core/detail/philox.h"
#include "basewise/core/error.h"

namespace basewise {
namespace detail {

std::array<std::uint32_t, 4> philox(const std::array<std::uint32_t, 4>& counter, const std::array<std::uint32_t, 2>& key) {
  const r123::Philox4x32::ctr_type c = {{counter[0], counter[1], counter[2], counter[3]}};
  const r123::Philox4x32::key_type k = {{key[0], key[1]}};
  const auto r = r123::Philox4x32()(c, k);
  return {r[0], r[1], r[2], r[3]};
}

}  // namespace detail

namespace {

constexpr std::uint64_t kForkTag = 0x9e3779b97f4a7c15u;

std::uint32_t low(std::uint64_t x) { return static_cast<std::uint32_t>(x); }
std::uint32_t high(std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); }

#ifdef __SSE2__
constexpr std::size_t kSideBySide = 4;

// Four blocks of Philox4x32-10, at counters first, first + 1, ...: each lane of 64 bits holds one
// word of a block, and the multiplication of 32 by 32 bits works on two lanes at once. Upper halves
// of lanes hold rubbish that no later step looks at.
void philox_blocks(std::uint64_t first, const std::array<std::uint32_t, 2>& domain, std::array<std::uint32_t, 2> key, std::uint32_t* out) {
  const auto both = [](std::uint32_t x) { return _mm_set1_epi64x(static_cast<long long>(std::uint64_t{x})); };
  const __m128i multiply0 = both(0xD2511F53u), multiply1 = both(0xCD9E8D57u);
  __m128i c[2][4];
  for (int pair = 0; pair < 2; ++pair) {
    const std::uint64_t even = first + 2 * static_cast<std::uint64_t>(pair), odd = even + 1;
    c[pair][0] = _mm_set_epi64x(static_cast<long long>(odd), static_cast<long long>(even));
    c[pair][1] = _mm_srli_epi64(c[pair][0], 32);
    c[pair][2] = both(domain[0]);
    c[pair][3] = both(domain[1]);
  }
  for (int round = 0; round < 10; ++round) {
    const __m128i key0 = both(key[0]), key1 = both(key[1]);
    for (auto& x : c) {
      const __m128i product0 = _mm_mul_epu32(x[0], multiply0), product1 = _mm_mul_epu32(x[2], multiply1);
      x[0] = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(product1, 32), x[1]), key0);
      x[2] = _mm_xor_si128(_mm_xor_si128(_mm_srli_epi64(product0, 32), x[3]), key1);
      x[1] = product1;
      x[3] = product0;
    }
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  const __m128i low_half = both(0xffffffffu);
  for (auto& x : c) {
    const __m128i words01 = _mm_or_si128(_mm_and_si128(x[0], low_half), _mm_slli_epi64(x[1], 32));
    const __m128i words23 = _mm_or_si128(_mm_and_si128(x[2], low_half), _mm_slli_epi64(x[3], 32));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_unpacklo_epi64(words01, words23));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 4), _mm_unpackhi_epi64(words01, words23));
    out += 8;
  }
}
#else
constexpr std::size_t kSideBySide = 1;

void philox_blocks(std::uint64_t first, const std::array<std::uint32_t, 2>& domain, const std::array<std::uint32_t, 2>& key,
                   std::uint32_t* out) {
  const auto block = detail::philox({low(first), high(first), domain[0], domain[1]}, key);
  std::copy(block.begin(), block.end(), out);
}
#endif

// Hoermann 1993, "The transformed rejection method for generating Poisson random variables" (PTRS),
// for mean >= 10.
std::int64_t poisson_by_rejection(Stream& s, double mean) {
  const double b = 0.931 + 2.53 * std::sqrt(mean);
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = s.uniform() - 0.5;
    const double v = 1.0 - s.uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::int64_t>(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <= k * std::log(mean) - mean - std::lgamma(k + 1))
      return static_cast<std::int64_t>(k);
  }
}

}  // namespace

Stream::Stream(std::uint64_t seed, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  for (const std::uint64_t word : {seed, a, b, c}) absorb(word);
}

// The identity of a stream is 128 bits: the key and the upper half of the counter. Under one key
// the block function is a bijection of the counter, so different words lead to different
// identities.
void Stream::absorb(std::uint64_t word) {
  const auto block = detail::philox({low(word), high(word), domain_[0], domain_[1]}, key_);
  key_ = {block[0], block[1]};
  domain_ = {block[2], block[3]};
}

Stream Stream::fork(std::uint64_t id) const {
  Stream child = *this;
  child.absorb(kForkTag);
  child.absorb(id);
  child.counter_ = 0;
  child.used_ = 4;
  return child;
}

Stream::result_type Stream::operator()() {
  if (used_ == 4) {
    buffer_ = detail::philox({low(counter_), high(counter_), domain_[0], domain_[1]}, key_);
    ++counter_;
    used_ = 0;
  }
  return buffer_[used_++];
}

void Stream::fill(std::span<std::uint32_t> words) {
  std::size_t i = 0;
  while (i < words.size() && used_ < 4) words[i++] = buffer_[used_++];
  const std::size_t blocks = (words.size() - i) / (4 * kSideBySide) * kSideBySide;
  for (std::size_t b = 0; b < blocks; b += kSideBySide, i += 4 * kSideBySide, counter_ += kSideBySide)
    philox_blocks(counter_, domain_, key_, words.data() + i);
  while (i < words.size()) words[i++] = (*this)();
}

void Stream::discard(std::uint64_t n) {
  const std::uint64_t buffered = std::min<std::uint64_t>(n, 4 - used_);
  used_ += static_cast<unsigned>(buffered);
  n -= buffered;
  counter_ += n / 4;
  for (n %= 4; n > 0; --n) (*this)();
}

std::uint64_t Stream::bits64() {
  const std::uint64_t first = (*this)();
  return first << 32 | (*this)();
}

double Stream::uniform() { return static_cast<double>(bits64() >> 11) * 0x1.0p-53; }

double Stream::uniform(double from, double to) {
  const double x = from + (to - from) * uniform();
  return x < to ? x : std::nextafter(to, from);  // the product may round up to the open end
}

// Lemire 2019, "Fast random integer generation in an interval".
std::uint64_t Stream::below(std::uint64_t n) {
  if (n == 0) throw ArgumentError("Stream::below(0): there is no integer below 0; pass a positive bound");
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(bits64()) * n;
  if (static_cast<std::uint64_t>(product) < n) {
    const std::uint64_t threshold = (0 - n) % n;
    while (static_cast<std::uint64_t>(product) < threshold) product = static_cast<Wide>(bits64()) * n;
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t Stream::integer(std::int64_t from, std::int64_t to) {
  if (from > to) throw ArgumentError(format("Stream::integer({}, {}): the low end is above the high end", from, to));
  const std::uint64_t span = static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from) + 1;
  const std::uint64_t offset = span == 0 ? bits64() : below(span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(from) + offset);
}

bool Stream::bernoulli(double p) { return uniform() < p; }

double Stream::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::int64_t Stream::poisson(double mean) {
  if (!(mean >= 0) || std::isinf(mean)) throw ArgumentError(format("Stream::poisson: the mean is {}; it must be finite and >= 0", mean));
  if (mean >= 10) return poisson_by_rejection(*this, mean);
  const double limit = std::exp(-mean);
  std::int64_t k = 0;
  for (double product = uniform(); product > limit; product *= uniform()) ++k;
  return k;
}

std::size_t Stream::choice(std::span<const double> weights) {
  double sum = 0;
  for (const double w : weights) {
    if (!(w >= 0)) throw ArgumentError(format("Stream::choice: a weight is {}; weights must be >= 0", w));
    sum += w;
  }
  if (!(sum > 0) || std::isinf(sum))
    throw ArgumentError(format("Stream::choice: the weights sum to {}; a positive finite sum is needed", sum));
  double rest = uniform() * sum;
  std::size_t last = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] <= 0) continue;
    last = i;
    if (rest < weights[i]) return i;
    rest -= weights[i];
  }
  return last;  // rounding left a crumb behind the last weight
}

std::vector<std::int64_t> Stream::permutation(std::int64_t n) {
  if (n < 0) throw ArgumentError(format("Stream::permutation({}): the length must be >= 0", n));
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  shuffle(std::span(order));
  return order;
}

}  // namespace basewise
