#include "basewise/io/detail/bigwig_zoom.h"

#include <algorithm>

#include "basewise/io/detail/bytes.h"

namespace basewise::io::detail {

void ZoomLevel::add(std::uint32_t chromosome, std::uint32_t length, std::uint32_t start, std::uint32_t end, float value) {
  while (start < end) {
    const std::uint32_t bin = start / reduction_ * reduction_;
    // The last bin could end beyond 2^32 without the detour.
    const std::uint32_t bin_end = length - bin > reduction_ ? bin + reduction_ : length;
    if (records_.empty() || records_.back().chromosome != chromosome || records_.back().start != bin)
      records_.push_back({chromosome, bin, bin_end, 0, value, value, 0, 0});
    ZoomRecord& record = records_.back();
    const std::uint32_t bases = std::min(end, bin_end) - start;
    record.covered += bases;
    record.minimum = std::min(record.minimum, value);
    record.maximum = std::max(record.maximum, value);
    record.sum += static_cast<double>(value) * bases;
    record.sum_of_squares += static_cast<double>(value) * value * bases;
    start += bases;
  }
}

ZoomLevel ZoomLevel::coarser(const std::vector<std::uint32_t>& lengths) const {
  ZoomLevel level(reduction_ * 4);
  for (const ZoomRecord& fine : records_) {
    const std::uint32_t bin = fine.start / level.reduction_ * level.reduction_;
    const std::uint32_t length = lengths[fine.chromosome];
    if (level.records_.empty() || level.records_.back().chromosome != fine.chromosome || level.records_.back().start != bin) {
      level.records_.push_back(fine);
      level.records_.back().start = bin;
      level.records_.back().end = length - bin > level.reduction_ ? bin + level.reduction_ : length;
      continue;
    }
    ZoomRecord& record = level.records_.back();
    record.covered += fine.covered;
    record.minimum = std::min(record.minimum, fine.minimum);
    record.maximum = std::max(record.maximum, fine.maximum);
    record.sum += fine.sum;
    record.sum_of_squares += fine.sum_of_squares;
  }
  return level;
}

std::string ZoomLevel::bytes(std::size_t first, std::size_t last) const {
  std::string out;
  for (std::size_t i = first; i < last; ++i) {
    const ZoomRecord& record = records_[i];
    put(out, record.chromosome);
    put(out, record.start);
    put(out, record.end);
    put(out, record.covered);
    put(out, record.minimum);
    put(out, record.maximum);
    put(out, static_cast<float>(record.sum));
    put(out, static_cast<float>(record.sum_of_squares));
  }
  return out;
}

}  // namespace basewise::io::detail
