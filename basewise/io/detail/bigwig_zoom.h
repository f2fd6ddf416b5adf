// Zoom levels of a bigWig file, gathered while the data stream past.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace basewise::io::detail {

/// Statistics of the measured bases of one bin.
struct ZoomRecord {
  std::uint32_t chromosome = 0;
  std::uint32_t start = 0;
  std::uint32_t end = 0;
  std::uint32_t covered = 0;
  float minimum = 0;
  float maximum = 0;
  double sum = 0;
  double sum_of_squares = 0;
};

/// Bins of `reduction` bases, aligned to its multiples; bins without data are not there.
class ZoomLevel {
 public:
  ZoomLevel() = default;
  explicit ZoomLevel(std::uint32_t reduction) : reduction_(reduction) {}

  /// Adds one value over [start, end); calls come in order of chromosome and position.
  void add(std::uint32_t chromosome, std::uint32_t length, std::uint32_t start, std::uint32_t end, float value);

  /// The level with bins four times as long. `lengths` are the lengths of the chromosomes by
  /// number.
  ZoomLevel coarser(const std::vector<std::uint32_t>& lengths) const;

  std::uint32_t reduction() const { return reduction_; }
  const std::vector<ZoomRecord>& records() const { return records_; }

  /// Records [first, last) as they stand in a block.
  std::string bytes(std::size_t first, std::size_t last) const;

 private:
  std::uint32_t reduction_ = 0;
  std::vector<ZoomRecord> records_;
};

}  // namespace basewise::io::detail
