// The text of a progress line, apart from clocks and terminals.
#pragma once

#include <cstdint>
#include <string>

namespace basewise::detail {

struct ProgressState {
  std::string title;
  std::int64_t done = 0;
  std::int64_t total = -1;  ///< < 0: unknown
  std::string unit;
  double elapsed = 0;  ///< seconds
  std::string note;
  bool finished = false;
};

/// "reading  1,200/4,000 sequences  30%  412/s  0:06 left  loss 0.3"; when finished the time taken
/// stands in place of the time left.
std::string progress_line(const ProgressState& state);

/// "0:07", "12:30", "3:04:05"
std::string clock_text(double seconds);

/// "1,234,567"
std::string grouped(std::int64_t n);

}  // namespace basewise::detail
