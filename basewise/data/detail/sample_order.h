// Which example is drawn when, for epochs of a fixed number of batches:
// a pure function of (seed, number of the draw).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace basewise::data::detail {

/// The endless row of draws, round after round.
///
/// Evenly: a round is every example once, in a new order. Balanced: a round is every positive once
/// and every s-th negative, s = ceil(Q p / ((1 - p) P)) for P positives, Q negatives and the share
/// p of positives that is wanted; the first negative of round k is number k mod s, so that s rounds
/// take each negative once. Positives and negatives are shuffled apart and interleaved evenly.
class SampleOrder {
 public:
  /// n examples, evenly.
  SampleOrder(std::int64_t n, bool shuffle, std::uint64_t seed);

  /// Balanced. Errors: ArgumentError unless there are both.
  SampleOrder(std::vector<std::int64_t> positives, std::vector<std::int64_t> negatives, double positive_fraction, bool shuffle,
              std::uint64_t seed);

  /// Draws of a round on average.
  double round_length() const { return static_cast<double>(cycle_) / static_cast<double>(thinning_); }

  /// s; 1 when all negatives are taken in every round.
  std::int64_t thinning() const { return thinning_; }

  struct Draw {
    std::int64_t example = 0;
    std::int64_t round = 0;
  };

  /// Draws first to first + count - 1.
  std::vector<Draw> draws(std::int64_t first, std::int64_t count) const;

  /// The examples of one round in order.
  std::vector<std::int64_t> round(std::int64_t number) const;

 private:
  std::int64_t negatives_in(std::int64_t round) const;
  std::vector<std::int64_t> ordered(std::vector<std::int64_t> examples, std::uint64_t purpose, std::int64_t round) const;

  std::vector<std::int64_t> positives_;  // evenly: all examples
  std::vector<std::int64_t> negatives_;
  bool shuffle_;
  std::uint64_t seed_;
  std::int64_t thinning_ = 1;  // rounds in a cycle
  std::int64_t cycle_ = 0;     // draws of so many rounds
};

}  // namespace basewise::data::detail
