// Counts of gapped k-mers in sequences.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "basewise/seq/alphabet.h"

namespace basewise::learn {

/// Words of k letters over A, C, G, T and N, where N matches any base and also an N of the
/// sequence, and the others only themselves: 5^k of them, for k = 6 15,625. Words number from 0,
/// their letters being digits in the order A C G T N, the first one counts most.
class GappedKmers {
 public:
  /// Errors: ArgumentError unless 1 <= k <= 8.
  explicit GappedKmers(std::int64_t k = 6);

  std::int64_t k() const { return k_; }
  std::int64_t words() const { return words_; }

  /// "ANNGTA". Errors: ArgumentError for a number beyond the words.
  std::string name(std::int64_t word) const;

  /// How often each word matches `sequence` (L tokens), at L - k + 1 places (none where it is
  /// shorter), on the strand as given: (words).
  /// Errors: ArgumentError for another number of counts.
  void count(std::span<const seq::Token> sequence, std::span<std::uint32_t> counts) const;

 private:
  std::int64_t k_;
  std::int64_t words_;
};

}  // namespace basewise::learn
