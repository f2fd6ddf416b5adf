// Features as small numbers: what forests are grown from.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "basewise/learn/columns.h"

namespace basewise::learn {

/// Lowest and highest value of those that share a number.
struct Bin {
  double low = 0, high = 0;
};

/// A value, and in how many rows it stands.
struct ValueCount {
  double value = 0;
  std::int64_t rows = 0;
};

/// Bins of values that rise: one for each where there are at most `most`, else such that bins hold
/// near the same number of rows.
std::vector<Bin> bins_of(std::span<const ValueCount> values, std::int64_t most);

/// Columns whose values are replaced by the numbers of bins: (rows, columns), column by column, one
/// byte each. Bins hold neighbouring values and never cut through equal ones, so that they follow
/// from the order of the values alone.
class BinnedColumns {
 public:
  static constexpr std::int64_t kMostBins = 255;  ///< of values, numbered from 0
  static constexpr std::uint8_t kMissing = 255;   ///< the code of what was not measured

  /// A column with at most `most` different values gets one bin for each;
  /// else bins hold near the same number of rows.
  /// Errors: ArgumentError unless 2 <= most <= kMostBins, and for infinite values.
  explicit BinnedColumns(const Columns& columns, std::int64_t most = kMostBins);

  /// Columns of codes that were made elsewhere: (columns, rows), with the bins of each column.
  /// Errors: ArgumentError for codes without a bin, more than kMostBins of them,
  /// and bins that do not rise.
  BinnedColumns(std::int64_t rows, std::vector<std::uint8_t> codes, std::vector<std::vector<Bin>> bins);

  std::int64_t rows() const { return rows_; }
  std::int64_t columns() const { return std::ssize(bins_); }
  const std::uint8_t* codes(std::int64_t column) const { return codes_.data() + column * rows_; }

  std::span<const Bin> bins(std::int64_t column) const { return bins_[static_cast<std::size_t>(column)]; }

  /// A value of the bin in which a row lies, on the same side of every `threshold` as the row; NaN
  /// where it was not measured.
  double value(std::int64_t row, std::int64_t column) const;

  /// A number between what bins `left` and `right` hold, halfway where no other bin lies in the
  /// way; no bin holds values on both sides of it.
  double threshold(std::int64_t column, std::int64_t left, std::int64_t right) const;

 private:
  std::int64_t rows_ = 0;
  std::vector<std::uint8_t> codes_;
  std::vector<std::vector<Bin>> bins_;
};

}  // namespace basewise::learn
