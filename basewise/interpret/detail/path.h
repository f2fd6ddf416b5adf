// Where between a reference and a sequence gradients are taken, and what they weigh.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::interpret::detail {

/// Fewer steps than this are even ones.
constexpr std::int64_t kLeastAdaptive = 4;

/// Places of one pair by the trapezoidal rule: the first half of them evenly, the others in eight
/// rounds, each of which halves the pieces of the largest error. The error of a piece is known
/// exactly: what the two slopes at its ends say that the function changes by, minus what it changes
/// by. Of equal errors the first piece counts.
class AdaptivePlaces {
 public:
  /// `steps` places, at least `kLeastAdaptive`.
  explicit AdaptivePlaces(std::int64_t steps);

  /// Places of the next round in [0, 1], as many as of any other pair; none: all are there.
  std::vector<double> next() const;

  /// What was found at them: values of the function, and its slopes along the way.
  void add(std::span<const double> places, std::span<const double> values, std::span<const double> slopes);

  /// A weight for each place, in the order in which they were added; they sum to 1.
  std::vector<double> weights() const;

 private:
  struct Node {
    double place = 0, value = 0, slope = 0;
    std::size_t number = 0;  ///< in the order of adding
  };

  std::size_t steps_;
  std::vector<Node> nodes_ = {};  ///< by place
};

}  // namespace basewise::interpret::detail
