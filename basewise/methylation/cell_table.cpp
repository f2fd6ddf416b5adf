#include "basewise/methylation/cell_table.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace basewise::methylation {

ObservedSites::ObservedSites(ChromCalls calls) : positions_(std::move(calls.positions)) {
  positions_.shrink_to_fit();
  if (!std::all_of(calls.shares.begin(), calls.shares.end(), [](float share) { return share == 0 || share == 1; })) {
    shares_ = std::move(calls.shares);
    shares_.shrink_to_fit();
    return;
  }
  states_.reserve(calls.shares.size());
  for (const float share : calls.shares) states_.push_back(share == 1 ? 1 : 0);
}

std::size_t ObservedSites::before(std::int64_t position) const {
  const auto at = std::lower_bound(positions_.begin(), positions_.end(), position,
                                   [](std::uint32_t p, std::int64_t wanted) { return std::int64_t{p} < wanted; });
  return static_cast<std::size_t>(at - positions_.begin());
}

float ObservedSites::share_at(std::int64_t position) const {
  const std::size_t i = before(position);
  const bool measured = i < size() && std::int64_t{positions_[i]} == position;
  return measured ? share(i) : std::numeric_limits<float>::quiet_NaN();
}

std::int64_t ObservedSites::bytes() const {
  return static_cast<std::int64_t>(positions_.size() * sizeof(std::uint32_t) + states_.size() + shares_.size() * sizeof(float));
}

CellTable::CellTable(CallTable calls) : chromosomes_(std::move(calls.chromosomes)), reads_(calls.cells.size(), 0) {
  for (std::size_t cell = 0; cell < calls.cells.size(); ++cell) {
    cells_.push_back(calls.cells[cell].name);
    for (ChromCalls& chrom : calls.cells[cell].chroms) {
      reads_[cell] += std::accumulate(chrom.coverage.begin(), chrom.coverage.end(), std::int64_t{0});
      sites_.emplace_back(std::exchange(chrom, {}));
    }
  }
}

std::int64_t CellTable::sites(std::size_t cell) const {
  std::int64_t sum = 0;
  for (std::size_t chrom = 0; chrom < chromosomes_.size(); ++chrom) sum += static_cast<std::int64_t>(at(cell, chrom).size());
  return sum;
}

double CellTable::mean(std::size_t cell) const {
  double sum = 0;
  for (std::size_t chrom = 0; chrom < chromosomes_.size(); ++chrom)
    at(cell, chrom).visit([&](const auto& shares) { sum = std::accumulate(shares.begin(), shares.end(), sum); });
  const std::int64_t n = sites(cell);
  return n > 0 ? sum / static_cast<double>(n) : std::numeric_limits<double>::quiet_NaN();
}

bool CellTable::is_binary(std::size_t cell) const {
  for (std::size_t chrom = 0; chrom < chromosomes_.size(); ++chrom)
    if (!at(cell, chrom).is_binary()) return false;
  return true;
}

std::int64_t CellTable::bytes() const {
  std::int64_t sum = 0;
  for (const ObservedSites& sites : sites_) sum += sites.bytes();
  return sum;
}

}  // namespace basewise::methylation
