#include "basewise/prepare/detail/gc_model.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace basewise::prepare::detail {
namespace {

constexpr double kPenalty = 1;
constexpr double kOutside = 0.001;  // share of the points beyond either end of the range

bool is_gc(seq::Token token) { return token == seq::kC || token == seq::kG; }
bool is_known(seq::Token token) { return token < seq::kN; }

/// Solves the 4 x 4 system by elimination; a column without a pivot gives 0.
std::array<double, 4> solve(std::array<std::array<double, 5>, 4> rows) {
  for (std::size_t c = 0; c < 4; ++c) {
    std::size_t pivot = c;
    for (std::size_t r = c + 1; r < 4; ++r)
      if (std::abs(rows[r][c]) > std::abs(rows[pivot][c])) pivot = r;
    std::swap(rows[c], rows[pivot]);
    if (rows[c][c] == 0) continue;
    for (std::size_t r = 0; r < 4; ++r) {
      if (r == c) continue;
      const double factor = rows[r][c] / rows[c][c];
      for (std::size_t k = c; k < 5; ++k) rows[r][k] -= factor * rows[c][k];
    }
  }
  std::array<double, 4> x = {};
  for (std::size_t c = 0; c < 4; ++c) x[c] = rows[c][c] == 0 ? 0 : rows[c][4] / rows[c][c];
  return x;
}

}  // namespace

double GcShares::at(std::int64_t position) const {
  const std::int64_t end = start_ + static_cast<std::int64_t>(tokens_.size()), r = gaussian_.radius();
  double gc = 0, known = 0;
  for (std::int64_t i = std::max(start_, position - r); i < std::min(end, position + r + 1); ++i) {
    const seq::Token token = tokens_[static_cast<std::size_t>(i - start_)];
    if (!is_known(token)) continue;
    const double weight = gaussian_.weight(std::abs(i - position));
    known += weight;
    if (is_gc(token)) gc += weight;
  }
  return known > 0 ? gc / known : std::numeric_limits<double>::quiet_NaN();
}

void GcPoints::add(double share, double log2_coverage) {
  double power = 1;
  for (std::size_t k = 0; k < powers_.size(); ++k) {
    powers_[k] += power;
    if (k < products_.size()) products_[k] += power * log2_coverage;
    power *= share - 0.5;
  }
  histogram_[std::min(kBins - 1, static_cast<std::size_t>(share * static_cast<double>(kBins)))] += 1;
}

void GcPoints::merge(const GcPoints& other) {
  for (std::size_t k = 0; k < powers_.size(); ++k) powers_[k] += other.powers_[k];
  for (std::size_t k = 0; k < products_.size(); ++k) products_[k] += other.products_[k];
  for (std::size_t k = 0; k < kBins; ++k) histogram_[k] += other.histogram_[k];
}

GcModel::GcModel(const GcPoints& points) {
  std::array<std::array<double, 5>, 4> rows = {};
  for (std::size_t r = 0; r < 4; ++r) {
    for (std::size_t c = 0; c < 4; ++c) rows[r][c] = points.powers_[r + c];
    if (r > 0) rows[r][r] += kPenalty;
    rows[r][4] = points.products_[r];
  }
  coefficients_ = solve(rows);
  if (points.count() > 0) baseline_ = points.products_[0] / points.count();
  constexpr std::size_t bins = GcPoints::kBins;
  double below = 0;
  std::size_t low = 0, high = bins;
  for (; low < bins && below + points.histogram_[low] <= kOutside * points.count(); ++low) below += points.histogram_[low];
  double above = 0;
  for (; high > low && above + points.histogram_[high - 1] <= kOutside * points.count(); --high) above += points.histogram_[high - 1];
  lowest_ = static_cast<double>(low) / static_cast<double>(bins);
  highest_ = static_cast<double>(high) / static_cast<double>(bins);
}

double GcModel::factor(double share) const {
  if (std::isnan(share)) return 1;
  const double x = std::clamp(share, lowest_, highest_) - 0.5;
  const double expected = coefficients_[0] + x * (coefficients_[1] + x * (coefficients_[2] + x * coefficients_[3]));
  return std::exp2(expected - baseline_);
}

}  // namespace basewise::prepare::detail
