// Means of values along a chromosome under a Gaussian that ends at three standard deviations.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace basewise::prepare::detail {

/// The weights of a Gaussian at whole distances; they sum to 1.
class Gaussian {
 public:
  /// Errors: ArgumentError for a standard deviation that is not positive.
  explicit Gaussian(double sd);

  std::int64_t radius() const { return static_cast<std::int64_t>(weights_.size()) - 1; }

  /// At a distance of 0 to `radius()`.
  double weight(std::int64_t distance) const { return weights_[static_cast<std::size_t>(distance)]; }

  /// Sum of the weights around a base that lie on its chromosome of `length` bases.
  double inside(std::int64_t position, std::int64_t length) const;

  /// The mean around every base of [start, start + out.size()) of a chromosome of `length` bases;
  /// what leaves the chromosome has no weight. `values` are those of [values_start, ...), which
  /// must reach `radius()` beyond both ends, or to the end of the chromosome. Bases without a value
  /// cost nothing. Equal for any way to cut a chromosome into pieces.
  void smooth(std::span<const float> values, std::int64_t values_start, std::int64_t start, std::int64_t length,
              std::span<float> out) const;

 private:
  std::vector<double> weights_;  // at distances 0 to radius
  std::vector<double> sums_;     // of the weights at distances below i
  std::vector<float> mirrored_;  // at distances -radius to radius
};

}  // namespace basewise::prepare::detail
