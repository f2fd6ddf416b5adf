// Multipliers of one row of numbers: plain loops over memory, for DeepLIFT on a CPU.
#pragma once

#include <cstdint>
#include <vector>

namespace basewise::interpret::detail {

/// Below this difference of inputs the derivative at the sequence is taken (tangermeme 1.6).
constexpr double kSmallDifference = 1e-6;

/// A function of single numbers on both sides of a pair, `n` numbers each.
struct FunctionRow {
  const float* x = nullptr;  ///< read, and given: one side
  const float* y = nullptr;
  const float* other_x = nullptr;  ///< the other side
  const float* other_y = nullptr;
  const float* slope = nullptr;  ///< derivatives at the sequence; of a rectified unit what it read there
  const float* dy = nullptr;     ///< multipliers of the outputs
  std::int64_t n = 0;
};

/// dx = dy (y - other_y) / (x - other_x), or dy slope where inputs differ by less than
/// `kSmallDifference`.
void through_function(const FunctionRow& row, float* dx);

/// The same for max(x, 0), whose outputs are not read.
void through_rectifier(const FunctionRow& row, float* dx);

/// The largest of windows over positions, (positions, channels) in memory.
struct WindowRow {
  std::int64_t channels = 0;
  std::int64_t length = 0;   ///< positions
  std::int64_t windows = 0;  ///< positions of the output
  std::int64_t width = 0;
  std::int64_t stride = 0;
  std::int64_t left = 0;  ///< positions of the first window before the first position
};

/// For each window and channel: what the output changes by goes to the places of the largest number
/// in sequence and reference, and is divided by what these places change by; where a place does not
/// change at all, the multiplier of the output is its own. `dy` (windows, channels), `dx`
/// (length, channels).
class LargestOfWindows {
 public:
  explicit LargestOfWindows(const WindowRow& shape);
  void operator()(const float* sequence, const float* reference, const float* dy, float* dx);

 private:
  void share_out(std::int64_t position, const float* sequence, const float* reference, const float* dy, float* dx) const;

  WindowRow shape_;
  std::vector<float> largest_, largest_before_, share_, share_before_;
  std::vector<std::int32_t> place_, place_before_;
};

}  // namespace basewise::interpret::detail
