#include "basewise/learn/bins.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "basewise/core/error.h"
#include "basewise/core/parallel.h"

namespace basewise::learn {
namespace {

std::vector<ValueCount> counted(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  std::vector<ValueCount> counts;
  for (const double value : values) {
    if (counts.empty() || counts.back().value != value) counts.push_back({value, 0});
    ++counts.back().rows;
  }
  return counts;
}

double halfway(double low, double high) {
  const double middle = low / 2 + high / 2;
  return middle >= low && middle < high ? middle : low;
}

std::vector<double> measured(const Columns& columns, std::int64_t column) {
  std::vector<double> values;
  const auto& all = columns.values[static_cast<std::size_t>(column)];
  for (std::size_t row = 0; row < all.size(); ++row) {
    if (std::isinf(all[row])) throw ArgumentError(format("{} of row {} is infinite", columns.names[static_cast<std::size_t>(column)], row));
    if (!std::isnan(all[row])) values.push_back(all[row]);
  }
  return values;
}

}  // namespace

std::vector<Bin> bins_of(std::span<const ValueCount> values, std::int64_t most) {
  std::vector<Bin> bins;
  std::int64_t left = 0;
  for (const ValueCount& value : values) left += value.rows;
  const bool each = std::ssize(values) <= most;
  for (std::size_t begin = 0; begin < values.size();) {
    // What is left is shared among the bins that are left.
    const std::int64_t free = most - std::ssize(bins), wanted = each ? 1 : (left + free - 1) / free;
    std::size_t end = begin;
    for (std::int64_t held = 0; end < values.size() && held < wanted; ++end) {
      held += values[end].rows;
      left -= values[end].rows;
    }
    bins.push_back({values[begin].value, values[end - 1].value});
    begin = end;
  }
  return bins;
}

BinnedColumns::BinnedColumns(const Columns& columns, std::int64_t most) : rows_(columns.rows) {
  if (most < 2 || most > kMostBins) throw ArgumentError(format("{} bins were asked for; there must be 2 to {}", most, kMostBins));
  const auto n = static_cast<std::size_t>(columns.columns());
  codes_.resize(n * static_cast<std::size_t>(rows_));
  bins_.resize(n);
  parallel_for(columns.columns(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t column = begin; column < end; ++column) {
      auto& bins = bins_[static_cast<std::size_t>(column)];
      bins = bins_of(counted(measured(columns, column)), most);
      const auto& values = columns.values[static_cast<std::size_t>(column)];
      std::uint8_t* codes = codes_.data() + column * rows_;
      for (std::size_t row = 0; row < values.size(); ++row) {
        const auto bin = std::lower_bound(bins.begin(), bins.end(), values[row], [](const Bin& b, double value) { return b.high < value; });
        codes[row] = std::isnan(values[row]) ? kMissing : static_cast<std::uint8_t>(bin - bins.begin());
      }
    }
  });
}

BinnedColumns::BinnedColumns(std::int64_t rows, std::vector<std::uint8_t> codes, std::vector<std::vector<Bin>> bins)
    : rows_(rows), codes_(std::move(codes)), bins_(std::move(bins)) {
  if (std::ssize(codes_) != rows * columns())
    throw ArgumentError(format("{} codes do not fill {} rows of {} columns", codes_.size(), rows, columns()));
  for (std::int64_t column = 0; column < columns(); ++column) {
    const auto its = this->bins(column);
    if (std::ssize(its) > kMostBins) throw ArgumentError(format("column {} has {} bins; {} is the most", column, its.size(), kMostBins));
    for (std::size_t i = 0; i < its.size(); ++i)
      if (!std::isfinite(its[i].low) || !(its[i].low <= its[i].high) || (i > 0 && !(its[i - 1].high < its[i].low)))
        throw ArgumentError(format("column {} has bins that do not rise", column));
    for (std::int64_t row = 0; row < rows; ++row)
      if (const std::uint8_t code = this->codes(column)[row]; code != kMissing && code >= its.size())
        throw ArgumentError(format("row {} of column {} has code {}, and there are {} bins", row, column, code, its.size()));
  }
}

double BinnedColumns::value(std::int64_t row, std::int64_t column) const {
  const std::uint8_t code = codes(column)[row];
  return code == kMissing ? std::numeric_limits<double>::quiet_NaN() : bins(column)[code].low;
}

double BinnedColumns::threshold(std::int64_t column, std::int64_t left, std::int64_t right) const {
  const auto its = bins(column);
  const double middle = halfway(its[static_cast<std::size_t>(left)].high, its[static_cast<std::size_t>(right)].low);
  for (std::int64_t between = left + 1; between < right; ++between) {
    const Bin& bin = its[static_cast<std::size_t>(between)];
    if (bin.low <= middle && middle < bin.high) return bin.high;
  }
  return middle;
}

}  // namespace basewise::learn
