#include "basewise/learn/gapped_kmers.h"

#include <algorithm>

#include "basewise/core/error.h"

namespace basewise::learn {
namespace {

constexpr std::int64_t kDigits = 5;
constexpr std::int64_t kMostLetters = 8;

/// Adds what the four bases and N have at one letter to the N there: letters of this stride.
void add_to_gap(std::uint32_t* counts, std::size_t words, std::size_t stride) {
  for (std::size_t block = 0; block < words; block += kDigits * stride) {
    const std::uint32_t *a = counts + block, *c = a + stride, *g = c + stride, *t = g + stride;
    std::uint32_t* gap = counts + block + 4 * stride;
    for (std::size_t i = 0; i < stride; ++i) gap[i] += (a[i] + c[i]) + (g[i] + t[i]);
  }
}

}  // namespace

GappedKmers::GappedKmers(std::int64_t k) : k_(k), words_(1) {
  if (k < 1 || k > kMostLetters) throw ArgumentError(format("gapped k-mers of {} letters; there must be 1 to {}", k, kMostLetters));
  for (std::int64_t i = 0; i < k; ++i) words_ *= kDigits;
}

std::string GappedKmers::name(std::int64_t word) const {
  if (word < 0 || word >= words_) throw ArgumentError(format("gapped k-mer {} of {}", word, words_));
  std::string letters(static_cast<std::size_t>(k_), 'N');
  for (auto letter = letters.rbegin(); letter != letters.rend(); ++letter, word /= kDigits)
    *letter = seq::kLetters[static_cast<std::size_t>(word % kDigits)];
  return letters;
}

void GappedKmers::count(std::span<const seq::Token> sequence, std::span<std::uint32_t> counts) const {
  if (std::ssize(counts) != words_) throw ArgumentError(format("{} counts for {} gapped k-mers", counts.size(), words_));
  std::fill(counts.begin(), counts.end(), 0u);
  const auto k = static_cast<std::size_t>(k_), words = static_cast<std::size_t>(words_), first = words / kDigits;
  // Every place as the word that is there, an N of the sequence as the digit of N.
  std::size_t word = 0;
  for (std::size_t i = 0; i < sequence.size(); ++i) {
    if (i >= k) word -= sequence[i - k] * first;
    word = word * kDigits + sequence[i];
    if (i + 1 >= k) ++counts[word];
  }
  for (std::size_t stride = 1; stride < words; stride *= kDigits) add_to_gap(counts.data(), words, stride);
}

}  // namespace basewise::learn
