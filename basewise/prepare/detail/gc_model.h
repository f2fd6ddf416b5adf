// How much of the coverage the share of G and C explains.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "basewise/prepare/detail/gaussian.h"
#include "basewise/seq/alphabet.h"

namespace basewise::prepare::detail {

/// The share of G and C around bases of a stretch, under a Gaussian;
/// N and what lies outside of the stretch have no weight.
class GcShares {
 public:
  /// `tokens` are the bases from `start` on.
  GcShares(std::vector<seq::Token> tokens, std::int64_t start, const Gaussian& gaussian)
      : tokens_(std::move(tokens)), start_(start), gaussian_(gaussian) {}

  /// NaN where no base around is known.
  double at(std::int64_t position) const;

 private:
  std::vector<seq::Token> tokens_;
  std::int64_t start_;
  const Gaussian& gaussian_;
};

/// What is needed of the points (share, log2 of the mean coverage around) for a fit, in fixed
/// space.
class GcPoints {
 public:
  void add(double share, double log2_coverage);
  void merge(const GcPoints& other);
  double count() const { return powers_[0]; }

 private:
  friend class GcModel;
  static constexpr std::size_t kBins = 200;
  std::array<double, 7> powers_ = {};    // sums of x^k, x the share less a half
  std::array<double, 4> products_ = {};  // sums of y x^k
  std::array<double, kBins> histogram_ = {};
};

/// A cubic polynomial by ridge regression (penalty 1, not on the intercept). Shares outside of the
/// range in which all but 0.2 % of the points lie count as its ends.
class GcModel {
 public:
  static constexpr double kFewestPoints = 100;

  explicit GcModel(const GcPoints& points);

  /// Expected coverage at this share, as a multiple of that at an average base:
  /// what a value is divided by.
  double factor(double share) const;

  const std::array<double, 4>& coefficients() const { return coefficients_; }

 private:
  std::array<double, 4> coefficients_ = {};
  double baseline_ = 0;
  double lowest_ = 0, highest_ = 1;
};

}  // namespace basewise::prepare::detail
