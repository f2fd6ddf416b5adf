// Random sequences with the composition of a given one.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "basewise/core/random.h"
#include "basewise/seq/alphabet.h"

namespace basewise::seq {

/// All letters in random order, uniform over all orders (Fisher-Yates).
/// N is a fifth letter and moves with the others.
std::vector<Token> shuffle(std::span<const Token> tokens, Stream& stream);

/// Draws sequences with exactly the dinucleotide counts of a given one;
/// its first and last base are kept.
///
/// Uniform over all such sequences (Altschul and Erickson 1985): a random tree of last exits into
/// the final letter (Wilson's walk, so that nothing is ever rejected), then every other exit in
/// random order. N counts as a fifth letter: runs of N keep their number and the letters at their
/// borders, not their places. Sequences of fewer than 4 bases have one arrangement only and come
/// back unchanged.
class DinucleotideShuffler {
 public:
  explicit DinucleotideShuffler(std::span<const Token> tokens);
  ~DinucleotideShuffler();
  DinucleotideShuffler(DinucleotideShuffler&&) noexcept;
  DinucleotideShuffler& operator=(DinucleotideShuffler&&) noexcept;

  std::size_t length() const;

  /// One shuffle into `out` (L). The draws come from `stream` alone.
  /// Errors: ArgumentError for another length.
  void operator()(Stream& stream, std::span<Token> out) const;

  /// Shuffles first .. first + count - 1 into `out` (count, L); shuffle k is drawn from
  /// `stream.fork(k)`. Twice as fast as one by one: four go side by side.
  /// Errors: ArgumentError for another size.
  void many(const Stream& stream, std::int64_t first, std::int64_t count, std::span<Token> out) const;

 private:
  struct Plan;
  std::unique_ptr<const Plan> plan_;
};

/// One shuffle.
std::vector<Token> dinucleotide_shuffle(std::span<const Token> tokens, Stream& stream);

/// `count` shuffles, (count, L) row by row. Shuffle k is drawn from `stream.fork(k)`,
/// so it does not depend on `count`.
std::vector<Token> dinucleotide_shuffles(std::span<const Token> tokens, std::int64_t count, const Stream& stream);

/// `count` shuffles of each of N sequences of `length` bases, (N, L) to (N, count, L), by all
/// threads. Shuffle k of sequence i is drawn from `stream.fork(i).fork(k)`.
/// Errors: ArgumentError for sizes that do not fit.
void dinucleotide_shuffles(std::span<const Token> tokens, std::size_t length, std::int64_t count, const Stream& stream,
                           std::span<Token> out);

}  // namespace basewise::seq
